"""The enrolments of one person with class, version and course, read by hand: every page of a learner asks.

See ``docs/decisions/0008-hot-paths.md``.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import IntegerField

from courses.models import Course, Enrolment, Release, Run
from lms import sql
from lms.memory import remembered_each
from lms.models import Person

# All but ``completion``, which is long; it comes when it is asked for.
_COLUMNS = """e.id, e.run_id, e.person_id, e.episode, e.state, e.facility_id, e.enrolled_by_id, e.enrolled_at,
e.quota_id, e.withdrawn_at, e.completed_at"""

# ``Enrolment.objects.of(person).exclude(state="withdrawn")``; "active" stands before "completed" in the alphabet too.
_OF_PERSON = f"""
SELECT {_COLUMNS} FROM lms_courses_enrolment e WHERE e.person_id = %s AND e.state <> 'withdrawn'
ORDER BY e.state, e.completed_at DESC, e.enrolled_at DESC LIMIT %s"""  # noqa: S608
_IN_COURSE = f"""
SELECT {_COLUMNS} FROM lms_courses_enrolment e
JOIN lms_courses_run r ON r.id = e.run_id
JOIN lms_courses_release v ON v.id = r.release_id
WHERE e.person_id = %s AND v.course_id = %s AND e.state <> 'withdrawn'"""  # noqa: S608


def of_person(person: Person, most: int) -> list[Enrolment]:
    """At most *most* enrolments of *person*: those being learnt, then those completed, the youngest first."""
    return _with_classes(sql.many(Enrolment, _OF_PERSON, [person.pk, most]))


def in_course(person: Person, course: Course) -> Enrolment | None:
    """The enrolment by which *person* reads *course* now: an active one, else the last completed one."""
    rows = sql.many(Enrolment, _IN_COURSE, [person.pk, course.pk])
    found = min(rows, key=lambda row: (row.state != Enrolment.State.ACTIVE, -row.pk), default=None)
    if found is None:
        return None
    found.person = person
    return _with_classes([found])[0]


# ``Release.objects.filter(course__key=key, state="issued")``.
_IN_FORCE = """
SELECT v.id FROM lms_courses_release v
JOIN lms_courses_course c ON c.id = v.course_id
WHERE c.key = %s AND v.state = 'issued'"""


def in_force(key: UUID) -> Release | None:
    """The version of the course *key* in which one can enrol, with its course, or None."""
    found = sql.rows(_IN_FORCE, [sql.stored(Course, "key", key)], [IntegerField()])
    return frozen([found[0][0]])[found[0][0]] if found else None


def _with_classes(rows: Sequence[Enrolment]) -> Sequence[Enrolment]:
    marks, keys = sql.marks([row.run_id for row in rows])
    runs = {
        run.pk: run
        # Only placeholders are written into it.
        for run in sql.many(Run, f"SELECT * FROM lms_courses_run WHERE id IN ({marks})", keys)  # noqa: S608
    }
    releases = frozen(run.release_id for run in runs.values())
    for row in rows:
        row.run = runs[row.run_id]
        row.run.release = releases[row.run.release_id]
    return rows


def frozen(keys: Iterable[int]) -> dict[int, Release]:
    """Versions that learners are on, with their courses: frozen, so remembered, and not to be written to."""
    return remembered_each("releases", keys, _read)


def _read(keys: list[int]) -> dict[int, Release]:
    return {row.pk: row for row in Release.objects.filter(pk__in=keys).select_related("course")}
