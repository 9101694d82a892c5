"""The words of messages in the Wagtail admin: what is told, in which words, tried before it is kept."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from lms import events, letters, limits, permissions
from lms.actions.templates import (
    TemplateRefused,
    check_words,
    example_of,
    restore_words,
    try_words,
    write_words,
)
from lms.letters import Letter
from lms.messages import words_of
from lms.models import MessageTemplate

TRIES_AN_HOUR = 10


class WordsForm(forms.ModelForm):
    """The words of one event in one language."""

    class Meta:
        model = MessageTemplate
        fields = ["subject", "text", "short"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8}), "short": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "text": _("Read on the site and in the e-mail."),
            "short": _("Sent by text message. With Vietnamese letters 70 signs fit into one."),
        }

    def letter(self) -> Letter:
        return Letter(*(self.cleaned_data[name] for name in self.Meta.fields))


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """One screen, for whoever may change what all hospitals say."""

    header_icon = "mail"

    def dispatch(self, request, *args, **kwargs):
        if not permissions.can_write_messages(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Index(Screen):
    """Every event by kind, with the languages in which an office wrote its own words."""

    template_name = "lms/admin/words.html"
    page_title = _("Words of messages")

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        written = set(MessageTemplate.objects.values_list("event", "language"))
        kinds: dict[events.Kind, list] = {}
        for one in events.every():
            ways = [
                {
                    "name": str(name),
                    "url": reverse("lms-words:edit", args=[one.key, code]),
                    "is_own": (one.key, code) in written,
                }
                for code, name in settings.LANGUAGES
            ]
            kinds.setdefault(events.Kind(one.kind), []).append({"event": one, "ways": ways})
        shown = [
            {"code": kind.value, "label": kind.label, "is_optional": kind not in events.ALWAYS, "rows": rows}
            for kind, rows in kinds.items()
        ]
        return super().get_context_data(**kwargs) | {"kinds": shown}


class Edit(Screen):
    """The words of one event in one language: looked at, tried on oneself, kept, or taken back."""

    template_name = "lms/admin/words_edit.html"

    @cached_property
    def event(self) -> events.Event:
        found = events.find(self.kwargs["event"])
        if found is None or self.kwargs["language"] not in dict(settings.LANGUAGES):
            raise Http404
        return found

    @property
    def language(self) -> str:
        return self.kwargs["language"]

    def get_page_title(self):
        return str(self.event.title)

    def get_page_subtitle(self):
        return str(dict(settings.LANGUAGES)[self.language])

    def get_breadcrumbs_items(self):
        index = {"url": reverse("lms-words:index"), "label": _("Words of messages")}
        return [*super().get_breadcrumbs_items(), index, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        own = MessageTemplate.objects.filter(event=self.event.key, language=self.language)
        with override(self.language):
            now = words_of(self.event.key, self.language)
            places = [(name, str(value)) for name, value in self.event.example.items()]
        form = kwargs.get("form") or WordsForm(
            initial={"subject": now.subject, "text": now.text, "short": now.short}
        )
        shown = kwargs.get("shown") or example_of(self.event, now, self.language)
        return super().get_context_data(**kwargs) | {
            "form": form,
            "shown": shown,
            "parts": letters.sms_parts(shown.short),
            "places": places,
            "row": own.select_related("changed_by__person").first(),
            "address": getattr(permissions.person_of(self.request.user), "email", ""),
        }

    def post(self, request, *args, **kwargs):
        event, language, do = self.event, self.language, request.POST.get("do")
        if do == "restore":
            restore_words(event, language=language)
            messages.success(request, gettext("The words the site came with hold again."))
            return redirect(request.path)
        form = WordsForm(request.POST)
        if not form.is_valid():
            return self._again(form, 422)
        letter = form.letter()
        try:
            check_words(event, letter)
            if do == "save":
                write_words(event, language=language, letter=letter, by=request.user)
                messages.success(request, gettext("Saved. From now on people are told in these words."))
                return redirect(request.path)
            if do == "try":
                return self._try(request, form, letter)
        except TemplateRefused as refused:
            form.add_error(None, str(refused))
            return self._again(form, 422)
        return self._again(form, 200, example_of(event, letter, language))

    def _try(self, request, form: WordsForm, letter: Letter):
        person = permissions.person_of(request.user)
        if person is None:
            raise TemplateRefused(gettext("This login belongs to no person, so there is nobody to send to."))
        if not limits.hit("lms.words", str(request.user.pk), limit=TRIES_AN_HOUR, seconds=3600):
            form.add_error(None, gettext("That was tried often enough for now. Please wait an hour."))
            return self._again(form, 429)
        address = try_words(self.event, language=self.language, letter=letter, person=person)
        messages.success(request, gettext("Sent to %(address)s. Nothing was saved.") % {"address": address})
        return self._again(form, 200, example_of(self.event, letter, self.language))

    def _again(self, form: WordsForm, status: int, shown: Letter | None = None):
        return self.render_to_response(self.get_context_data(form=form, shown=shown), status=status)


class WordsViewSet(ViewSet):
    """The words of messages."""

    name = "lms-words"
    icon = "mail"
    menu_label = _("Words of messages")
    menu_order = 8990
    menu_name = "lms-words"

    def get_urlpatterns(self):
        return [
            path("", Index.as_view(), name="index"),
            path("<slug:event>/<slug:language>/", Edit.as_view(), name="edit"),
        ]

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: permissions.can_write_messages(request.user)
        return item
