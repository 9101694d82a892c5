"""Who may do what with courses and learners' rows; the only doors to a learner's row."""

from datetime import timedelta

from django.db.models import Q
from django.http import Http404

from courses import enrolled
from courses.conf import conf
from courses.models import (
    Application,
    Attempt,
    CompletionReview,
    Course,
    CourseStaff,
    Deputy,
    Enrolment,
    Lesson,
    Observation,
    Pathway,
    Post,
    Release,
    Run,
    SessionRecording,
)
from lms import clock, scope, sql
from lms.models import Affiliation, Facility, Person, RoleAssignment
from lms.permissions import person_of

Role = RoleAssignment.Role
BUILDERS = {Role.TRAINER, Role.PROGRAMME_MANAGER}
COURSE_ACTS = {
    "view": {*BUILDERS, Role.APPRAISER, Role.CERTIFICATE_SIGNER, Role.ORG_ADMIN},
    "build": BUILDERS,
    "issue": {Role.PROGRAMME_MANAGER},
    "learners": {*BUILDERS, Role.CERTIFICATE_SIGNER},
    "talk": BUILDERS,
    "staff": {Role.PROGRAMME_MANAGER},
    "archive": {Role.PROGRAMME_MANAGER},
}
"""Acts on a course and the roles that hold them at the providing facility."""
PATHWAY_ACTS = {"view": BUILDERS, "build": {Role.PROGRAMME_MANAGER}}
"""Acts on a pathway and the roles that hold them at the hospital that offers it."""
REVIEW_ACTS = {
    "view": {Role.PROGRAMME_MANAGER, Role.CERTIFICATE_SIGNER},
    "decide": {Role.PROGRAMME_MANAGER},
}
"""Acts on the review of a completion and the roles that hold them at the providing facility."""
SLIP = timedelta(hours=24)
"""How long observers may take back themselves what they recorded wrongly; after that the training office does."""


def register() -> None:
    """Tell ``lms.scope`` about our rows; called once when the app is ready."""
    trainers = dict.fromkeys(("view", "build", "learners", "talk"), _taught)
    scope.register(Course, acts=COURSE_ACTS, extra=trainers)
    scope.register(
        Release,
        path="course__facility",
        acts={"appraise": {Role.APPRAISER}, "issue": COURSE_ACTS["issue"]},
    )
    scope.register(
        Run,
        path="release__course__facility",
        acts={"issue": COURSE_ACTS["issue"], "talk": COURSE_ACTS["talk"]},
        extra={"talk": lambda user: Q(release__course__in=Course.objects.filter(_taught(user)).values("pk"))},
    )
    scope.register(
        Post,
        path="run__release__course__facility",
        acts={"talk": COURSE_ACTS["talk"]},
        extra={"talk": _asked_in},
    )
    scope.register(
        Enrolment,
        path="run__release__course__facility",
        acts={"view": COURSE_ACTS["learners"]},
        extra={"view": _learns_with},
    )
    scope.register(Pathway, acts=PATHWAY_ACTS)
    scope.register(CompletionReview, path="enrolment__run__release__course__facility", acts=REVIEW_ACTS)


def _taught(user) -> Q:
    return on_staff(user, CourseStaff.Role.TRAINER)


def _learns_with(user) -> Q:
    return Q(run__release__course__in=Course.objects.filter(_taught(user)).values("pk"))


def _asked_in(user) -> Q:
    return Q(run__release__course__in=Course.objects.filter(_taught(user)).values("pk"))


def on_staff(user, *roles: str) -> Q:
    """Courses where *user* holds one of *roles* today (any role when none is named)."""
    if user is None or not user.is_authenticated:
        return Q(pk__in=[])
    today = clock.today()
    rows = CourseStaff.objects.filter(person__user=user.pk).filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        Q(valid_to__isnull=True) | Q(valid_to__gte=today),
    )
    if roles:
        rows = rows.filter(role__in=roles)
    return Q(pk__in=rows.values("course"))


def courses_for(user, act: str = "view"):
    """Courses on which *user* may do *act*, by role at the provider or as named trainer."""
    return scope.limit(Course.objects.all(), user, act)


def has_workbench(user) -> bool:
    """Whether *user* has anything to do at the workbench: a role that reads courses, or a course taught."""
    return scope.can(user, "view", Course) or courses_for(user).exists()


def can(user, act: str, course: Course) -> bool:
    """Whether *user* may do *act* on *course*: view, build, issue, learners, staff."""
    return scope.can(user, act, course)


def get_course_for(user, pk, act: str = "view") -> Course:
    """The course, or 404 for whoever may not do *act* on it."""
    course = courses_for(user, act).filter(pk=pk).select_related("facility").first()
    if course is None:
        raise Http404
    return course


def runs_counted_for(user):
    """Classes whose figures *user* reads as an evaluator: of the hospitals in scope, for a project of all."""
    places = scope.facilities(user, {Role.EVALUATOR})
    if places.filter(kind=Facility.Kind.PROJECT).exists():
        return Run.objects.all()
    return Run.objects.filter(release__course__facility__in=places.values("pk"))


