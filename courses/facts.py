"""Collects the evidence of enrolments for ``completion.evaluate``; reads, never writes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db import connection

from courses import completion
from courses.making_up import Recordings
from courses.models import (
    Attempt,
    Attendance,
    Enrolment,
    EnrolmentMove,
    Excuse,
    LessonProgress,
    MakeUp,
    Observation,
    Release,
    Run,
    Session,
    SessionUse,
    SignOff,
    SurveyReceipt,
    Waiver,
    WatchRecord,
)
from lms import sql


def facts_of(enrolment: Enrolment, *, lost: Collection[int] = ()) -> completion.Facts:
    """All evidence of *enrolment* on the lessons of its release, at most eight queries.

    What was concluded earlier for the lessons *lost* is left out. Kinds that the release lacks cost
    no query.
    """
    return Evidence([enrolment], with_moves=bool(lost)).facts(enrolment, lost=lost)


def result_of(enrolment: Enrolment) -> completion.Result:
    """Where *enrolment* stands now by all evidence, without writing anything."""
    release = enrolment.run.release
    return completion.evaluate(release.policy, release.outline, facts_of(enrolment))


def proved(enrolment: Enrolment) -> completion.Result:
    """Where *enrolment* stands by the evidence alone, whatever was concluded from it earlier.

    Of somebody who was moved this includes what the version left behind counted as met, weighed
    again by that version.
    """
    release = enrolment.run.release
    facts = Evidence([enrolment], with_moves=True).facts(enrolment, remembered=False)
    return completion.evaluate(release.policy, release.outline, facts)


def carried(enrolment: Enrolment) -> dict[int, dict]:
    """Lessons met before *enrolment* was moved that the evidence still carries by the version left."""
    return Evidence([enrolment], with_moves=True).carried(enrolment)


# By hand, and of everybody at once: each page of a learner asks, and no condition but the enrolment is in them.
_PROGRESS = """
SELECT id, enrolment_id, lesson_id, value, met_at, evidence, updated_at FROM lms_courses_lessonprogress
WHERE enrolment_id IN ({})"""
_WATCHED = """
SELECT enrolment_id, video_id, version, credited, buckets, position FROM lms_courses_watchrecord
WHERE enrolment_id IN ({})"""


def recorded(
    enrolments: Sequence[Enrolment],
) -> tuple[dict[int, completion.Result], dict[tuple[int, int, int], int]]:
    """Where *enrolments* stand by what was last concluded, for screens: two queries however many.

    Every action that records evidence concludes at once; only how far a lecture has been watched
    is written more often, so it is read from the watch records. Also returned: the place to go on,
    in seconds, by (enrolment, video, version).
    """
    marks, keys = sql.marks([one.pk for one in enrolments])
    progress: dict[int, dict[int, LessonProgress]] = defaultdict(dict)
    for row in sql.many(LessonProgress, _PROGRESS.format(marks), keys):
        progress[row.enrolment_id][row.lesson_id] = row
    watched = {}
    with connection.cursor() as cursor:
        cursor.execute(_WATCHED.format(marks), keys)
        for *key, credited, buckets, position in cursor.fetchall():
            watched[tuple(key)] = credited, buckets, position
    results = {}
    signed = _signed(enrolments, [enrolment.run for enrolment in enrolments])
    for enrolment in enrolments:
        release = enrolment.run.release
        lessons = []
        for item in release.outline:
            row = progress[enrolment.pk].get(item["lesson"])
            pct = row.value if row else completion.share(0, 0)
            seen = watched.get((enrolment.pk, item.get("video"), item.get("version")))
            if seen and not (row and row.met_at):
                pct = completion.share(*seen[:2])
            lessons.append(
                completion.LessonResult(
                    item["lesson"], bool(row and row.met_at), pct, row.evidence if row else {}
                )
            )
        results[enrolment.pk] = completion.weigh(
            release.policy, release.outline, lessons, signed=signed.get(enrolment.pk)
        )
    return results, {key: position for key, (_credited, _buckets, position) in watched.items()}


class Evidence:
    """All evidence of some enrolments, fetched at once: the number of queries does not grow with them.

    ``also`` are further classes to weigh them for, as before a move. Only ``with_moves`` can say
    what was met by a version that somebody left.
    """

    def __init__(self, enrolments: Sequence[Enrolment], *, also: Sequence[Run] = (), with_moves=False):
        self.enrolments = enrolments
        self.moves = self._moves() if with_moves else {}
        runs = [one.run for one in enrolments] + list(also)
        runs += [move.from_run for moves in self.moves.values() for move in moves]
        self.runs = {run.pk: run for run in runs if run.pk}
        kinds = {item["kind"] for release in _distinct(runs) for item in release.outline}
        self.progress = self._by_enrolment(LessonProgress, "lesson", "met_at", "evidence")
        self.watched = self._watched() if "video" in kinds else {}
        self.with_test: dict[int, bool] = {}
        self.recordings: Recordings | None = None
        self.uses, self.attended, self.left = self._attended() if "session" in kinds else ({}, {}, {})
        self.attempts = self._attempts() if "quiz" in kinds else {}
        self.observed = self._observed() if "checklist" in kinds else {}
        self.surveyed = self._by_enrolment(SurveyReceipt, "lesson") if "survey" in kinds else {}
        self.made_up: dict[int, dict[int, int]] = defaultdict(dict)
        if "session" in kinds:
            approved = self._by_enrolment(MakeUp, "pk", "lesson", state=MakeUp.State.APPROVED)
            self.made_up |= {pk: {row["lesson"]: row["pk"] for row in rows} for pk, rows in approved.items()}
        can_excuse = any(run.release.policy.get("max_excused") for run in runs)
        self.excused = self._excused() if can_excuse and "session" in kinds else {}
        self.signed = _signed(self.enrolments, runs)
        self.waived = defaultdict(set)
        for run, lesson in Waiver.objects.filter(run__in=self.runs).values_list("run", "lesson"):
            self.waived[run].add(lesson)

    def facts(
        self,
        enrolment: Enrolment,
        run: Run | None = None,
        *,
        remembered: bool = True,
        lost: Collection[int] = (),
        earlier: Mapping[int, dict] | None = None,
    ) -> completion.Facts:
        """What speaks for *enrolment* by the version of its own class, or of *run*.

        ``remembered=False`` leaves out what was concluded before, so that an invariant can ask whether
        the evidence alone still carries it; *earlier* is then taken for what a version left had met.
        """
        pk, run = enrolment.pk, run or enrolment.run
        rows = self.progress.get(pk, ())
        met = {row["lesson"]: row["evidence"] for row in rows if row["met_at"]} if remembered else {}
        met = {lesson: why for lesson, why in met.items() if lesson not in lost}
        if earlier is None:
            earlier = self.carried(enrolment)
        seen = self.watched.get(pk, {})
        return completion.Facts(
            watched={
                item["lesson"]: seen[item["video"], item["version"]]
                for item in run.release.outline
                if item["kind"] == "video" and (item["video"], item["version"]) in seen
            },
            attended=self._of_classes(enrolment, run),
            attempts=self.attempts.get(pk, {}),
            observed=self.observed.get(pk, {}),
            surveyed=frozenset(row["lesson"] for row in self.surveyed.get(pk, ())),
            read=frozenset(row["lesson"] for row in rows if row["evidence"].get("read")),
            waived=frozenset(self.waived[run.pk]),
            made_up=self.made_up.get(pk, {}),
            excused=self._excused_in(enrolment, run),
            signed=self.signed.get(pk),
            met={**earlier, **met},
        )

    def carried(self, enrolment: Enrolment) -> dict[int, dict]:
        """Lessons met before each move that the evidence still carries, by the version that was left."""
        found: dict[int, dict] = {}
        for move in self.moves.get(enrolment.pk, ()):
            run = self.runs[move.from_run_id]
            facts = self.facts(enrolment, run, remembered=False, earlier=found)
            result = completion.evaluate(run.release.policy, run.release.outline, facts)
            # What a version would count that came only after it was left is for the newer one to weigh.
            found |= {
                one.lesson: one.evidence for one in result.lessons if one.met and one.lesson in move.kept
            }
        return found

    def _moves(self) -> dict[int, list[EnrolmentMove]]:
        found = defaultdict(list)
        rows = EnrolmentMove.objects.filter(enrolment__in=self.enrolments)
        for row in rows.select_related("from_run__release").order_by("pk"):
            found[row.enrolment_id].append(row)
        return found

    def _by_enrolment(self, model, *fields: str, **values) -> dict[int, list[dict]]:
        found = defaultdict(list)
        rows = model.objects.filter(enrolment__in=self.enrolments, **values)
        for row in rows.order_by("pk").values("enrolment", *fields):
            found[row["enrolment"]].append(row)
        return found

    def _watched(self):
        found = {}
        fields = ("video", "version", "credited", "buckets", "offline_buckets")
        for pk, rows in self._by_enrolment(WatchRecord, *fields).items():
            found[pk] = {
                (row["video"], row["version"]): completion.Watched(
                    row["credited"], row["buckets"], row["offline_buckets"]
                )
                for row in rows
            }
        return found

    def _attended(self):
        """Lessons by class and session; attendance by person and session; classes left by enrolment."""
        left = defaultdict(set)
        moved = EnrolmentMove.objects.filter(enrolment__in=self.enrolments)
        for enrolment, run in moved.values_list("enrolment", "from_run"):
            left[enrolment].add(run)
        uses: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        runs = {*self.runs, *(run for runs in left.values() for run in runs)}
        rules = ("session__makeup_days", "session__makeup_with_test")
        for use in SessionUse.objects.filter(run__in=runs).values("run", "session", "lesson", *rules):
            uses[use["run"]][use["session"]].add(use["lesson"])
            if use["session__makeup_days"]:
                self.with_test[use["session"]] = use["session__makeup_with_test"]
        if self.with_test:
            self.recordings = Recordings(self.with_test, [one.pk for one in self.enrolments])
        found: dict[int, dict[int, tuple[completion.Attended, list]]] = defaultdict(dict)
        sessions = {session for used in uses.values() for session in used}
        people = {one.person_id for one in self.enrolments}
        rows = Attendance.objects.filter(person__in=people, session__in=sessions).select_related("session")
        for row in rows:
            seconds = row.session.length.total_seconds()
            one = completion.Attended(row.session_id, row.state, row.minutes, Decimal(str(seconds)) / 60)
            found[row.person_id][row.session_id] = one, row.evidence
        return uses, found, left

    def _of_classes(self, enrolment: Enrolment, run: Run) -> dict[int, list[completion.Attended]]:
        """Attendance by lesson, in sessions of *run*, of the learner's class and of those left."""
        present = self.attended.get(enrolment.person_id, {})
        lessons: dict[int, set[int]] = defaultdict(set)
        for pk in {run.pk, enrolment.run_id, *self.left.get(enrolment.pk, ())}:
            for session, used in self.uses.get(pk, {}).items():
                lessons[session] |= used
        found = defaultdict(list)
        for session, used in sorted(lessons.items()):
            one, evidence = present.get(session, (None, []))
            if self.recordings:
                one = self.recordings.with_made_up(enrolment.pk, session, one, evidence)
            for lesson in used if one else ():
                test = (
                    completion.test_after(run.release.outline, lesson)
                    if self.with_test.get(session)
                    else None
                )
                found[lesson].append(replace(one, test=test))
        return found

    def _excused(self) -> dict[int, dict[int, int]]:
        """Accepted excuses by person and settled session that leaves them out of the count."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        rows = Excuse.objects.accepted().filter(
            person__in={one.person_id for one in self.enrolments},
            session__state=Session.State.SETTLED,
            session__excuse_effect=Session.ExcuseEffect.LEFT_OUT,
        )
        for pk, person, session in rows.order_by("pk").values_list("pk", "person", "session"):
            found[person][session] = pk
        return found

    def _excused_in(self, enrolment: Enrolment, run: Run) -> dict[int, int]:
        """The excuse for each lesson of *run*, by its own sessions and those of classes left."""
        own = self.excused.get(enrolment.person_id)
        if not own:
            return {}
        classes = {run.pk, enrolment.run_id, *self.left.get(enrolment.pk, ())}
        used = ((pk, session) for pk in classes for session in self.uses.get(pk, {}) if session in own)
        return {lesson: own[session] for pk, session in used for lesson in self.uses[pk][session]}

    def _attempts(self):
        found: dict = defaultdict(lambda: defaultdict(list))
        rows = Attempt.objects.filter(enrolment__in=self.enrolments).exclude(state=Attempt.State.OPEN)
        for row in rows.values("enrolment", "lesson", "number", "pct", "finished_at"):
            one = completion.Tried(row["number"], row["pct"], row["finished_at"])
            found[row["enrolment"]][row["lesson"]].append(one)
        return found

    def _observed(self):
        found: dict = defaultdict(lambda: defaultdict(list))
        fields = ("lesson", "number", "pct", "critical_missed", "passed")
        for pk, rows in self._by_enrolment(Observation, *fields, taken_back_at=None).items():
            for row in rows:
                seen = completion.Observed(row["number"], row["pct"], row["critical_missed"], row["passed"])
                found[pk][row["lesson"]].append(seen)
        return found


def _signed(enrolments: Sequence[Enrolment], runs: Sequence[Run]) -> dict[int, int]:
    """The sign-off by enrolment; asked for only where a release wants one."""
    if not any(run.release.policy.get("require_signoff") for run in runs):
        return {}
    return dict(SignOff.objects.filter(enrolment__in=enrolments).values_list("enrolment", "pk"))


def _distinct(runs: Sequence[Run]) -> list[Release]:
    """The releases of *runs*, each once: their outlines are long."""
    return list({run.release_id or id(run.release): run.release for run in runs}.values())
