"""What must always be true of courses; ``manage.py lms_verify`` asks."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from content import checking, grading
from courses import completion, watching
from courses.actions import settling
from courses.actions.releases import digest
from courses.facts import carried, proved, result_of
from courses.models import (
    Application,
    Attempt,
    Attendance,
    Enrolment,
    EnrolmentMove,
    LessonProgress,
    MeetingReport,
    Observation,
    Release,
    ReportRow,
    Run,
    RunQuota,
    Session,
    SurveyResponse,
    WatchRecord,
)
from lms.models import Job, Person
from lms.verify import Breach, invariant


@invariant("lms_courses.completion")
def completions_follow_from_evidence() -> Iterator[Breach]:
    """Evaluates every completed enrolment again, from its evidence alone.

    Where evidence was taken back afterwards, a review must wait, or have decided about it. Of people
    who were erased only the certified result is left.
    """
    rows = Enrolment.objects.filter(state=Enrolment.State.COMPLETED).select_related("run__release")
    rows = rows.exclude(person__state=Person.State.ERASED)
    for enrolment in rows.order_by("pk").iterator(chunk_size=200):
        result = proved(enrolment)
        if not result.complete and not _is_seen_to(enrolment, result):
            missing = ", ".join(rule.code for rule in result.rules if not rule.met) or "no rule"
            yield Breach(
                f"enrolment {enrolment.pk}", f"is completed, but the evidence does not carry: {missing}"
            )
        if not enrolment.completion:
            yield Breach(f"enrolment {enrolment.pk}", "is completed without the explained result")


def _is_seen_to(enrolment: Enrolment, result: completion.Result) -> bool:
    """Whether a review covers what the evidence lacks, or a waiting job will open one."""
    if any(review.covers(result) for review in enrolment.reviews.all()):
        return True
    return Job.objects.filter(
        kind="lms_courses.reconsider",
        key=str(enrolment.pk),
        state__in=[Job.State.QUEUED, Job.State.RUNNING],
    ).exists()


@invariant("lms_courses.unnoticed")
def nobody_is_left_waiting() -> Iterator[Breach]:
    """Nobody who has met every rule is still counted as learning."""
    rows = Enrolment.objects.open().select_related("run__release")
    for enrolment in rows.order_by("pk").iterator(chunk_size=200):
        if result_of(enrolment).complete:
            yield Breach(f"enrolment {enrolment.pk}", "has met every rule but is not completed")


@invariant("lms_courses.seats")
def seats_equal_learners() -> Iterator[Breach]:
    """Seats taken, of classes and of quotas, are those who learn or have completed, and the offers."""
    holding = Q(enrolments__state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED])
    learning = Count("enrolments", filter=holding, distinct=True)
    offered = Q(applications__state=Application.State.OFFERED)
    runs = Run.objects.annotate(
        holders=learning + Count("applications", filter=offered, distinct=True)
    ).exclude(seats_taken=F("holders"))
    for run in runs:
        yield Breach(
            f"class {run.code}", f"counts {run.seats_taken} seats taken, {run.holders} people hold one"
        )
    quotas = RunQuota.objects.annotate(holders=learning + Count("offers", distinct=True))
    for quota in quotas.exclude(seats_taken=F("holders")).select_related("run", "province"):
        yield Breach(f"quota {quota}", f"counts {quota.seats_taken}, {quota.holders} people hold a seat")


@invariant("lms_courses.progress")
def progress_follows_from_evidence() -> Iterator[Breach]:
    """No lesson is met without evidence or a waiver."""
    rows = LessonProgress.objects.filter(met_at__isnull=False).select_related("enrolment__run__release")
    by_enrolment: dict[int, completion.Result] = {}
    for row in rows.order_by("enrolment", "lesson").iterator(chunk_size=500):
        result = by_enrolment.get(row.enrolment_id)
        if result is None:
            result = proved(row.enrolment)
            by_enrolment = {row.enrolment_id: result}
        if row.lesson_id not in result.met and row.lesson_id not in carried(row.enrolment):
            yield Breach(f"enrolment {row.enrolment_id}, lesson {row.lesson_id}", "is met without evidence")


@invariant("lms_courses.moves")
def moves_lead_forward_and_take_nothing() -> Iterator[Breach]:
    """Whoever was moved stands on a newer version of the same course, with every lesson met before."""
    rows = EnrolmentMove.objects.select_related("from_run__release", "to_run__release", "enrolment")
    rows = rows.exclude(enrolment__person__state=Person.State.ERASED)
    for move in rows.order_by("pk").iterator(chunk_size=200):
        old, new = move.from_run.release, move.to_run.release
        if old.course_id != new.course_id or old.number >= new.number:
            yield Breach(f"move {move.pk}", "does not lead to a newer version of the same course")
        met = LessonProgress.objects.filter(enrolment=move.enrolment, met_at__isnull=False)
        if (missing := move.kept - set(met.values_list("lesson", flat=True))) and (
            missing & carried(move.enrolment).keys()
        ):
            yield Breach(f"move {move.pk}", "took lessons away that had been met")


@invariant("lms_courses.watched")
def bitmaps_agree_with_their_counts() -> Iterator[Breach]:
    """The stored count is the number of set bits, and no bit lies beyond the end."""
    for row in WatchRecord.objects.order_by("pk").iterator(chunk_size=500):
        bits = watching.from_bytes(row.bits)
        if bits.bit_count() != row.credited or bits.bit_length() > row.buckets:
            yield Breach(f"watch record {row.pk}", f"says {row.credited}, its bitmap {bits.bit_count()}")


@invariant("lms_courses.tests")
def frozen_tests_can_be_drawn() -> Iterator[Breach]:
    """Each test of a version has a question of its own for every place, whatever became of the bank since."""
    for release in Release.objects.order_by("pk").iterator(chunk_size=100):
        for item in release.outline:
            slots = item.get("blueprint", {}).get("slots")
            if slots and not grading.is_satisfiable(slots):
                yield Breach(
                    f"release {release.pk}, lesson {item['lesson']}", "asks more than was frozen with it"
                )


@invariant("lms_courses.frozen")
def releases_are_as_they_were_frozen() -> Iterator[Breach]:
    """Outline and policy still have the hash of the day they were frozen."""
    for release in Release.objects.order_by("pk").iterator(chunk_size=100):
        if release.sha256 and digest(release.outline, release.policy) != release.sha256:
            yield Breach(f"release {release.pk}", "was changed after it was frozen")


# ---- Live sessions and tests ----------------------------------------------------------------------


@invariant("lms_courses.attendance")
def attendance_follows_from_evidence() -> Iterator[Breach]:
    """Minutes and verdict of every settled session, weighed again from its evidence."""
    for session in Session.objects.filter(state=Session.State.SETTLED).order_by("pk").iterator(chunk_size=50):
        kept = {row.person_id: row for row in Attendance.objects.filter(session=session)}
        weighed = settling.weigh(session)
        for person, (minutes, state, _evidence) in weighed.items():
            row = kept.get(person)
            if row is None or (row.minutes, row.state) != (minutes, state):
                said = f"{row.minutes} {row.state}" if row else "nothing"
                yield Breach(
                    f"session {session.pk}, person {person}", f"says {said}, evidence {minutes} {state}"
                )
        for person in kept.keys() - weighed.keys():
            yield Breach(f"session {session.pk}, person {person}", "has attendance without any evidence")


@invariant("lms_courses.reports")
def reports_are_counted_whole() -> Iterator[Breach]:
    """Every settled row of an applied report brought evidence, and of an undone one nothing stands."""
    rows = ReportRow.objects.filter(outcome=ReportRow.Outcome.MATCHED).order_by("pk")
    for row in rows.filter(report__state=MeetingReport.State.APPLIED, presence__isnull=True):
        yield Breach(
            f"report {row.report_id}, row {row.number}", "is matched and applied but brought nothing"
        )
    undone = rows.filter(report__state=MeetingReport.State.UNDONE, presence__isnull=False)
    for row in undone.filter(presence__retracted_by__isnull=True):
        yield Breach(f"report {row.report_id}, row {row.number}", "was undone but its evidence stands")


@invariant("lms_courses.settled")
def attendance_is_of_settled_sessions() -> Iterator[Breach]:
    """Attendance is written when a session is settled, never before."""
    for row in Attendance.objects.exclude(session__state=Session.State.SETTLED).order_by("pk"):
        yield Breach(f"session {row.session_id}, person {row.person_id}", "has attendance but is not settled")


@invariant("lms_courses.graded")
def scores_follow_from_answers() -> Iterator[Breach]:
    """Every finished attempt, graded again from its frozen questions and saved answers."""
    # Of old attempts only the score is left, without the questions.
    rows = Attempt.objects.exclude(state=Attempt.State.OPEN).exclude(frozen={}).prefetch_related("answers")
    for attempt in rows.order_by("pk").iterator(chunk_size=100):
        answers = {answer.slot: answer.value for answer in attempt.answers.all()}
        pct = grading.grade(attempt.frozen, answers).pct
        if pct != attempt.pct or attempt.passed != (pct >= attempt.pass_pct):
            yield Breach(f"attempt {attempt.pk}", f"says {attempt.pct} %, its answers {pct} %")
        if attempt.deadline and attempt.finished_at > attempt.deadline:
            yield Breach(f"attempt {attempt.pk}", "is dated after its deadline")


@invariant("lms_courses.observed")
def observations_follow_from_ratings() -> Iterator[Breach]:
    """Every observation, scored again from its ratings."""
    for row in Observation.objects.order_by("pk").iterator(chunk_size=200):
        if checking.score(row.frozen, row.ratings) != (row.pct, row.critical_missed, row.passed):
            yield Breach(f"observation {row.pk}", "has a score that its ratings do not give")


@invariant("lms_courses.anonymous")
def anonymous_answers_name_nobody() -> Iterator[Breach]:
    """An answer whose version promised that it is anonymous keeps no link to an enrolment.

    Versions frozen before they held the promise say nothing of it; a survey itself may be edited at any time.
    """
    named = SurveyResponse.objects.filter(enrolment__isnull=False)
    runs = Run.objects.filter(pk__in=named.values("run")).select_related("release")
    for run in runs.order_by("pk").iterator(chunk_size=100):
        promised = [
            item["lesson"] for item in run.release.outline if item.get("questionnaire", {}).get("anonymous")
        ]
        for row in named.filter(run=run, lesson__in=promised):
            yield Breach(f"survey {row.survey_id}", "was promised to be anonymous but names an enrolment")
