"""One class in the administration: who is stuck where, reminders, the export; seats, quotas, the list, codes."""

import csv
import io
from collections.abc import Iterator
from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from courses import journey
from courses.actions import applications, class_codes, reminding, runs
from courses.actions.enrolments import EnrolmentRefused
from courses.forms_class import ChangeRunForm, CodeForm, QuotaForm
from courses.models import Application, ClassCode, Enrolment, LessonProgress, Run, RunQuota
from courses.needs import in_need, needs_of, with_needs
from courses.permissions import can, courses_for, get_run_for
from courses.views.workbench import Screen
from lms import clock, codes
from lms.actions import log_accesses
from lms.keys import read_key
from lms.languages import pick
from lms.spreadsheets import XLSX, harmless, write_rows

PER_PAGE = 50
LINE_SHOWN = 50
"""Applications on the screen of a class; the approvals show them all."""


class Class(Screen):
    """Who learns in one class and where they are; for the training office how one gets in, too."""

    template_name = "lms_courses/workbench/class.html"
    header_icon = "group"

    @cached_property
    def run(self) -> Run:
        return run_of(self.request.user, self.kwargs["pk"])

    def get_page_title(self):
        return _("Class %(code)s") % {"code": self.run.code}

    def crumbs(self):
        course = self.run.release.course
        return [
            {"url": reverse("lms_courses_admin:course", args=[course.pk]), "label": course.title},
            {"url": "", "label": self.run.code},
        ]

    def get_context_data(self, **kwargs):
        run, user, now = self.run, self.request.user, clock.nearly()
        may_issue = can(user, "issue", run.release.course)
        rows = learners_of(run)
        needy = in_need(rows, now)
        only = self.request.GET.get("only") == "help"
        page = Paginator((needy if only else rows).order_by("last_move", "pk"), PER_PAGE)
        page = page.get_page(self.request.GET.get("p"))
        ways = journey.of_many(list(page.object_list), self.request, with_facts=False) if page else []
        shown = [way.enrolment.person_id for way in ways]
        context = {
            "run": run,
            "may_issue": may_issue,
            "page": page,
            "only": only,
            "needy": needy.count(),
            "lines": [(way, needs_of(way.enrolment, now)) for way in ways],
            "lessons": lessons_of(run),
            "completed": run.enrolments.filter(state=Enrolment.State.COMPLETED).count(),
        }
        if may_issue:
            line = (
                run.applications.open().select_related("person", "facility").order_by("queued_at", "asked_at")
            )
            context |= {
                "line": line[:LINE_SHOWN],
                "line_count": line.count(),
                "quotas": run.quotas.select_related("province"),
                "codes": [
                    (row, codes.shown(row.code), self._link(row), row.is_in_force(now))
                    for row in run.codes.all()
                ],
                "form": kwargs.get("form") or ChangeRunForm(instance=run),
                "quota_form": kwargs.get("quota_form") or QuotaForm(),
                "code_form": kwargs.get("code_form") or CodeForm(),
            }
            shown += [row.person_id for row in context["line"]]
        log_accesses(user, shown, what=gettext_noop("learners of a class"), purpose=run.code)
        return super().get_context_data(**kwargs) | context

    def _link(self, row: ClassCode) -> str:
        return self.request.build_absolute_uri(reverse("lms_courses:join", args=[row.code]))


def run_of(user, pk: int) -> Run:
    """A class whose learners *user* may see, or 404."""
    rows = Run.objects.filter(release__course__in=courses_for(user, "learners").values("pk"))
    return get_object_or_404(rows.select_related("release__course__facility"), pk=pk)


def learners_of(run: Run):
    """Those who learn in *run* now, with what the needs are read from."""
    rows = with_needs(run.enrolments.open())
    return rows.select_related("run__release", "person__profession", "facility")


def lessons_of(run: Run) -> list[dict]:
    """How many of those in the class have done each lesson: where a class is stuck shows at a glance."""
    inside = run.enrolments.exclude(state=Enrolment.State.WITHDRAWN)
    total = inside.count()
    rows = LessonProgress.objects.filter(enrolment__in=inside.values("pk"), met_at__isnull=False)
    done = dict(rows.order_by().values_list("lesson").annotate(Count("pk")))
    return [
        {
            "number": number,
            "title": pick(item["title"]["vi"], item["title"]["en"]),
            "done": done.get(item["lesson"], 0),
            "total": total,
        }
        for number, item in enumerate(run.release.outline, start=1)
    ]


def _to(run: Run, anchor: str = "") -> HttpResponse:
    return redirect(reverse("lms_courses_admin:class", args=[run.pk]) + (f"#{anchor}" if anchor else ""))


def _again(request: HttpRequest, run: Run, **forms) -> HttpResponse:
    """The screen with a form that was not accepted; nothing was changed."""
    messages.error(request, _("Nothing was changed. Please look at the marked fields."))
    view = Class()
    view.setup(request, pk=run.pk)
    response = view.render_to_response(view.get_context_data(**forms))
    response.status_code = 422
    return response


