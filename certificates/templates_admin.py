"""The template editor in the Wagtail admin: versions of an issuer, their words, logo and signatory, and how they look."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from certificates import drawing, permissions, pictures, samples, wording
from certificates.actions.readiness import designed
from certificates.actions.templates import TemplateFixed, drop_draft, new_version, put_in_force, save_draft
from certificates.conf import conf
from certificates.models import Authority, TemplateVersion
from certificates.models.issuers import Kind
from lms import fonts, names, scope
from lms.keys import read_key
from lms.recent import recent_login_required
from lms.uploads import UploadRefused, check_size, sniff

_TEXTS = list(drawing.LIMITS)
_FREE = {"title", "title_en", "certified", "certified_en", "closing", "closing_en"}
_WHY = {
    "unreadable": _("The picture cannot be read. Please save it again as PNG or JPEG."),
    "too small": _("The picture is too small: it needs at least 60 pixels in width and height."),
    "too large": _("The picture has more than 16 million pixels. Please make it smaller."),
    "too rich": _(
        "The picture is too rich for a logo. Please take a drawing of few colours, not a photograph."
    ),
}


class TemplateForm(forms.ModelForm):
    """What an issuer may decide. The words of the law are not here, and where a kind has its own form, nor is the title."""

    logo_file = forms.FileField(
        label=_("Logo (PNG or JPEG)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("Only the picture itself is kept, made small; nothing else that the file tells."),
    )
    drop_logo = forms.BooleanField(label=_("without logo"), required=False)

    class Meta:
        model = TemplateVersion
        fields = [
            "mode",
            "governing_body",
            "heading",
            "title",
            "certified",
            "closing",
            "place",
            "authority",
            "represented",
            "signatory_title",
            "signatory_name",
            "governing_body_en",
            "heading_en",
            "title_en",
            "certified_en",
            "closing_en",
            "signatory_title_en",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.picture: pictures.Picture | None = None
        if self.instance.kind in {"", *wording.FIXED_KINDS}:
            for name in ("title", "certified", "title_en", "certified_en"):
                del self.fields[name]
        if not self.instance.logo_id:
            del self.fields["drop_logo"]

    def clean_logo_file(self):
        """Take a PNG or JPEG of a size that somebody means, and make the logo of it."""
        found = self.cleaned_data["logo_file"]
        if not found:
            return None
        try:
            check_size(found, pictures.MOST_BYTES)
        except UploadRefused as error:
            raise forms.ValidationError(error.message) from error
        if sniff(found) not in {"image/png", "image/jpeg"}:
            raise forms.ValidationError(_WHY["unreadable"])
        try:
            self.picture = pictures.prepare(found.read())
        except pictures.Unusable as error:
            raise forms.ValidationError(_WHY[error.why]) from error
        return found

    def clean(self):
        """Refuse letters that cannot be printed, texts too long for their place, and words of another kind."""
        data = super().clean()
        for name in _TEXTS:
            if name in data:
                data[name] = names.clean(data[name])
                self._look_at(name, data[name])
        authority, represented = data.get("authority"), data.get("represented")
        if (
            authority
            and authority != Authority.ACTING
            and not represented
            and "represented" not in self.errors
        ):
            self.add_error("represented", _("Say for whom he signs, for example GIÁM ĐỐC."))
        if represented and (not authority or authority == Authority.ACTING):
            self.add_error("represented", _("Only KT., TL., TUQ. and TM. name somebody else."))
        return data

    def _look_at(self, name: str, text: str) -> None:
        if unknown := fonts.load().missing(text + text.upper()):
            self.add_error(
                name,
                _("These characters cannot be printed: %(characters)s.") % {"characters": " ".join(unknown)},
            )
            return
        taken, most = drawing.lines_of(name, text), drawing.LIMITS[name][3]
        if taken > most:
            self.add_error(
                name,
                ngettext(
                    "Too long: it takes %(taken)s lines, and there is room for %(most)s line.",
                    "Too long: it takes %(taken)s lines, and there is room for %(most)s lines.",
                    most,
                )
                % {"taken": taken, "most": most},
            )
        if name in _FREE:
            self._look_for_reserved(name, text)

    def _look_for_reserved(self, name: str, text: str) -> None:
        folded = names.fold(text)
        for words, kind in wording.RESERVED.items():
            if kind != self.instance.kind and names.fold(words) in folded:
                self.add_error(
                    name,
                    _("“%(words)s” belongs to another document; kinds are kept apart.") % {"words": words},
                )


class _Screen(WagtailAdminTemplateMixin, TemplateView):
    """A screen of templates, for the offices of an issuer."""

    page_title = _("Templates of certificates")
    header_icon = "doc-full"

    def dispatch(self, request, *args, **kwargs):
        if not permissions.sees_templates(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def template(self) -> TemplateVersion:
        """The version that the address names; 404 for other offices'."""
        return permissions.get_template_for(self.request.user, self.kwargs["pk"])


