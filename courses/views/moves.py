"""Moving learners to a newer version: its effect on the class and on each learner first, then the move."""

from collections import Counter
from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from courses.actions import moves, runs
from courses.forms import MoveForm
from courses.models import Enrolment, Release, Run
from courses.moving import Line, learning_in, preview
from courses.permissions import get_run_for
from courses.views.workbench import Screen
from courses.wording import changes_in_words
from lms.actions import log_accesses
from lms.keys import read_keys
from lms.languages import pick

PER_PAGE = 100
OUTLOOKS = ("complete", "less", "same", "more")


class Move(Screen):
    """A class whose course has a newer version in force: what a move would do; the move itself."""

    template_name = "lms_courses/workbench/move.html"

    @cached_property
    def run(self) -> Run:
        return get_run_for(self.request.user, self.kwargs["pk"])

    @cached_property
    def to(self) -> Release | None:
        return self.run.newer_release()

    @cached_property
    def targets(self) -> list[Run]:
        """Classes of the newer version that still take people."""
        return list(self.to.runs.filter(is_closed=False).order_by("code")) if self.to else []

    def target(self, value: str | None) -> Run | None:
        return next((one for one in self.targets if str(one.pk) == value), None)

    def get_page_title(self):
        return _("Move class %(code)s to the newer version") % {"code": self.run.code}

    def crumbs(self):
        course = self.run.release.course
        return [
            {"url": reverse("lms_courses_admin:course", args=[course.pk]), "label": course.title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs):
        run, to = self.run, self.to
        context = super().get_context_data(**kwargs) | {"run": run, "to": to}
        if to is None:
            return context
        target = kwargs["target"] if "target" in kwargs else self.target(self.request.GET.get("to"))
        lines = preview(list(learning_in(run)), run, to, target=target)
        lines.sort(key=lambda line: line.enrolment.person.sort_key)
        going = [line for line in lines if not line.stays]
        page = Paginator(lines, PER_PAGE).get_page(self.request.GET.get("p"))
        shown = [line.enrolment.person_id for line in page]
        log_accesses(
            self.request.user, shown, what=gettext_noop("effect of a newer version"), purpose=run.code
        )
        outlooks = Counter(line.effect.outlook for line in going)
        code = f"{run.code}-V{to.number}"[:30]
        return context | {
            "changes": changes_in_words(run.release, to),
            "target": target,
            "targets": self.targets,
            "page": page,
            "rows": [in_words(line) for line in page],
            "going": len(going),
            "staying": len(lines) - len(going),
            "outlooks": [(_(OUTCOMES[one]), outlooks[one]) for one in OUTLOOKS if outlooks[one]],
            "completed": run.enrolments.filter(state=Enrolment.State.COMPLETED).count(),
            "form": kwargs.get("form") or MoveForm(initial={"code": code, "who": "all"}),
            "ticked": kwargs.get("ticked", set()),
        }

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Move all or those ticked; whatever is refused shows the effect again and changes nothing."""
        run, form = self.run, MoveForm(request.POST)
        if self.to is None:
            messages.error(request, _("This class learns the version in force; there is none to move to."))
            return redirect(reverse("lms_courses_admin:newer", args=[run.pk]))
        ticked = read_keys(request.POST.getlist("enrolment"))
        target = self.target(request.POST.get("to"))
        if request.POST.get("to") and target is None:
            form.add_error(None, _("Choose a class of the newer version that still takes people."))
        if form.is_valid() and form.cleaned_data["who"] == "ticked" and not ticked:
            form.add_error(None, _("Tick at least one learner, or choose all."))
        done = None
        if form.is_valid():
            to = get_object_or_404(Release, pk=form.cleaned_data["release"], course=run.release.course_id)
            try:
                done = moves.move(
                    run,
                    to=to,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    chosen=ticked if form.cleaned_data["who"] == "ticked" else None,
                    target=target,
                    code=form.cleaned_data["code"],
                )
            except (moves.MoveRefused, runs.RunRefused) as refusal:
                form.add_error(None, str(refusal))
        if done is None:
            context = self.get_context_data(form=form, ticked=ticked, target=target)
            response = self.render_to_response(context)
            response.status_code = 422
            return response
        tell(request, done)
        return redirect(reverse("lms_courses_admin:newer", args=[run.pk]))


OUTCOMES = {
    "complete": gettext_noop("has completed the course at once"),
    "less": gettext_noop("less to do than now"),
    "same": gettext_noop("as much to do as now"),
    "more": gettext_noop("more to do than now"),
}


def tell(request: HttpRequest, done: moves.Moved) -> None:
    """Say who went and who stayed."""
    if done.moves:
        count = len(done.moves)
        messages.success(
            request,
            ngettext(
                "%(count)s learner is now in class %(run)s.",
                "%(count)s learners are now in class %(run)s.",
                count,
            )
            % {"count": count, "run": done.run.code},
        )
    if done.stayed:
        count = len(done.stayed)
        messages.warning(
            request,
            ngettext(
                "%(count)s learner stayed; the list says why.",
                "%(count)s learners stayed; the list says why.",
                count,
            )
            % {"count": count},
        )
    if not done.moves and not done.stayed:
        messages.info(request, _("Nobody was left to move."))


def in_words(line: Line) -> dict:
    """One learner as the table shows them."""
    effect = line.effect
    parts = [
        (_("stays done"), effect.kept),
        (_("now counts as done"), effect.gained),
        (_("new to do"), effect.new),
        (_("begins again, another recording"), effect.again),
        (_("done, no longer part of the course"), effect.dropped),
    ]
    return {
        "enrolment": line.enrolment,
        "stays": line.stays,
        "outlook": effect.outlook,
        "outcome": _(OUTCOMES[effect.outlook]),
        "before": (len(line.before.met), len(line.before.lessons)),
        "after": (len(line.after.met), len(line.after.lessons)),
        "parts": [(label, ", ".join(map(title, items))) for label, items in parts if items],
    }


def title(item) -> str:
    """The title of an item of an outline in the active language."""
    return pick(item["title"].get("vi", ""), item["title"].get("en", ""))