# --- learners ---------------------------------------------------------------------------------------


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind one learner, or all who need help."""
    run = run_of(request.user, pk)
    rows = learners_of(run)
    one = request.POST.get("enrolment", "")
    if one:
        if not (found := rows.filter(pk=read_key(one))):
            raise Http404
        rows = found
    else:
        rows = in_need(rows, clock.now())
    ways = journey.of_many(list(rows.order_by("pk")), request, with_facts=False)
    count = reminding.remind(ways, by=request.user)
    words = ngettext("%(count)d learner is reminded.", "%(count)d learners are reminded.", count)
    messages.success(request, " ".join([words % {"count": count}, _("Nobody is reminded twice on one day.")]))
    return _to(run, "learners")


@require_safe
def export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The learners of a class as XLSX or CSV: no cell is a formula, and who was exported is logged."""
    run = run_of(request.user, pk)
    rows = list(
        with_needs(run.enrolments.exclude(state=Enrolment.State.WITHDRAWN))
        .select_related("run__release", "person__profession", "facility")
        .order_by("person__sort_key", "pk")
    )
    log_accesses(
        request.user,
        [row.person_id for row in rows],
        what=gettext_noop("export of a class"),
        purpose=run.code,
    )
    header = [
        _("Full name"),
        _("Birth year"),
        _("Professional title"),
        _("Workplace"),
        _("State"),
        _("Lessons done"),
        _("Lessons"),
        _("Attendance, per cent"),
        _("Is at"),
        _("Last move"),
        _("Needs help"),
        _("Completed on"),
    ]
    cells = table(rows, request)
    name = f"{run.code}-{clock.today():%Y%m%d}.{kind}"
    if kind == "xlsx":
        answer = HttpResponse(write_rows(header, cells, title=run.code), content_type=XLSX)
    else:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(map(harmless, header))
        writer.writerows([harmless(cell) for cell in row] for row in cells)
        # The mark lets spreadsheets read the accents.
        answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def table(rows: list[Enrolment], request) -> Iterator[list[str]]:
    """One row of text cells per learner, some hundred journeys at a time."""
    now = clock.nearly()
    for start in range(0, len(rows), 200):
        for way in journey.of_many(rows[start : start + 200], request, with_facts=False):
            row = way.enrolment
            person = row.person
            yield [
                person.full_name,
                str(person.birth_year or ""),
                str(person.profession or ""),
                str(row.facility or ""),
                str(row.get_state_display()),
                str(way.done),
                str(way.total),
                number_format(way.result.attendance_pct),
                way.next.title if way.next else "",
                date_format(timezone.localtime(row.last_move), "d/m/Y"),
                ", ".join(need.text for need in needs_of(row, now)),
                date_format(timezone.localtime(row.completed_at), "d/m/Y") if row.completed_at else "",
            ]


# --- how one gets in --------------------------------------------------------------------------------


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change seats, days, mode and clocks of a class."""
    run = get_run_for(request.user, pk)
    form = ChangeRunForm(request.POST, instance=Run.objects.get(pk=run.pk))
    if form.is_valid():
        try:
            runs.change_run(run, by=request.user, **form.cleaned_data)
        except runs.RunRefused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _again(request, run, form=form)
    messages.success(request, _("Saved. Seats that became free are offered to those who wait."))
    return _to(run, "seats")


@require_POST
def set_quota(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how many people of a province a class takes."""
    run = get_run_for(request.user, pk)
    form = QuotaForm(request.POST)
    if form.is_valid():
        try:
            runs.set_quota(run, by=request.user, **form.cleaned_data)
        except runs.RunRefused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _again(request, run, quota_form=form)
    messages.success(request, _("Saved. Seats that became free are offered to those who wait."))
    return _to(run, "seats")


@require_POST
def drop_quota(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a province take any seat again."""
    quota = get_object_or_404(RunQuota, pk=pk)
    run = get_run_for(request.user, quota.run_id)
    runs.drop_quota(quota, by=request.user)
    messages.success(request, _("People of this province take any free seat again."))
    return _to(run, "seats")


@require_POST
def make_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a code by which invited people enrol."""
    run = get_run_for(request.user, pk)
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            class_codes.make_code(run, by=request.user, **form.cleaned_data)
        except EnrolmentRefused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _again(request, run, code_form=form)
    messages.success(request, _("The code is made. Pass on the code or its link."))
    return _to(run, "codes")


@require_POST
def withdraw_code(request: HttpRequest, pk: int) -> HttpResponse:
    """End a code; who enrolled by it stays."""
    code = get_object_or_404(ClassCode, pk=pk)
    run = get_run_for(request.user, code.run_id)
    class_codes.withdraw_code(code, by=request.user)
    messages.success(request, _("The code opens nothing any more. Who enrolled by it stays."))
    return _to(run, "codes")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the waiting list, with a reason that they read."""
    application = get_object_or_404(Application.objects.select_related("run"), pk=pk)
    run = get_run_for(request.user, application.run_id)
    try:
        applications.remove(application, by=request.user, reason=request.POST.get("reason", ""))
    except applications.DecisionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken off the list; the person is told why."))
    return _to(run, "line")