def evaluates(user) -> bool:
    """Whether *user* reads figures without names."""
    return scope.has_role(user, Role.EVALUATOR)


def get_release_for(user, pk, act: str) -> Release:
    """A release on which *user* may do *act* (appraise, issue), or 404."""
    rows = scope.limit(Release.objects.filter(pk=pk), user, act)
    release = rows.select_related("course__facility").first()
    if release is None:
        raise Http404
    return release


def get_run_for(user, pk, act: str = "issue") -> Run:
    """The class on which *user* may do *act*, or 404."""
    run = scope.limit(Run.objects.filter(pk=pk), user, act).select_related("release__course").first()
    if run is None:
        raise Http404
    return run


def reviews_for(user, act: str = "view"):
    """The reviews of completions on which *user* may do *act*, with what every screen needs of them."""
    rows = scope.limit(CompletionReview.objects.all(), user, act)
    return rows.select_related("enrolment__run__release__course", "enrolment__person", "decided_by__person")


def get_review_for(user, pk, act: str = "view") -> CompletionReview:
    """The review of a completion of one's own hospital, or 404."""
    review = reviews_for(user, act).filter(pk=pk).first()
    if review is None:
        raise Http404
    return review


def pathways_for(user, act: str = "view"):
    """The pathways of the hospitals where *user* may do *act*."""
    return scope.limit(Pathway.objects.all(), user, act)


def get_pathway_for(user, pk, act: str = "view") -> Pathway:
    """A pathway of one's own hospital, or 404."""
    pathway = pathways_for(user, act).filter(pk=pk).select_related("facility").first()
    if pathway is None:
        raise Http404
    return pathway


def posts_for(user):
    """The questions and answers that *user* answers and moderates."""
    rows = scope.limit(Post.objects.all(), user, "talk")
    return rows.select_related("run__release__course", "lesson", "person", "parent")


def get_post_for(user, pk) -> Post:
    """A question or an answer that *user* moderates, or 404."""
    post = posts_for(user).filter(pk=pk).first()
    if post is None:
        raise Http404
    return post


def get_classmates_post(user, enrolment: Enrolment, pk) -> Post:
    """What stands in the threads of one's own class, or 404."""
    post = Post.objects.shown().filter(pk=pk, run=enrolment.run_id).select_related("lesson", "person").first()
    if post is None or not can_open_lesson(user, enrolment, post.lesson):
        raise Http404
    return post


def learning(user):
    """The enrolments of *user*'s own person, with what every page needs of them."""
    person = person_of(user)
    rows = Enrolment.objects.of(person) if person else Enrolment.objects.none()
    return rows.select_related("run__release__course__facility", "person")


def get_enrolment_for(user, pk) -> Enrolment:
    """The learner's own enrolment, or 404."""
    enrolment = learning(user).filter(pk=pk).first()
    if enrolment is None:
        raise Http404
    return enrolment


def get_application_for(user, pk) -> Application:
    """The user's own application, or 404."""
    person = person_of(user)
    rows = Application.objects.filter(person=person) if person else Application.objects.none()
    found = rows.filter(pk=pk).select_related("run__release__course", "person").first()
    if found is None:
        raise Http404
    return found


def applications_of(user):
    """Applications at whose steps *user* holds an office: as line manager, or in the training office."""
    managed = scope.facilities(user, {Role.UNIT_MANAGER})
    offices = scope.facilities(user, {Role.PROGRAMME_MANAGER})
    reach = Q(facility__in=managed.values("pk")) | Q(run__release__course__facility__in=offices.values("pk"))
    return Application.objects.filter(reach)


def decidable(user):
    """Applications whose present step *user* may decide by an office of their own; never their own."""
    managed = scope.facilities(user, {Role.UNIT_MANAGER})
    offices = scope.facilities(user, {Role.PROGRAMME_MANAGER})
    reach = Q(step=Application.Step.MANAGER, facility__in=managed.values("pk"))
    reach |= Q(step=Application.Step.OFFICE, run__release__course__facility__in=offices.values("pk"))
    rows = Application.objects.filter(reach, state=Application.State.PENDING)
    return rows.exclude(person__user=user.pk)


def givers_of(user) -> list:
    """The users in whose stead *user* decides today."""
    if not user.is_authenticated:
        return []
    today = Deputy.objects.in_force(clock.today()).filter(deputy=user.pk, giver__is_active=True)
    return [row.giver for row in today.select_related("giver__person").order_by("pk")]


def to_decide(user):
    """Applications whose present step *user* may decide today, by an office of their own or as a deputy."""
    pks = Q(pk__in=decidable(user).values("pk"))
    for giver in givers_of(user):
        pks |= Q(pk__in=decidable(giver).values("pk"))
    rows = Application.objects.filter(pks).exclude(person__user=user.pk)
    return rows.select_related("run__release__course", "person__profession", "facility")


def approves(user) -> bool:
    """Whether *user* has applications to look after: by role, or as somebody's deputy today."""
    return scope.has_role(user, Role.UNIT_MANAGER, Role.PROGRAMME_MANAGER) or bool(givers_of(user))


