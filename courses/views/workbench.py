"""The course workbench in the Wagtail admin: what a course lacks, its releases, classes and learners.

Every change is a POST of its own; whoever may not do it finds nothing there (404).
"""

import mimetypes
from functools import cached_property
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from courses import journey
from courses.actions import clinical_reviews, releases, runs, staff
from courses.facts import result_of
from courses.forms import (
    ClinicalReviewForm,
    CommentForm,
    DecisionForm,
    LessonFormSet,
    RulesForm,
    RunForm,
    StaffForm,
)
from courses.links import modules_of, pages_of
from courses.models import (
    AppraisalStep,
    CompletionReview,
    Course,
    CourseStaff,
    Enrolment,
    LessonKind,
    Observation,
    Pathway,
    Post,
    Release,
    Run,
    SignOff,
)
from courses.permissions import (
    can,
    courses_for,
    get_course_for,
    get_release_for,
    get_run_for,
    has_workbench,
    retractable,
    reviews_for,
)
from courses.views import drafts, readiness
from courses.wording import changes_in_words
from lms import media, names, scope
from lms.actions import log_access, log_accesses
from lms.languages import pick
from lms.models import Affiliation, Person

PER_PAGE = 50
STEPS = Prefetch("steps", AppraisalStep.objects.select_related("by__person"))
"""What was decided about a release, with who did it, in one query."""


class Screen(WagtailAdminTemplateMixin, TemplateView):
    """One screen of the workbench with Wagtail's furniture."""

    header_icon = "list-ul"

    def get_breadcrumbs_items(self):
        index = {"url": reverse("lms_courses_admin:index"), "label": _("Courses")}
        return [*super().get_breadcrumbs_items(), index, *self.crumbs()]

    def crumbs(self) -> list[dict]:
        return []