class Templates(_Screen):
    """Every version of one's issuers; POST begins a new one."""

    template_name = "lms_certificates/admin/templates.html"

    def get_context_data(self, **kwargs):
        rows = scope.limit(TemplateVersion.objects.all(), self.request.user, "change")
        return super().get_context_data(
            templates=rows.select_related("issuer__facility", "made_by", "in_force_by")[:200],
            issuers=permissions.designing_for(self.request.user).select_related("facility"),
            kinds=TemplateVersion._meta.get_field("kind").choices,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        asked, kind = request.POST.get("issuer", ""), request.POST.get("kind", "")
        issuer = permissions.designing_for(request.user).filter(pk=read_key(asked)).first()
        if issuer is None or kind not in {"", *Kind.values} - {Kind.TECHNIQUE}:
            raise Http404
        return redirect("lms-templates:edit", new_version(issuer, kind=kind, by=request.user).pk)


class EditTemplate(_Screen):
    """One version: a form for a draft, its words for one that is fixed; and how it looks."""

    template_name = "lms_certificates/admin/template.html"

    def get_context_data(self, **kwargs):
        row = kwargs.pop("row", None) or self.template()
        user = self.request.user
        signs = scope.has_role(user, *permissions.SIGNERS, facility=row.issuer.facility)
        kwargs.setdefault("form", TemplateForm(instance=row) if row.is_draft else None)
        return super().get_context_data(
            row=row, words=_words(row), may_put=row.is_draft and signs and row.made_by_id != user.pk, **kwargs
        )

    def post(self, request, *args, **kwargs):
        row = self.template()
        form = TemplateForm(request.POST, request.FILES, instance=row)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(row=row, form=form), status=422)
        values = {name: form.cleaned_data[name] for name in form.Meta.fields if name in form.fields}
        try:
            save_draft(
                row,
                by=request.user,
                values=values,
                picture=form.picture,
                drop_logo=bool(form.cleaned_data.get("drop_logo")),
            )
        except TemplateFixed as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, gettext("The draft is saved. A second person who signs puts it in force.")
            )
        return redirect("lms-templates:edit", row.pk)


class Sample(_Screen):
    """How documents look, as a PDF of nobody with long names: GET as it is kept, POST as it stands in the form."""

    def get(self, request, *args, **kwargs):
        row = self.template()
        return self._pdf(row, row.logo.picture if row.logo else None)

    def post(self, request, *args, **kwargs):
        row = self.template()
        picture = row.logo.picture if row.logo else None
        form = TemplateForm(request.POST, request.FILES, instance=row)
        if not form.is_valid():
            return HttpResponse(_plain(form), content_type="text/plain; charset=utf-8", status=422)
        if form.cleaned_data.get("drop_logo"):
            picture = None
        return self._pdf(row, form.picture or picture)

    def _pdf(self, row: TemplateVersion, picture: pictures.Picture | None) -> HttpResponse:
        asked = self.request.POST or self.request.GET
        count = asked.get("count", "")
        facts = samples.sample(
            kind=row.kind or Kind.CME.value,
            language="en" if asked.get("language") == "en" else "vi",
            length="short" if asked.get("length") == "short" else "long",
            count=min(max(int(count) if count.isdecimal() and len(count) < 4 else 1, 1), 40),
            words=_facts(row, picture),
        )
        response = HttpResponse(
            conf.RENDERER(facts | ({"picture": picture} if picture else {})), content_type="application/pdf"
        )
        response["Cache-Control"] = "private, no-store"
        response["Content-Disposition"] = 'inline; filename="mau.pdf"'
        return response


class PutInForce(_Screen):
    """Puts a draft in force; there is nothing to look at."""

    http_method_names = ["post"]

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        row = self.template()
        try:
            put_in_force(row, by=request.user)
        except (TemplateFixed, permissions.NotAllowed) as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, gettext("In force: the next certificates look like this; older ones stay.")
            )
        return redirect("lms-templates:edit", row.pk)


class DropDraft(_Screen):
    """Throws a draft away; there is nothing to look at."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            drop_draft(self.template(), by=request.user)
        except TemplateFixed as error:
            messages.error(request, str(error))
        return redirect("lms-templates:index")


class TemplateViewSet(ViewSet):
    """What documents look like."""

    name = "lms-templates"
    menu_label = _("Templates")
    icon = "doc-full"

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: permissions.sees_templates(request.user)
        return item

    def get_urlpatterns(self):
        return [
            path("", self.construct_view(Templates), name="index"),
            path("<int:pk>/", self.construct_view(EditTemplate), name="edit"),
            path("<int:pk>/sample/", self.construct_view(Sample), name="sample"),
            path("<int:pk>/put-in-force/", self.construct_view(PutInForce), name="put_in_force"),
            path("<int:pk>/drop/", self.construct_view(DropDraft), name="drop"),
        ]


def _facts(row: TemplateVersion, picture: pictures.Picture | None) -> dict:
    issuer = row.issuer
    words = {
        "governing_body": names.clean(issuer.governing_body or issuer.facility.governing_body),
        "facility": names.clean(issuer.facility.name),
        "place": names.clean(issuer.place),
    }
    words |= designed(words, row)
    words["design"].pop("logo", None)
    if picture is not None:
        named = {"sha256": picture.sha256, "width": picture.width, "height": picture.height}
        words["design"]["logo"] = named
    return words


def _words(row: TemplateVersion) -> list[tuple[str, str]]:
    found = []
    for name in TemplateForm.Meta.fields:
        display = getattr(row, f"get_{name}_display", None)
        if value := (display() if display else getattr(row, name)):
            found.append((row._meta.get_field(name).verbose_name, value))
    return found


def _plain(form) -> str:
    return "\n".join(
        f"{form.fields[name].label if name in form.fields else ''}: {error}"
        for name, errors in form.errors.items()
        for error in errors
    )
