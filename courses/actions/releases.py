"""The life of a release: what blocks it, submit, ask for changes, appraise, issue."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.core.files import File
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Revision

from content.models import Question, QuestionVersion, Video, cite_pools, fill_pools
from courses import completion, hours
from courses.actions import appraisal
from courses.conf import conf
from courses.links import base_page
from courses.models import AppraisalStep, Course, CourseStaff, Lesson, LessonKind, Release
from courses.signals import release_issued
from lms import clock, media, uploads

POLICY = (
    "min_attendance_pct",
    "pass_pct",
    "max_attempts",
    "cooldown_minutes",
    "require_survey",
    "require_checklist",
    "watch_pct",
)


DECISIONS = "decisions"
"""Where scanned decisions lie in private storage."""
DECISION_BYTES = 10_000_000
DECISION_KINDS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


class ReleaseError(Exception):
    """A step of the workflow was refused; the text may be shown to the user."""


class ReleaseBlocked(ReleaseError):
    """The course cannot become a release; ``reasons`` lists why, in words."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__(" ".join(reasons))


class AlreadyWaiting(ReleaseError):
    """Another version is waiting for appraisal."""


class WrongState(ReleaseError):
    """The release is not where this step begins."""


class AuthorMayNotAppraise(ReleaseError):
    """Whoever built a release cannot appraise it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands between a course and appraisal, in words.

    ``place`` says what mends it: ``page``, ``provider``, ``lessons``, ``rules``, ``lesson``,
    ``video``, ``quiz`` or ``checklist``, ``survey`` (of ``lesson``).
    """

    text: str
    place: str
    lesson: Lesson | None = None


def lessons_of(course: Course) -> "QuerySet[Lesson]":
    """The open lessons of *course* in order, with all that their activities are made of: six queries however many."""
    rows = Lesson.objects.filter(course=course.pk, is_open=True).order_by("position", "pk")
    rows = rows.select_related("course", "video", "quiz", "checklist", "survey")
    lessons = rows.prefetch_related("checklist__items", "survey__questions")
    fill_pools(lesson.quiz for lesson in lessons if lesson.quiz)
    return lessons


def blockers(course: Course) -> list[str]:
    """What stands between *course* and appraisal, one sentence each; empty when nothing does."""
    return [one.text for one in findings(course)]


def findings(course: Course, lessons: Collection[Lesson] | None = None) -> list[Finding]:
    """The same with the place where each is mended; *course* may be one that was never saved.

    *lessons* is what ``lessons_of`` returned, for screens that have asked already; so below.
    """
    found = []
    if not course.is_open:
        found.append(Finding(_("The course has no published page."), "page"))
    if course.facility_id is None:
        found.append(Finding(_("The course page does not stand under the page of a provider."), "provider"))
    if not course.code:
        found.append(Finding(_("The course has no code."), "rules"))
    if not course.attendance_check:
        found.append(Finding(_("It is not said how attendance is verified."), "rules"))
    lessons = lessons_of(course) if lessons is None else lessons
    if not lessons:
        found.append(Finding(_("The course has no published lesson."), "lessons"))
    elif not sum(lesson.periods for lesson in lessons):
        found.append(Finding(_("No lesson has periods, so there would be no credit hours."), "rules"))
    if hours.is_unknown(course.rule_code):
        text = _(
            "No table of credit rules in force has the rule “%(code)s”: nobody would get hours or a certificate."
        )
        found.append(Finding(text % {"code": course.rule_code}, "rules"))
    for lesson in lessons:
        reason, place = _lack(lesson)
        if reason:
            text = _("Lesson “%(lesson)s”: %(reason)s") % {"lesson": lesson.title, "reason": reason}
            found.append(Finding(text, place, lesson))
    kinds = {lesson.kind for lesson in lessons}
    if course.require_survey and LessonKind.SURVEY not in kinds:
        found.append(Finding(_("The rules require a survey, but no lesson is one."), "rules"))
    if course.require_checklist and LessonKind.CHECKLIST not in kinds:
        found.append(Finding(_("The rules require checklists, but no lesson is one."), "rules"))
    return found