class Index(Screen):
    """The courses of the user's own scope."""

    template_name = "lms_courses/workbench/index.html"
    page_title = gettext_lazy("Courses")

    def dispatch(self, request, *args, **kwargs):
        if not has_workbench(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        holding = Q(releases__runs__enrolments__state=Enrolment.State.ACTIVE)
        rows = (
            courses_for(self.request.user)
            .select_related("facility")
            .annotate(learners=Count("releases__runs__enrolments", filter=holding, distinct=True))
            .order_by("title_vi", "pk")
        )
        query = names.fold(self.request.GET.get("q", ""))[:100]
        courses = [one for one in rows if query in names.fold(f"{one.code} {one.title_vi} {one.title_en}")]
        page = Paginator(courses, PER_PAGE).get_page(self.request.GET.get("p"))
        latest: dict[int, Release] = {}
        for release in (
            Release.objects.filter(course__in=[one.pk for one in page]).defer("outline").order_by("number")
        ):
            latest[release.course_id] = release
        for course in page:
            course.latest = latest.get(course.pk)
        context = {
            "courses": page,
            "query": self.request.GET.get("q", "")[:100],
            "sees_reviews": scope.can(self.request.user, "view", CompletionReview),
            "sees_pathways": scope.can(self.request.user, "view", Pathway),
            "may_import": scope.can(self.request.user, "archive", Course),
            "open_reviews": reviews_for(self.request.user).open().count(),
            "providers": drafts.providers_of(self.request.user),
            "drafts": drafts.drafts_of(self.request.user),
        }
        return super().get_context_data(**kwargs) | context


class Workbench(Screen):
    """One course: outline, rules, what blocks it, releases, classes, staff, who is stuck where."""

    template_name = "lms_courses/workbench/course.html"

    @cached_property
    def course(self) -> Course:
        return get_course_for(self.request.user, self.kwargs["pk"])

    def get_page_title(self):
        return self.course.title

    def crumbs(self):
        return [{"url": "", "label": self.course.title}]

    def get_context_data(self, **kwargs):
        course, user = self.course, self.request.user
        acts = {
            act: can(user, act, course) for act in ("build", "issue", "learners", "talk", "staff", "archive")
        }
        acts["appraise"] = scope.can(user, "appraise", Release(course=course))
        lessons = releases.lessons_of(course)
        history = list(
            course.releases.defer("outline")
            .select_related("created_by", "appraised_by", "issued_by")
            .prefetch_related(STEPS)
            .order_by("-number")
        )
        blockers = readiness.before_appraisal(course, lessons)
        waiting = next((one for one in history if one.state == Release.State.SUBMITTED), None)
        outline = kwargs.get("lessons") or LessonFormSet(queryset=lessons)
        pages = pages_of([course.key, *(one.key for one in lessons)])
        modules = modules_of(pages)
        before = ""
        for form in outline:
            module = modules.get(form.instance.key, "")
            form.heading = module or _("Outside the modules") if module != before else ""
            before = module
        if acts["build"]:
            for form in outline:
                lesson_page = pages.get(form.instance.key)
                form.editor_url = lesson_page and reverse("wagtailadmin_pages:edit", args=[lesson_page.pk])
        context = {
            "course": course,
            "acts": acts,
            "open_questions": Post.objects.filter(run__release__course=course).unanswered().count(),
            "rules": kwargs.get("rules") or RulesForm(instance=course),
            "facts": [] if acts["build"] else rules_in_words(course),
            "lessons": outline,
            "blockers": blockers,
            "draft_changes": changes_of(releases.draft_of(course, lessons))
            if acts["build"] and not blockers
            else None,
            "unreviewed": releases.unreviewed(course, lessons),
            "releases": history,
            "waiting_changes": changes_of(waiting),
            "issued": next((one for one in history if one.state == Release.State.ISSUED), None),
            "comment": CommentForm(),
            "decision": kwargs.get("decision") or DecisionForm(),
            "runs": Run.objects.filter(release__course=course)
            .select_related("release")
            .defer("release__outline"),
            "run_form": kwargs.get("run_form") or RunForm(prefix="run"),
            "clinical_reviews": course.clinical_reviews.select_related("by__person"),
            "review_form": kwargs.get("review_form") or ClinicalReviewForm(),
            "staff": course.staff.select_related("person").order_by("role", "pk"),
            "staff_form": StaffForm(people=people_of(course)) if acts["staff"] else None,
            "page": pages.get(course.key),
            "learners": self.learners() if acts["learners"] else None,
        }
        return super().get_context_data(**kwargs) | context

    def learners(self):
        """Those still learning, the longest silent first, with where they are."""
        rows = (
            Enrolment.objects.open()
            .filter(run__release__course=self.course)
            .select_related("run__release", "person", "facility")
            .with_last_move()
            .order_by("last_move", "pk")
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        shown = [row.person_id for row in page.object_list]
        log_accesses(
            self.request.user, shown, what=gettext_noop("learners of a course"), purpose=self.course.code
        )
        ways = journey.of_many(list(page.object_list), self.request)
        return {"page": page, "journeys": ways}


class Version(Screen):
    """One version as it was frozen: what changed from the one before, its lessons, its rules."""

    template_name = "lms_courses/workbench/version.html"

    @cached_property
    def release(self) -> Release:
        rows = Release.objects.filter(course__in=courses_for(self.request.user))
        rows = rows.select_related("course").prefetch_related(STEPS)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_page_title(self):
        return str(self.release)

    def crumbs(self):
        course = self.release.course
        return [
            {"url": reverse("lms_courses_admin:course", args=[course.pk]), "label": course.title},
            {"url": "", "label": _("Version %(number)s") % {"number": self.release.number}},
        ]

    def get_context_data(self, **kwargs):
        release = self.release
        return super().get_context_data(**kwargs) | {
            "release": release,
            "lessons": [
                (pick(one["title"]["vi"], one["title"]["en"]), LessonKind(one["kind"]).label, one["periods"])
                for one in release.outline
            ],
            "changes": changes_of(release),
        }


class Learner(Screen):
    """One learner of a course: each rule with its value, as the learner sees it."""

    template_name = "lms_courses/workbench/learner.html"

    @cached_property
    def enrolment(self) -> Enrolment:
        rows = scope.limit(Enrolment.objects.all(), self.request.user, "view")
        rows = rows.select_related("run__release__course", "person", "facility")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_page_title(self):
        return self.enrolment.person.full_name

    def crumbs(self):
        course = self.enrolment.run.release.course
        return [
            {"url": reverse("lms_courses_admin:course", args=[course.pk]), "label": course.title},
            {"url": "", "label": self.enrolment.person.full_name},
        ]

    def get_context_data(self, **kwargs):
        enrolment = self.enrolment
        log_access(
            self.request.user,
            enrolment.person,
            what=gettext_noop("progress in a course"),
            purpose=enrolment.run.code,
        )
        result = result_of(enrolment)
        way = journey.of(enrolment, self.request)
        moves = enrolment.moves.select_related("from_run__release", "to_run__release", "by")
        course = enrolment.run.release.course
        is_learning = enrolment.state == Enrolment.State.ACTIVE
        open_sessions = [row for row in way.rows if row.kind == LessonKind.SESSION and row.state != "done"]
        make_ups = enrolment.make_ups.select_related("lesson", "proposed_by__person", "decided_by__person")
        context = {
            "enrolment": enrolment,
            "journey": way,
            "result": result,
            "moves": moves,
            "may_judge": is_learning and can(self.request.user, "build", course),
            "may_decide": is_learning and can(self.request.user, "issue", course),
            "needs_sign_off": bool((rule := result.rule("signoff")) and not rule.met),
            "sign_off": SignOff.objects.filter(enrolment=enrolment).select_related("by__person").first(),
            "missed": open_sessions,
            "make_ups": make_ups,
            "observations": self.observations(),
        }
        return super().get_context_data(**kwargs) | context

    def observations(self) -> list[tuple[Observation, bool]]:
        """What observers saw of this learner, and whether whoever looks may take it back."""
        seen = self.enrolment.observations.select_related(
            "lesson", "observer__person", "taken_back_by__person"
        )
        rows = list(seen.order_by("lesson", "number"))
        mine = retractable(self.request.user).filter(pk__in=[row.pk for row in rows])
        may = set(mine.in_force().values_list("pk", flat=True)) if rows else set()
        return [(row, row.pk in may) for row in rows]


def changes_of(release: Release | None) -> tuple[int, list[str]] | None:
    """The number of the version before *release* and what changed since; None where there is none."""
    before = release.predecessor() if release else None
    return (before.number, changes_in_words(before, release)) if before else None


def rules_in_words(course: Course) -> list[tuple[str, str]]:
    """Label and value of each rule, for those who may only read them."""
    found = []
    for name in RulesForm.Meta.fields:
        field = course._meta.get_field(name)
        value = getattr(course, name)
        if field.many_to_many:
            value = "; ".join(map(str, value.all()))
        elif field.choices:
            value = getattr(course, f"get_{name}_display")()
        elif isinstance(value, bool):
            value = _("yes") if value else _("no")
        found.append((field.verbose_name, "" if value is None else str(value)))
    return found


def people_of(course: Course):
    """Whom the workbench offers as staff: people who work at the provider today."""
    at = Affiliation.objects.in_force().filter(facility=course.facility_id).values("person")
    return Person.objects.filter(pk__in=at, state=Person.State.ACTIVE).by_given_name()


def _again(request: HttpRequest, pk: int, **forms) -> HttpResponse:
    """The workbench with a form that was not accepted; nothing was changed."""
    messages.error(request, _("Nothing was changed. Please look at the marked fields."))
    view = Workbench()
    view.setup(request, pk=pk)
    response = view.render_to_response(view.get_context_data(**forms))
    response.status_code = 422
    return response


def _to(course_id: int, anchor: str = "") -> HttpResponse:
    return redirect(reverse("lms_courses_admin:course", args=[course_id]) + (f"#{anchor}" if anchor else ""))


def _tell(request: HttpRequest, done, success: str) -> bool:
    """Run an action; its refusal becomes a message."""
    try:
        done()
    except (releases.ReleaseError, runs.RunRefused, media.MediaUnwritable) as refusal:
        for reason in getattr(refusal, "reasons", [str(refusal)]):
            messages.error(request, reason)
        return False
    messages.success(request, success)
    return True


@require_POST
def save_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the rules of a course and of its lessons, all or nothing."""
    course = get_course_for(request.user, pk, "build")
    rules = RulesForm(request.POST, instance=course)
    queryset = course.lessons.filter(is_open=True).order_by("position")
    lessons = LessonFormSet(request.POST, queryset=queryset)
    if not (rules.is_valid() and lessons.is_valid()):
        return _again(request, pk, rules=rules, lessons=lessons)
    rules.save()
    lessons.save()
    if "send" in request.POST:
        _send(request, course)
        return _to(pk, "releases")
    messages.success(request, _("Saved. Classes that are running keep the rules of their own version."))
    return _to(pk)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the course as its next version and send it for appraisal."""
    _send(request, get_course_for(request.user, pk, "build"))
    return _to(pk, "releases")


def _send(request: HttpRequest, course: Course) -> None:
    _tell(request, lambda: releases.submit_release(course, by=request.user), _("Sent for appraisal."))


@require_POST
def ask_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a version back with a comment."""
    release = get_release_for(request.user, pk, "appraise")
    comment = request.POST.get("comment", "")
    _tell(
        request,
        lambda: releases.ask_changes(release, by=request.user, comment=comment),
        _("Sent back to the author with your comment."),
    )
    return _to(release.course_id, "releases")


@require_POST
def appraise(request: HttpRequest, pk: int) -> HttpResponse:
    """Find a version good."""
    release = get_release_for(request.user, pk, "appraise")
    comment = request.POST.get("comment", "")
    _tell(
        request,
        lambda: releases.appraise(release, by=request.user, comment=comment),
        _("Appraised. The training office can issue it now."),
    )
    return _to(release.course_id, "releases")


@require_POST
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an appraised version in force."""
    release = get_release_for(request.user, pk, "issue")
    form = DecisionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, release.course_id, decision=form)
    _tell(
        request,
        lambda: releases.issue_release(release, by=request.user, **form.cleaned_data),
        _("Issued. Classes can be opened from this version."),
    )
    return _to(release.course_id, "releases")


@require_POST
def attach_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the scanned decision to a version that was issued without it."""
    release = get_release_for(request.user, pk, "issue")
    if file := request.FILES.get("decision_file"):
        _tell(
            request,
            lambda: releases.attach_decision(release, file=file, by=request.user),
            _("The decision is kept beside the version."),
        )
    else:
        messages.error(request, _("Choose the file of the decision first."))
    return _to(release.course_id, "releases")


@require_safe
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the scanned decision to the staff of the course."""
    release = get_object_or_404(Release.objects.filter(course__in=courses_for(request.user)), pk=pk)
    if not release.decision_file:
        raise Http404
    suffix = Path(release.decision_file).suffix
    title = slugify(names.fold(release.decision_number).replace("/", "-"))[:60] or "quyet-dinh"
    kind = mimetypes.guess_type(release.decision_file)[0] or "application/octet-stream"
    return media.serve(
        request, release.decision_file, content_type=kind, filename=f"{title}{suffix}", inline=False
    )


@require_POST
def open_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a class of the version in force."""
    release = get_release_for(request.user, pk, "issue")
    form = RunForm(request.POST, prefix="run")
    if not form.is_valid():
        return _again(request, release.course_id, run_form=form)
    _tell(
        request,
        lambda: runs.open_run(release, by=request.user, **form.cleaned_data),
        _("The class is open."),
    )
    return _to(release.course_id, "runs")


@require_POST
def close_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Take nobody new into a class."""
    run = get_run_for(request.user, pk)
    _tell(request, lambda: runs.close_run(run, by=request.user), _("The class takes nobody new."))
    return _to(run.release.course_id, "runs")


@require_POST
def reviewed(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the content is still right, and plan the next look."""
    course = get_course_for(request.user, pk, "build")
    form = ClinicalReviewForm(request.POST)
    if form.is_valid():
        try:
            clinical_reviews.confirm(course, by=request.user, **form.cleaned_data)
        except clinical_reviews.ReviewRefused as refusal:
            form.add_error("next_due", str(refusal))
    if form.errors:
        return _again(request, pk, review_form=form)
    messages.success(request, _("Noted. The course page shows today as the last clinical review."))
    return _to(pk, "review")


@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a trainer, observer or assistant."""
    course = get_course_for(request.user, pk, "staff")
    form = StaffForm(request.POST, people=people_of(course))
    if not form.is_valid():
        messages.error(request, _("Choose a person who works at the hospital, and a role."))
        return _to(pk, "staff")
    values = form.cleaned_data
    staff.assign(
        course, values["person"], role=values["role"], disclosure=values["disclosure"], by=request.user
    )
    messages.success(request, _("Noted."))
    return _to(pk, "staff")


@require_POST
def end_staff(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's role in a course."""
    row = get_object_or_404(CourseStaff, pk=pk, course__in=courses_for(request.user, "staff"))
    staff.release_from_duty(row, by=request.user)
    messages.success(request, _("Ended today; the record stays."))
    return _to(row.course_id, "staff")
