"""What must always be true of courses; ``manage.py lms_verify`` asks."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from courses import completion, watching
from courses.actions.releases import digest
from courses.facts import facts_of
from courses.models import Enrolment, LessonProgress, Release, Run, WatchRecord
from lms.verify import Breach, invariant


@invariant("lms_courses.completion")
def completions_follow_from_evidence() -> Iterator[Breach]:
    """Evaluates every completed enrolment again, from its evidence alone."""
    rows = Enrolment.objects.filter(state=Enrolment.State.COMPLETED).select_related("run__release")
    for enrolment in rows.order_by("pk").iterator(chunk_size=200):
        release = enrolment.run.release
        facts = facts_of(enrolment, remembered=False)
        result = completion.evaluate(release.policy, release.outline, facts)
        if not result.complete:
            missing = ", ".join(rule.code for rule in result.rules if not rule.met) or "no rule"
            yield Breach(f"enrolment {enrolment.pk}", f"is completed, but the evidence does not carry: {missing}")
        if not enrolment.completion:
            yield Breach(f"enrolment {enrolment.pk}", "is completed without the explained result")


@invariant("lms_courses.unnoticed")
def nobody_is_left_waiting() -> Iterator[Breach]:
    """Nobody who has met every rule is still counted as learning."""
    rows = Enrolment.objects.open().select_related("run__release")
    for enrolment in rows.order_by("pk").iterator(chunk_size=200):
        release = enrolment.run.release
        if completion.evaluate(release.policy, release.outline, facts_of(enrolment)).complete:
            yield Breach(f"enrolment {enrolment.pk}", "has met every rule but is not completed")


@invariant("lms_courses.seats")
def seats_equal_learners() -> Iterator[Breach]:
    """Seats taken are the people who learn or have completed."""
    holding = Q(enrolments__state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED])
    runs = Run.objects.annotate(holders=Count("enrolments", filter=holding)).exclude(seats_taken=F("holders"))
    for run in runs:
        yield Breach(f"class {run.code}", f"counts {run.seats_taken} seats taken, {run.holders} people hold one")


@invariant("lms_courses.progress")
def progress_follows_from_evidence() -> Iterator[Breach]:
    """No lesson is met without evidence or a waiver."""
    rows = LessonProgress.objects.filter(met_at__isnull=False).select_related("enrolment__run__release")
    by_enrolment: dict[int, completion.Result] = {}
    for row in rows.order_by("enrolment", "lesson").iterator(chunk_size=500):
        result = by_enrolment.get(row.enrolment_id)
        if result is None:
            release = row.enrolment.run.release
            facts = facts_of(row.enrolment, remembered=False)
            result = completion.evaluate(release.policy, release.outline, facts)
            by_enrolment = {row.enrolment_id: result}
        one = result.lesson(row.lesson_id)
        if one is None or not one.met:
            yield Breach(f"enrolment {row.enrolment_id}, lesson {row.lesson_id}", "is met without evidence")


@invariant("lms_courses.watched")
def bitmaps_agree_with_their_counts() -> Iterator[Breach]:
    """The stored count is the number of set bits, and no bit lies beyond the end."""
    for row in WatchRecord.objects.order_by("pk").iterator(chunk_size=500):
        bits = watching.from_bytes(row.bits)
        if bits.bit_count() != row.credited or bits.bit_length() > row.buckets:
            yield Breach(f"watch record {row.pk}", f"says {row.credited}, its bitmap {bits.bit_count()}")


@invariant("lms_courses.frozen")
def releases_are_as_they_were_frozen() -> Iterator[Breach]:
    """Outline and policy still have the hash of the day they were frozen."""
    for release in Release.objects.order_by("pk").iterator(chunk_size=100):
        if release.sha256 and digest(release.outline, release.policy) != release.sha256:
            yield Breach(f"release {release.pk}", "was changed after it was frozen")
