"""Settings of the courses app, read when used, each with its default."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string


class Conf:
    """One property per question a host may answer differently."""

    def _read(self, name: str, default):
        return getattr(settings, f"LMS_COURSES_{name}", default)

    @property
    def CAN_OPEN_LESSON(self) -> Callable | None:
        """Dotted path of ``f(user, enrolment, lesson) -> bool``, asked after our own rules. Default: none."""
        path = self._read("CAN_OPEN_LESSON", None)
        return import_string(path) if path else None

    @property
    def ALLOW_UNREVIEWED(self) -> bool:
        """Issue releases whose questions no clinician has reviewed. Only for demonstrations. Default: no."""
        return bool(self._read("ALLOW_UNREVIEWED", False))

    @property
    def REVIEW_REMINDER_DAYS(self) -> tuple[int, ...]:
        """How many days before a clinical review is due people are reminded. Default: 60, 30 and 0."""
        return tuple(self._read("REVIEW_REMINDER_DAYS", (60, 30, 0)))

    @property
    def INACTIVE_DAYS(self) -> tuple[int, ...]:
        """After how many days without a step a learner is reminded. Default: 7 and 21; empty: never."""
        return tuple(self._read("INACTIVE_DAYS", (7, 21)))

    @property
    def DUE_DAYS(self) -> tuple[int, ...]:
        """How many days before the end of a class whoever is not done is reminded. Default: 7 and 1; empty: never."""
        return tuple(self._read("DUE_DAYS", (7, 1)))

    @property
    def SILENT_DAYS(self) -> int:
        """After how many days without any progress a learner is shown as needing help. Default: 14."""
        return int(self._read("SILENT_DAYS", 14))

    @property
    def BEAT_SECONDS(self) -> int:
        """How often a playing lecture reports, in seconds. Default: 30."""
        return int(self._read("BEAT_SECONDS", 30))

    @property
    def TOKEN_DAYS(self) -> int:
        """How long the page of a lecture may report without being loaded again, in days. Default: 14."""
        return int(self._read("TOKEN_DAYS", 14))

    @property
    def OFFLINE_CAP_SECONDS(self) -> int:
        """Seconds of lectures watched without a network that are credited at once. Default: 8 hours; 0 for none."""
        return int(self._read("OFFLINE_CAP_SECONDS", 8 * 3600))

    @property
    def ARCHIVE_MAX_BYTES(self) -> int:
        """Largest archive of a course that is taken, packed and unpacked, in bytes. Default: 4 GB."""
        return int(self._read("ARCHIVE_MAX_BYTES", 4_000_000_000))

    @property
    def ARCHIVE_KEEP_HOURS(self) -> int:
        """How long an exported course, or one sent in and not imported yet, is kept, in hours. Default: 24."""
        return int(self._read("ARCHIVE_KEEP_HOURS", 24))

    # ---- Live sessions and tests -------------------------------------------------------------

    @property
    def CASE_PICTURE_DAYS(self) -> int:
        """How long after its session the pictures of a case are kept, in days. Default: 45."""
        return int(self._read("CASE_PICTURE_DAYS", 45))

    @property
    def SHEET_SCAN_DAYS(self) -> int:
        """How long after its session the photograph of a signed sheet is kept, in days. Default: five years."""
        return int(self._read("SHEET_SCAN_DAYS", 1826))

    @property
    def CHECK_IN_EARLY_MINUTES(self) -> int:
        """How long before its hour a session takes evidence, in minutes. Default: 30."""
        return int(self._read("CHECK_IN_EARLY_MINUTES", 30))

    @property
    def CHECK_IN_LATE_MINUTES(self) -> int:
        """How long after its hour codes of a session still count, in minutes. Default: 30."""
        return int(self._read("CHECK_IN_LATE_MINUTES", 30))

    @property
    def CHECK_IN_REPEAT_MINUTES(self) -> int:
        """Within how many minutes a second check-in is the same one. Default: 5."""
        return int(self._read("CHECK_IN_REPEAT_MINUTES", 5))

    @property
    def CHECK_IN_OFFLINE_HOURS(self) -> int:
        """For how long a check-in typed without network may still be sent, in hours. Default: 72."""
        return int(self._read("CHECK_IN_OFFLINE_HOURS", 72))

    @property
    def PULSE_MINUTES(self) -> int:
        """How long a single code proves presence, in minutes. Default: 30."""
        return int(self._read("PULSE_MINUTES", 30))

    @property
    def PROMPT_MINUTES(self) -> int:
        """Once in how many minutes a phone asks "are you still there". Default: 30; 0 for never."""
        return int(self._read("PROMPT_MINUTES", 30))

    @property
    def SHARED_PHONE_PEOPLE(self) -> int:
        """More people than this checking in with one phone are shown to the hub; nobody is refused. Default: 3."""
        return int(self._read("SHARED_PHONE_PEOPLE", 3))

    @property
    def ROSTER_GRACE_MINUTES(self) -> int:
        """Up to how long after the start a coordinator's tick counts from the start. Default: 15."""
        return int(self._read("ROSTER_GRACE_MINUTES", 15))

    @property
    def SETTLE_AFTER_HOURS(self) -> int:
        """How long after its end a session is settled by itself, in hours. Default: 72."""
        return int(self._read("SETTLE_AFTER_HOURS", 72))

    @property
    def SESSION_ARCHIVE_DAYS(self) -> int:
        """How long after its settlement a session is archived by itself, in days. Default: 180; 0 for never."""
        return int(self._read("SESSION_ARCHIVE_DAYS", 180))

    @property
    def EXCUSE_DAYS(self) -> int:
        """How long after a session an absence can still be explained, in days. Default: 7."""
        return int(self._read("EXCUSE_DAYS", 7))

    @property
    def EXCUSE_APPEAL_DAYS(self) -> int:
        """How long a refused excuse can be appealed, in days. Default: 7."""
        return int(self._read("EXCUSE_APPEAL_DAYS", 7))

    @property
    def SUBMIT_GRACE_SECONDS(self) -> int:
        """How long after the deadline the last request of a test may arrive, in seconds. Default: 30."""
        return int(self._read("SUBMIT_GRACE_SECONDS", 30))


conf = Conf()