def get_decidable_for(user, pk) -> tuple[Application, object | None]:
    """An application to decide and in whose stead (None for one's own office), or 404."""
    found = to_decide(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if decidable(user).filter(pk=pk).exists():
        return found, None
    return found, next(giver for giver in givers_of(user) if decidable(giver).filter(pk=pk).exists())


def people_for(user, places=None):
    """The people at the facilities of which *user* coordinates the learning (or at *places*): today's staff."""
    if places is None:
        places = scope.facilities(user, {Role.SITE_COORDINATOR, Role.UNIT_MANAGER})
    staff = Affiliation.objects.in_force().filter(facility__in=places.values("pk")).values("person")
    return Person.objects.living().filter(pk__in=staff)


def coordinates(user) -> bool:
    """Whether *user* sees how the people of a facility learn."""
    return scope.has_role(user, Role.SITE_COORDINATOR, Role.UNIT_MANAGER)


def get_open_enrolment(user, course: Course) -> Enrolment | None:
    """The enrolment by which *user* may read *course* now: an active one, else the last completed one."""
    person = person_of(user)
    return enrolled.in_course(person, course) if person else None


def item_of(enrolment: Enrolment, lesson: Lesson) -> dict | None:
    """The item of *lesson* in the learner's release, or None when the release lacks it."""
    return next((item for item in enrolment.run.release.outline if item["lesson"] == lesson.pk), None)


def can_open_lesson(user, enrolment: Enrolment | None, lesson: Lesson) -> bool:
    """Whether *user* may see the body of *lesson*: it is their enrolment and their release holds it.

    Closed activities are shown with the reason (``gate.why_locked``); this is about seeing at all.
    """
    if enrolment is None or enrolment.state == Enrolment.State.WITHDRAWN:
        return False
    if not user.is_authenticated or enrolment.person.user_id != user.pk:
        return False
    if item_of(enrolment, lesson) is None:
        return False
    extra = conf.CAN_OPEN_LESSON
    return extra is None or bool(extra(user, enrolment, lesson))


def can_watch_video(user, video) -> bool:
    """Whether a learner may fetch *video*: a release they learn, or have learnt, or a session of its class holds it.

    Named by ``LMS_CONTENT_CAN_WATCH``; staff are asked for before.
    """
    person = person_of(user)
    if person is None:
        return False
    rows = Enrolment.objects.of(person).exclude(state=Enrolment.State.WITHDRAWN)
    outlines = rows.values_list("run__release__outline", flat=True)
    if any(item.get("video") == video.pk for outline in outlines for item in outline):
        return True
    recorded = SessionRecording.objects.filter(video=video, session__makeup_days__gt=0)
    return recorded.filter(session__uses__run__in=rows.values("run")).exists()


_OWN_ATTEMPT = """
SELECT a.id, a.deadline FROM lms_courses_attempt a
JOIN lms_courses_enrolment e ON e.id = a.enrolment_id JOIN lms_person p ON p.id = e.person_id
WHERE a.id = %s AND p.user_id = %s"""


def get_attempt_for(user, pk, *, light: bool = False) -> Attempt:
    """The learner's own attempt, or 404; only enough to act on it where *light*.

    Never with the release: its question bank is heavy.
    """
    if not user.is_authenticated:
        raise Http404
    if light:
        row = sql.one(Attempt, _OWN_ATTEMPT, [pk, user.pk])
    else:
        # Not first(): the default order reaches through enrolment, person and course.
        rows = Attempt.objects.filter(pk=pk, enrolment__person__user=user.pk).order_by()
        row = rows.select_related("enrolment", "lesson").first()
    if row is None:
        raise Http404
    return row


def observes(user) -> bool:
    """Whether *user* may tick skills in any course today."""
    return Course.objects.filter(on_staff(user, CourseStaff.Role.OBSERVER, CourseStaff.Role.TRAINER)).exists()


def observable(user):
    """Enrolments of others whose skills *user* may tick."""
    person = person_of(user)
    courses = Course.objects.filter(on_staff(user, CourseStaff.Role.OBSERVER, CourseStaff.Role.TRAINER))
    rows = Enrolment.objects.filter(run__release__course__in=courses.values("pk"))
    return rows.exclude(state=Enrolment.State.WITHDRAWN).exclude(person=person)


def get_observable_for(user, pk) -> Enrolment:
    """An enrolment of somebody else whose skills *user* may tick, or 404."""
    enrolment = observable(user).filter(pk=pk).select_related("run__release__course", "person").first()
    if enrolment is None:
        raise Http404
    return enrolment


def retractable(user):
    """Observations of others that *user* may take back: what they recorded lately, or all of their training office."""
    lately = Q(observer=user, observed_at__gt=clock.now() - SLIP)
    office = Q(enrolment__run__release__course__in=courses_for(user, "issue").values("pk"))
    return Observation.objects.filter(lately | office).exclude(enrolment__person=person_of(user))


def get_retractable_for(user, pk) -> Observation:
    """An observation of somebody else that *user* may take back, or 404."""
    row = retractable(user).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
