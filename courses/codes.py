"""Pure: rotating six-digit codes and signed site tokens that prove a moment and a place.

A code is HMAC-SHA256 of a secret over a 30-second step, so nothing is stored per code and every
code dates itself: one typed without network can be sent hours later and still says when it was
on the screen. Delay of a video stream is why three past steps are taken (``video`` 4).
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from lms.keys import read_key

STEP = 30
"""Seconds that one code stands on the screen."""
BACK, AHEAD = 3, 1
"""Steps accepted before and after the present one."""
SITE_STEPS = 2
"""A site token is refreshed every second step: each 60 seconds."""
PRINTED = "p"
"""What stands in the place of the step on a printed site token."""

_TOKEN = re.compile(r"([0-9]{1,12})\.(p|[0-9]{1,12})\.([A-Za-z0-9_-]{22})")


def _digest(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def step_at(moment: float) -> int:
    """The step in force at *moment* (seconds since 1970)."""
    return int(moment // STEP)


def code_at(secret: str, step: int) -> str:
    """The six digits that stand on the screen during *step*."""
    return f"{int.from_bytes(_digest(secret, f'code:{step}')[:8], 'big') % 1_000_000:06d}"


def clean(text: str) -> str | None:
    """The six digits in what somebody typed ("123 456"), or None."""
    digits = re.sub(r"[\s.\-]", "", text)
    return digits if re.fullmatch(r"[0-9]{6}", digits) else None


def find_step(secret: str, code: str, moment: float, *, back: int = BACK, ahead: int = AHEAD) -> int | None:
    """The step nearest to *moment* whose code this is, or None."""
    present = step_at(moment)
    nearest_first = sorted(range(present - back, present + ahead + 1), key=lambda step: abs(step - present))
    found = None
    # Every step is compared, whatever was found: the time taken tells nothing.
    for step in nearest_first:
        if hmac.compare_digest(code_at(secret, step), code) and found is None:
            found = step
    return found


@dataclass(frozen=True)
class SiteToken:
    """A site token taken apart, not yet believed: ``step`` is None on a printed one."""

    site: int
    step: int | None
    signature: str


def _signature(secret: str, session: str, site: int, step: str) -> str:
    digest = _digest(secret, f"site:{session}:{site}:{step}")[:16]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def site_token(secret: str, session: str, site: int, moment: float | None) -> str:
    """The token in the QR code of a site: bound to session and site, dated unless *moment* is None.

    A printed token proves the place only; its time is that of the request that brings it.
    """
    step = PRINTED if moment is None else str(step_at(moment) // SITE_STEPS * SITE_STEPS)
    return f"{site}.{step}.{_signature(secret, session, site, step)}"


def read_site_token(text: str) -> SiteToken | None:
    """Take a token apart, or return None where it has not the form of one."""
    match = _TOKEN.fullmatch(text.strip())
    if not match:
        return None
    step = None if match[2] == PRINTED else int(match[2])
    return SiteToken(int(match[1]), step, match[3])


def is_genuine(token: SiteToken, secret: str, session: str) -> bool:
    """Whether the signature of *token* was made with *secret* for *session*."""
    step = PRINTED if token.step is None else str(token.step)
    return hmac.compare_digest(_signature(secret, session, token.site, step), token.signature)


def is_timely(step: int, moment: float) -> bool:
    """Whether a dated site token of *step* may be used at *moment*."""
    present = step_at(moment)
    return step - AHEAD <= present <= step + SITE_STEPS - 1 + BACK


def moment_of(step: int) -> int:
    """The second at which *step* began."""
    return step * STEP


_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def person_tag(secret: str, person: int) -> str:
    """Eight letters that tell in a meeting who somebody is, in this session only."""
    number = int.from_bytes(_digest(secret, f"person:{person}")[:5], "big")
    return "".join(_LETTERS[number >> shift & 31] for shift in range(35, -1, -5))


PROMPT = 300
"""Seconds that a question "are you still there" stands on a phone."""


def prompts(secret: str, begins: float, ends: float, *, every: float) -> list[tuple[int, int]]:
    """When phones ask "are you still there", as seconds from and until: once in each *every* seconds.

    Nobody can foresee the moments, and nothing is stored: they follow from the secret.
    """
    found = []
    for number in range(int((ends - begins) // every) if every > 2 * PROMPT else 0):
        free = int(every) - PROMPT
        offset = int.from_bytes(_digest(secret, f"prompt:{number}")[:4], "big") % free
        since = int(begins + number * every) + offset
        found.append((since, since + PROMPT))
    return found


def device_tag(secret: str, cookie: str) -> str:
    """What tells phones apart within one session; says nothing about other sessions."""
    return urlsafe_b64encode(_digest(secret, f"device:{cookie}")[:16]).decode().rstrip("=") if cookie else ""


def poster_token(secret: str, site: int) -> str:
    """The token in the QR code on the wall of a site: the same for every session, so it proves least."""
    digest = _digest(secret, f"poster:{site}")[:16]
    return f"{site}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def read_poster_token(secret: str, text: str) -> int | None:
    """The site of a genuine poster, or None."""
    site = read_key(text.partition(".")[0])
    if site is None:
        return None
    return site if hmac.compare_digest(poster_token(secret, site).encode(), text.encode()) else None


_SHEET = re.compile(r"([0-9]{1,12})\.([0-9]{1,4})\.([0-9]{1,3})\.[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class SheetPage:
    """Which page of which printed list of which room a QR code on paper names, not yet believed."""

    room: int
    number: int
    page: int


def sheet_token(secret: str, session: str, page: SheetPage) -> str:
    """The token in the QR code of a printed list: bound to session, room, list and page, for ever."""
    name = f"{page.room}.{page.number}.{page.page}"
    digest = _digest(secret, f"sheet:{session}:{name}")[:16]
    return f"{name}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def read_sheet_token(text: str) -> SheetPage | None:
    """Take the token of a printed list apart, or return None where it has not the form of one."""
    match = _SHEET.fullmatch(text)
    return SheetPage(int(match[1]), int(match[2]), int(match[3])) if match else None


def is_genuine_sheet(secret: str, session: str, text: str) -> bool:
    """Whether *text* was made with *secret* for *session*."""
    page = read_sheet_token(text)
    return page is not None and hmac.compare_digest(sheet_token(secret, session, page), text)