def unreviewed(course: Course, lessons: Collection[Lesson] | None = None) -> list[Question]:
    """Questions of the course's tests that no clinician has approved in their latest version."""
    lessons = lessons_of(course) if lessons is None else lessons
    quizzes = {lesson.quiz_id: lesson.quiz for lesson in lessons if lesson.quiz}
    found = []
    for quiz in quizzes.values():
        asked = {question.pk: question for _slot, pool in quiz.pools() for question in pool}
        new = [one for one in asked.values() if one.latest is None or one.latest.reviewed_at is None]
        found += sorted(new, key=lambda one: one.code)
    return found


def lesson_blocker(lesson: Lesson, *, with_rules: bool = True) -> str:
    """What *lesson* lacks before it can be appraised, or an empty text.

    Without *with_rules* only what its page lacks, not what is set at the workbench.
    """
    return _lack(lesson, with_rules=with_rules)[0]


def _lack(lesson: Lesson, *, with_rules: bool = True) -> tuple[str, str]:
    """What *lesson* lacks, and the place where it is mended."""
    if lesson.kind not in completion.KINDS:
        return _("this site cannot evaluate its kind of activity."), "lesson"
    if lesson.kind == LessonKind.VIDEO:
        if lesson.video is None:
            return _("no video is chosen."), "lesson"
        if lesson.video.is_expired:
            return _("the patient in the video agreed to be shown up to a day that is over."), "video"
        if lesson.video.state == Video.State.FAILED:
            return _("the video could not be processed; upload it again."), "video"
        if lesson.video.state != Video.State.READY or not lesson.video.duration_ms:
            return _("the video is still being processed."), "video"
    if lesson.kind == LessonKind.QUIZ:
        if lesson.quiz is None:
            return _("no test is chosen."), "lesson"
        if with_rules and not lesson.purpose:
            return _("say whether the test is a pre-test, an exercise or the post-test."), "rules"
        pools = lesson.quiz.pools()
        if not pools:
            return _("the test has no questions."), "quiz"
        if retired := [one.code for _slot, pool in pools for one in pool if one.is_retired]:
            codes = ", ".join(sorted(retired))
            return _("the test asks what has been retired: %(codes)s.") % {"codes": codes}, "quiz"
        if not lesson.quiz.is_satisfiable:
            return _("the bank has fewer questions than the test draws."), "quiz"
    if lesson.kind == LessonKind.CHECKLIST:
        if lesson.checklist is None:
            return _("no checklist with steps is chosen."), "lesson"
        if not lesson.checklist.items.all():
            return _("no checklist with steps is chosen."), "checklist"
    if lesson.kind == LessonKind.SURVEY:
        if lesson.survey is None:
            return _("no survey with questions is chosen."), "lesson"
        if not lesson.survey.questions.all():
            return _("no survey with questions is chosen."), "survey"
    return "", ""


def outline_of(course: Course, lessons: Collection[Lesson] | None = None) -> list[dict]:
    """The course as it stands now, in the shape that ``Release.outline`` documents."""
    lessons = lessons_of(course) if lessons is None else lessons
    cite_pools(lesson.quiz for lesson in lessons if lesson.quiz)
    return [_item(lesson) for lesson in lessons]


def policy_of(course: Course) -> dict:
    """The course's rules as they stand now; a sign-off, and excuses, are named only where they matter."""
    policy = {name: getattr(course, name) for name in POLICY}
    if course.require_signoff:
        policy["require_signoff"] = True
    if course.max_excused:
        policy["max_excused"] = course.max_excused
    return policy


def draft_of(course: Course, lessons: Collection[Lesson] | None = None) -> Release:
    """The version that *course* would become if it were sent for appraisal now; not saved.

    Only for a course that nothing blocks.
    """
    return as_release(course, outline_of(course, lessons))


def as_release(course: Course, outline: list[dict]) -> Release:
    """The next version of *course*, saved or not, with *outline* and the rules as they stand; not saved."""
    policy = policy_of(course)
    earlier = Release.objects.filter(course=course.pk)
    return Release(
        course=course,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=Release.State.SUBMITTED,
        outline=outline,
        policy=policy,
        title_vi=course.title_vi,
        title_en=course.title_en,
        form=course.form,
        rule_code=course.rule_code,
        periods=sum((Decimal(item["periods"]) for item in outline), Decimal(0)),
        sha256=digest(outline, policy),
    )


