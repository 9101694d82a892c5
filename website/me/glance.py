"""What my page says in one word or number, asked for in one statement."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, IntegerField

from lms import clock, sql
from lms.models import Affiliation, Person
from website.accounts.consents import PRIVACY_VERSION, PURPOSES

ABSENT_FOR = timedelta(days=30)
"""For how long after a session an absence from it is shown."""


@dataclass(frozen=True, slots=True)
class Glance:
    """``stands_in``: somebody's deputy today; ``asks_again``: the text of a question changed since it was answered;
    ``observes``: skills may wait for this person's eyes; ``unread`` messages; ``was_absent``: said so of a session
    of the last month or to come.
    """

    stands_in: bool = False
    asks_again: bool = False
    observes: bool = False
    unread: int = 0
    was_absent: bool = False


# ``givers_of``, ``held.Answer.is_outdated``, ``CourseStaff`` in force, ``inbox().unread()`` and ``absences``, spelled out.
_GLANCE = f"""
SELECT
EXISTS (SELECT 1 FROM lms_courses_deputy d JOIN website_user u ON u.id = d.giver_id
    WHERE d.deputy_id = %s AND d.valid_from <= %s AND d.valid_to >= %s AND u.is_active),
EXISTS (SELECT 1 FROM lms_consent c WHERE c.person_id = %s AND c.text_version <> %s
    AND c.purpose IN ({", ".join(["%s"] * len(PURPOSES))})
    AND NOT EXISTS (SELECT 1 FROM lms_consent n WHERE n.person_id = c.person_id AND n.purpose = c.purpose
        AND (n.at > c.at OR (n.at = c.at AND n.id > c.id)))),
EXISTS (SELECT 1 FROM lms_courses_coursestaff s WHERE s.person_id = %s AND s.role = 'observer'
    AND (s.valid_to IS NULL OR s.valid_to >= %s)),
(SELECT COUNT(*) FROM lms_message m WHERE m.person_id = %s AND m.read_at IS NULL
    AND m.state <> 'dropped' AND NOT (m.subject = '' AND m.body = '')),
EXISTS (SELECT 1 FROM lms_courses_excuse x JOIN lms_courses_session s ON s.id = x.session_id
    WHERE x.person_id = %s AND x.state <> 'withdrawn' AND s.ends_at >= %s)"""  # noqa: S608
_KINDS = BooleanField(), BooleanField(), BooleanField(), IntegerField(), BooleanField()


def glance(user, person: Person | None) -> Glance:
    """The small things about *person*, and whether *user* decides in somebody's stead."""
    me, day = person.pk if person else 0, sql.stored(Affiliation, "valid_from", clock.today())
    since = sql.stored(Person, "created_at", clock.nearly() - ABSENT_FOR)
    params = [user.pk, day, day, me, PRIVACY_VERSION, *PURPOSES, me, day, me, me, since]
    return Glance(*sql.rows(_GLANCE, params, _KINDS)[0])
