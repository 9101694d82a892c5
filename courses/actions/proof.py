"""At which moment a code or QR code that somebody brings was on a screen, and why one is refused."""

from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from courses import codes
from courses.conf import conf
from courses.models import Presence, Session, SessionSite

SKEW_STEPS = 10
"""How far the clock of a phone without network may be wrong, in code steps: five minutes."""
STALE_STEPS = 240
"""For how long an old code is called old rather than wrong: two hours."""
KEPT = timedelta(minutes=5)
"""For how long a code that was scanned may wait for its owner to sign in."""


class CheckInRefused(Exception):
    """A check-in that does not count; the message says why and what to do."""


class CodeWrong(CheckInRefused):
    """Nobody showed this code for this session."""


class CodeStale(CheckInRefused):
    """The code was right some time ago."""


class ClockOff(CodeWrong):
    """A code that a phone kept cannot be dated, because the phone says an hour that cannot be."""


class SessionClosed(CheckInRefused):
    """The session takes no evidence at that moment."""


def early() -> timedelta:
    """How long before its hour a session takes evidence."""
    return timedelta(minutes=conf.CHECK_IN_EARLY_MINUTES)


def late() -> timedelta:
    """How long after its hour codes of a session still count."""
    return timedelta(minutes=conf.CHECK_IN_LATE_MINUTES)


class Proof:
    """At which moment a code or token was on a screen, by the server's clock and the code itself."""

    def __init__(self, now: datetime, *, shown_at: datetime | None, client_at: datetime | None):
        self.now = now
        self.moment = now
        self.is_late = False
        self.source = Presence.Source.SELF_QR
        self.shown_at = shown_at if shown_at and now - KEPT <= shown_at <= now else None
        oldest = now - timedelta(hours=conf.CHECK_IN_OFFLINE_HOURS)
        # A phone whose clock runs ahead says nothing; one that says "just now" is not offline.
        waited = client_at is not None and oldest <= client_at < now - timedelta(seconds=codes.STEP)
        self.client_at = client_at if waited else None
        self.said = client_at

    def read_code(self, text: str, session: Session | None) -> Session:
        code = codes.clean(text)
        if code is None:
            raise CodeWrong(_("The code is six digits. Type the code that is on the screen now."))
        candidates = [session] if session else self._candidates()
        for candidate in candidates:
            for shown in filter(None, (self.now, self.shown_at)):
                if codes.find_step(candidate.secret, code, shown.timestamp()) is not None:
                    self.moment = shown
                    return candidate
            if self.client_at and self._read_late(candidate, code):
                return candidate
        for candidate in candidates:
            if codes.find_step(candidate.secret, code, self.now.timestamp(), back=STALE_STEPS) is not None:
                raise CodeStale(_("Type the new code that is on the screen now."))
        self._refuse_a_wrong_clock(session)
        raise CodeWrong(_("This is not the code of this session. Type the code that is on the screen now."))

    def _refuse_a_wrong_clock(self, session: Session | None) -> None:
        """Say so where the phone's hour lies ahead, too far back, or where *session* was not on."""
        if self.said is None:
            return
        is_off = self.said > self.now + KEPT or (
            self.said < self.now - KEPT
            and (
                self.client_at is None
                or (
                    session is not None
                    and not session.starts_at - early() <= self.said <= session.ends_at + late()
                )
            )
        )
        if is_off:
            raise ClockOff(
                _(
                    "This phone says it is %(when)s, so a code that it kept cannot be dated. Set its clock "
                    "right, or ask the coordinator of your site to tick your name."
                )
                % {"when": date_format(localtime(self.said), "SHORT_DATETIME_FORMAT")}
            )

    def _candidates(self) -> list[Session]:
        moment = self.client_at or self.now
        return list(Session.objects.going_on(moment, early=early(), late=late()).order_by("starts_at")[:50])

    def _read_late(self, session: Session, code: str) -> bool:
        typed = self.client_at.timestamp()
        ahead = min(SKEW_STEPS, codes.step_at(self.now.timestamp()) - codes.step_at(typed))
        step = codes.find_step(session.secret, code, typed, back=codes.BACK + SKEW_STEPS, ahead=ahead)
        if step is None:
            return False
        self.moment = datetime.fromtimestamp(codes.moment_of(step), UTC)
        self.is_late = True
        return True

    def read_token(self, text: str) -> SessionSite:
        token = codes.read_site_token(text)
        site = token and SessionSite.objects.filter(pk=token.site).select_related("session").first()
        if not site or not codes.is_genuine(token, site.secret, str(site.session.uuid)):
            raise CodeWrong(_("This QR code is not of this session. Scan the one in your room."))
        if token.step is None:
            self.moment, self.source = self.shown_at or self.now, Presence.Source.POSTER
            return site
        for shown in filter(None, (self.now, self.shown_at)):
            if codes.is_timely(token.step, shown.timestamp()):
                self.moment = shown
                return site
        minted = datetime.fromtimestamp(codes.moment_of(token.step), UTC)
        if self.client_at and minted <= self.now and abs(self.client_at - minted) < KEPT:
            self.moment, self.is_late = minted, True
            return site
        raise CodeStale(_("Scan the QR code that is on the screen now."))