def digest(outline: list, policy: dict) -> str:
    """SHA-256 of outline and policy in canonical form."""
    text = json.dumps([outline, policy], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def bare_item(lesson: Lesson) -> dict:
    """What an outline says of *lesson* without what its activity is made of."""
    return {
        "lesson": lesson.pk,
        "key": str(lesson.key),
        "kind": lesson.kind,
        "purpose": lesson.purpose,
        "title": {"vi": lesson.title_vi, "en": lesson.title_en},
        "periods": f"{lesson.periods:.2f}",
        "content_hash": lesson.content_hash,
    }


def _item(lesson: Lesson) -> dict:
    item = bare_item(lesson)
    if lesson.kind == LessonKind.VIDEO:
        item |= {"video": lesson.video_id, "version": lesson.video.version, "seconds": lesson.video.seconds}
    if lesson.kind == LessonKind.QUIZ:
        item |= {"quiz": lesson.quiz_id, "blueprint": lesson.quiz.blueprint()}
        item |= {"time_limit_s": lesson.quiz.time_limit_s, "review": lesson.quiz.review}
    if lesson.kind == LessonKind.CHECKLIST:
        frozen = lesson.checklist.freeze()
        item |= {"checklist": lesson.checklist_id, "items": frozen["items"], "pass_pct": frozen["pass_pct"]}
    if lesson.kind == LessonKind.SURVEY:
        item |= {"survey": lesson.survey_id, "questionnaire": lesson.survey.freeze()}
    return item


@transaction.atomic
def submit_release(course: Course, *, by) -> Release:
    """Freeze outline and rules of *course* as its next version, for appraisal.

    Locks the course. Idempotent: unchanged and still waiting, the waiting version is returned.
    """
    course = Course.objects.select_for_update().get(pk=course.pk)
    if reasons := blockers(course):
        raise ReleaseBlocked(reasons)
    release = draft_of(course)
    waiting = course.releases.filter(state=Release.State.SUBMITTED).first()
    if waiting and waiting.sha256 == release.sha256:
        return waiting
    if waiting:
        raise AlreadyWaiting(
            _("Version %(number)s is waiting for appraisal. Ask for changes there first.")
            % {"number": waiting.number}
        )
    release.created_by = by
    release.save(force_insert=True)
    _step(release, by=by)
    return release


@transaction.atomic
def ask_changes(release: Release, *, by, comment: str) -> Release:
    """Send a submitted or appraised release back to its author, with the reason."""
    if not comment.strip():
        raise ReleaseError(_("Say what has to change."))
    release = _locked(release, Release.State.SUBMITTED, Release.State.APPRAISED)
    release.state = Release.State.CHANGES
    release.save(update_fields=["state"])
    _step(release, by=by, comment=comment)
    return release


def _has_written(course: Course, user) -> bool:
    """Whether *user* teaches the course, or did, or has written on one of its pages."""
    if course.staff.filter(role=CourseStaff.Role.TRAINER, person__user=user).exists():
        return True
    keys = [course.key, *course.lessons.values_list("key", flat=True)]
    pages = base_page().objects.filter(translation_key__in=keys).values_list("pk", flat=True)
    return Revision.page_revisions.filter(user=user, object_id__in=[str(pk) for pk in pages]).exists()


@transaction.atomic
def appraise(release: Release, *, by, comment: str = "") -> Release:
    """Record that the council finds the release good. Never by an author of the course. Idempotent."""
    release = _locked(release, Release.State.SUBMITTED, Release.State.APPRAISED)
    if release.state == Release.State.APPRAISED and release.appraised_by_id == by.pk:
        return release
    if release.state != Release.State.SUBMITTED:
        raise WrongState(_("Somebody else has appraised this version already."))
    if release.created_by_id == by.pk or _has_written(release.course, by):
        raise AuthorMayNotAppraise(_("Whoever built a version cannot appraise it."))
    release.state = Release.State.APPRAISED
    release.appraised_by, release.appraised_at = by, clock.now()
    release.save(update_fields=["state", "appraised_by", "appraised_at"])
    _step(release, by=by, comment=comment)
    return release


@transaction.atomic
def issue_release(
    release: Release,
    *,
    by,
    decision_number: str,
    decision_date,
    decision_signatory: str,
    decision_file: File | None = None,
) -> Release:
    """Put an appraised release in force by the decision named; the one before it is superseded.

    Learners on the superseded one stay on it. Refused while a question has not been reviewed,
    unless the site allows that (demonstrations). Idempotent for the same decision.
    """
    course = Course.objects.select_for_update().get(pk=release.course_id)
    release = _locked(release, Release.State.APPRAISED, Release.State.ISSUED)
    if release.state == Release.State.ISSUED:
        if release.decision_number == decision_number.strip():
            return release
        raise WrongState(_("This version has been issued by another decision already."))
    if not (decision_number.strip() and decision_date and decision_signatory.strip()):
        raise ReleaseError(_("A release needs the number, the date and the signatory of its decision."))
    if not conf.ALLOW_UNREVIEWED and (count := _unreviewed_count(release)):
        raise ReleaseBlocked(
            [_("%(count)s questions have not been reviewed by a clinician.") % {"count": count}]
        )
    now = clock.now()
    for old in course.releases.filter(state=Release.State.ISSUED):
        old.state = Release.State.SUPERSEDED
        old.save(update_fields=["state"])
        _step(old, by=by)
    release.state = Release.State.ISSUED
    release.issued_by, release.issued_at = by, now
    release.decision_number, release.decision_date = decision_number.strip(), decision_date
    release.decision_signatory = decision_signatory.strip()
    release.save(
        update_fields=[
            "state", "issued_by", "issued_at", "decision_number", "decision_date", "decision_signatory"
        ]
    )  # fmt: skip
    _step(release, by=by, comment=release.decision_number)
    if release.appraised_at:
        # An appraisal looks at the content as a clinical review does.
        appraised_on = timezone.localdate(release.appraised_at)
        course.reviewed_on = max(filter(None, (course.reviewed_on, appraised_on)))
        course.save(update_fields=["reviewed_on"])
    release_issued.send(Release, release=release)
    if decision_file:
        release = attach_decision(release, file=decision_file, by=by)
    return release


@transaction.atomic
def attach_decision(release: Release, *, file: File, by) -> Release:
    """Keep the scanned decision beside an issued version: once, for ever. The same bytes again change nothing.

    Raises ReleaseError for what is no PDF or picture, MediaUnwritable.
    """
    suffix = suffix_of_decision(file)
    release = _locked(release, Release.State.ISSUED, Release.State.SUPERSEDED)
    digest = hashlib.sha256(b"".join(file.chunks())).hexdigest()
    name = f"{DECISIONS}/{release.pk}-{digest[:32]}{suffix}"
    if release.decision_file == name:
        return release
    if release.decision_file:
        raise WrongState(_("This version has its decision already; it is not exchanged."))
    media.save(name, file)
    release.decision_file = name
    release.save(update_fields=["decision_file"])
    return release


def suffix_of_decision(file: File) -> str:
    """The suffix under which a scanned decision is kept, by its bytes; refuses what it cannot be."""
    try:
        uploads.check_size(file, DECISION_BYTES)
    except uploads.UploadRefused as refusal:
        raise ReleaseError(refusal.message) from refusal
    suffix = DECISION_KINDS.get(uploads.sniff(file))
    if suffix is None:
        raise ReleaseError(_("The decision is a PDF file or a JPEG or PNG picture of the paper."))
    return suffix


def _unreviewed_count(release: Release) -> int:
    """Questions among the frozen versions that no clinician has reviewed, even since."""
    versions = {
        question["version"]
        for item in release.outline
        for slot in item.get("blueprint", {}).get("slots", ())
        for question in slot["questions"]
    }
    return QuestionVersion.objects.filter(pk__in=versions, reviewed_at__isnull=True).count()


def _locked(release: Release, *states: str) -> Release:
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.state not in states:
        raise WrongState(
            _("Version %(number)s is “%(state)s”; this step is not possible now.")
            % {"number": release.number, "state": release.get_state_display()}
        )
    return release


def _step(release: Release, *, by, comment: str = "") -> None:
    AppraisalStep.objects.create(
        release=release, state=release.state, comment=comment.strip(), by=by, at=clock.now()
    )
    appraisal.follow(release, by=by, comment=comment.strip())
