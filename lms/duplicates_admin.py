"""The queue of records that may be one person: compared, merged, told apart, taken back."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from lms import actions, clock, scope
from lms.actions.merges import UNDO_DAYS
from lms.merging import MergeRefused
from lms.models import Person, PersonMerge

SHOWN = 100


class MergeDesk:
    """Opens only to those who may merge somebody somewhere."""

    def dispatch(self, request, *args, **kwargs):
        if not scope.can(request.user, "merge", Person):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def people(self):
        """Those whom the user may merge."""
        return scope.limit(Person.objects.living(), self.request.user, "merge")


class ReasonForm(forms.Form):
    """Why two records are one."""

    reason = forms.CharField(
        label=_("How do you know?"),
        max_length=200,
        help_text=_("For example: asked by phone, same licence on paper."),
    )


class Screen(MergeDesk, WagtailAdminTemplateMixin, TemplateView):
    """A screen of the queue, named at the end of its way."""

    header_icon = "copy"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]


class Queue(Screen):
    """Pairs that wait for a decision, and the merges of the last days."""

    template_name = "lms/admin/duplicates.html"
    page_title = _("Possible duplicates")

    def get_context_data(self, **kwargs):
        pairs = actions.candidates(self.people, limit=SHOWN)
        shown = {person.pk for pair in pairs for person in pair}
        actions.log_accesses(self.request.user, shown, what=gettext_noop("list of possible duplicates"))
        since = clock.now() - timedelta(days=UNDO_DAYS)
        merges = PersonMerge.objects.filter(at__gte=since, kept__in=self.people.values("pk"))
        return super().get_context_data(
            pairs=[(one, other, actions.likeness(one, other)) for one, other in pairs],
            merges=merges.select_related("gone", "kept"),
            undo_days=UNDO_DAYS,
            **kwargs,
        )


class Pair(Screen):
    """Two records side by side, with what would move either way."""

    template_name = "lms/admin/pair.html"
    page_title = _("Compare two records")

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.pair = []

    def dispatch(self, request, *args, **kwargs):
        pks = [kwargs["first"], kwargs["second"]]
        if request.user.is_authenticated and scope.can(request.user, "merge", Person):
            found = self.people.filter(pk__in=pks).select_related("profession").prefetch_related("licences")
            self.pair = list(found.order_by("pk"))
            # A name alone opens no comparison.
            if len(self.pair) != 2 or not actions.likeness(*self.pair):
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", ReasonForm())
        if self.request.method in {"GET", "HEAD"}:
            for person in self.pair:
                actions.log_access(
                    self.request.user, person, what=gettext_noop("compared with another record")
                )
        sides = [self._side(*pair) for pair in (self.pair, self.pair[::-1])]
        return super().get_context_data(
            why=actions.likeness(*self.pair), sides=sides, rows=_rows(sides), undo_days=UNDO_DAYS, **kwargs
        )

    def _side(self, kept: Person, gone: Person) -> dict:
        mine = scope.facilities(self.request.user, scope.policy_of(Person).acts["merge"])
        works = kept.affiliations.in_force().filter(facility__in=mine.values("pk")).select_related("facility")
        found = {
            "person": kept,
            "licences": list(kept.licences.all()),
            "works": [str(row.facility) for row in works],
        }
        try:
            return {**found, "moves": actions.counted(actions.plan(gone, into=kept))}
        except MergeRefused as refused:
            return {**found, "refusal": str(refused)}

    def post(self, request, *args, **kwargs):
        one, other = self.pair
        if "apart" in request.POST:
            actions.tell_apart(one, other=other, by=request.user)
            messages.success(request, gettext("Recorded: two different people. They are not proposed again."))
            return redirect("lms-duplicates:index")
        form = ReasonForm(request.POST)
        keep = {str(one.pk): (one, other), str(other.pk): (other, one)}.get(request.POST.get("keep"))
        if form.is_valid() and keep:
            try:
                actions.merge_persons(
                    keep[1], into=keep[0], by=request.user, reason=form.cleaned_data["reason"]
                )
            except MergeRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(
                    request, gettext("The two records are one now. It can be taken back for thirty days.")
                )
                return redirect("lms-duplicates:index")
        return self.render_to_response(self.get_context_data(form=form), status=400)


def _rows(sides: list[dict]) -> list[tuple]:
    """Each fact with its words for either record, and whether they differ."""
    facts = [
        (_("Birth date"), lambda side: side["person"].birth_text),
        (_("Professional title"), lambda side: str(side["person"].profession or "")),
        (_("Phone"), lambda side: side["person"].phone),
        (_("E-mail"), lambda side: side["person"].email),
        (_("Licences"), lambda side: ", ".join(map(str, side["licences"]))),
        (_("Works at"), lambda side: "; ".join(side["works"])),
        (_("Login"), lambda side: gettext("yes") if side["person"].user_id else gettext("none")),
        (_("State"), lambda side: side["person"].get_state_display()),
    ]
    rows = [(label, *map(words, sides)) for label, words in facts]
    return [(label, one or "–", other or "–", one != other) for label, one, other in rows]


class Undo(MergeDesk, View):
    """Takes a merge back."""

    http_method_names = ["post"]

    def post(self, request, pk: int):
        merge = PersonMerge.objects.filter(Q(kept__in=self.people.values("pk")), pk=pk).first()
        if merge is None:
            raise Http404
        try:
            actions.undo_merge(merge, by=request.user)
        except MergeRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, gettext("The merge was taken back; both records stand again."))
        return redirect("lms-duplicates:index")


class DuplicateViewSet(ViewSet):
    """Records that may be one person."""

    name = "lms-duplicates"
    menu_label = _("Possible duplicates")
    icon = "copy"

    def get_urlpatterns(self):
        return [
            path("", Queue.as_view(), name="index"),
            path("<int:first>/<int:second>/", Pair.as_view(), name="pair"),
            path("undo/<int:pk>/", Undo.as_view(), name="undo"),
        ]

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: scope.can(request.user, "merge", Person)
        return item

    @property
    def menu_url(self):
        """Where the menu leads."""
        return reverse("lms-duplicates:index")
