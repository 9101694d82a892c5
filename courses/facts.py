"""Collects the evidence of an enrolment for ``completion.evaluate``; reads, never writes."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from courses import completion
from courses.models import (
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Observation,
    SessionUse,
    SurveyReceipt,
    Waiver,
    WatchRecord,
)


def facts_of(enrolment: Enrolment, *, remembered: bool = True) -> completion.Facts:
    """All evidence of *enrolment* on the lessons of its release, at most seven queries.

    With ``remembered=False`` what was concluded earlier is left out, so that an invariant can ask
    whether the evidence alone still carries it. Kinds that the release lacks cost no query.
    """
    outline = enrolment.run.release.outline
    kinds = {item["kind"] for item in outline}
    rows = list(LessonProgress.objects.filter(enrolment=enrolment).values("lesson", "met_at", "evidence"))
    return completion.Facts(
        watched=_watched(enrolment, outline) if "video" in kinds else {},
        attended=_attended(enrolment) if "session" in kinds else {},
        attempts=_attempts(enrolment) if "quiz" in kinds else {},
        observed=_observed(enrolment) if "checklist" in kinds else {},
        surveyed=_surveyed(enrolment) if "survey" in kinds else frozenset(),
        read=frozenset(row["lesson"] for row in rows if row["evidence"].get("read")),
        waived=frozenset(Waiver.objects.filter(run=enrolment.run_id).values_list("lesson", flat=True)),
        met={row["lesson"]: row["evidence"] for row in rows if row["met_at"]} if remembered else {},
    )


def result_of(enrolment: Enrolment) -> completion.Result:
    """Where *enrolment* stands now by all evidence, without writing anything."""
    release = enrolment.run.release
    return completion.evaluate(release.policy, release.outline, facts_of(enrolment))


def proved(enrolment: Enrolment) -> completion.Result:
    """Where *enrolment* stands by the evidence alone, whatever was concluded from it earlier."""
    release = enrolment.run.release
    return completion.evaluate(release.policy, release.outline, facts_of(enrolment, remembered=False))


def recorded(
    enrolments: Sequence[Enrolment],
) -> tuple[dict[int, completion.Result], dict[tuple[int, int, int], int]]:
    """Where *enrolments* stand by what was last concluded, for screens: two queries however many.

    Every action that records evidence concludes at once; only how far a lecture has been watched
    is written more often, so it is read from the watch records. Also returned: the place to go on,
    in seconds, by (enrolment, video, version).
    """
    progress: dict[int, dict[int, LessonProgress]] = defaultdict(dict)
    for row in LessonProgress.objects.filter(enrolment__in=enrolments):
        progress[row.enrolment_id][row.lesson_id] = row
    watched = {
        (row["enrolment"], row["video"], row["version"]): row
        for row in WatchRecord.objects.filter(enrolment__in=enrolments).values(
            "enrolment", "video", "version", "credited", "buckets", "position"
        )
    }
    results = {}
    for enrolment in enrolments:
        release = enrolment.run.release
        lessons = []
        for item in release.outline:
            row = progress[enrolment.pk].get(item["lesson"])
            pct = row.value if row else completion.share(0, 0)
            seen = watched.get((enrolment.pk, item.get("video"), item.get("version")))
            if seen and not (row and row.met_at):
                pct = completion.share(seen["credited"], seen["buckets"])
            lessons.append(
                completion.LessonResult(
                    item["lesson"], bool(row and row.met_at), pct, row.evidence if row else {}
                )
            )
        results[enrolment.pk] = completion.weigh(release.policy, release.outline, lessons)
    return results, {key: row["position"] for key, row in watched.items()}


def _watched(enrolment, outline):
    seen = {
        (row["video"], row["version"]): completion.Watched(
            row["credited"], row["buckets"], row["offline_buckets"]
        )
        for row in WatchRecord.objects.filter(enrolment=enrolment).values(
            "video", "version", "credited", "buckets", "offline_buckets"
        )
    }
    return {
        item["lesson"]: seen[item["video"], item["version"]]
        for item in outline
        if item["kind"] == "video" and (item["video"], item["version"]) in seen
    }


def _attended(enrolment):
    lessons = defaultdict(list)
    for use in SessionUse.objects.filter(run=enrolment.run_id).values("session", "lesson"):
        lessons[use["session"]].append(use["lesson"])
    found = defaultdict(list)
    rows = Attendance.objects.filter(person=enrolment.person_id, session__in=lessons).select_related(
        "session"
    )
    for row in rows:
        seconds = (row.session.ends_at - row.session.starts_at).total_seconds()
        one = completion.Attended(row.session_id, row.state, row.minutes, Decimal(str(seconds)) / 60)
        for lesson in lessons[row.session_id]:
            found[lesson].append(one)
    return found


def _attempts(enrolment):
    found = defaultdict(list)
    rows = Attempt.objects.filter(enrolment=enrolment).exclude(state=Attempt.State.OPEN)
    for row in rows.values("lesson", "number", "pct"):
        found[row["lesson"]].append(completion.Tried(row["number"], row["pct"]))
    return found


def _observed(enrolment):
    found = defaultdict(list)
    rows = Observation.objects.filter(enrolment=enrolment)
    for row in rows.values("lesson", "number", "pct", "critical_missed", "passed"):
        seen = completion.Observed(row["number"], row["pct"], row["critical_missed"], row["passed"])
        found[row["lesson"]].append(seen)
    return found


def _surveyed(enrolment):
    return frozenset(SurveyReceipt.objects.filter(enrolment=enrolment).values_list("lesson", flat=True))
