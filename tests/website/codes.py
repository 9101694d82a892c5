"""A channel that keeps the codes the site sends, for tests that type them."""

import queue
import re

SENT: queue.Queue = queue.Queue()
THROUGH = {name: {"BACKEND": "tests.website.codes.Keeping"} for name in ("email", "sms")}


class Keeping:
    """Keeps what would have gone to a phone."""

    def send(self, to, subject, text):
        SENT.put((to, text))


def clear():
    """Forget what earlier tests sent."""
    while not SENT.empty():
        SENT.get_nowait()


def text_to(number: str) -> str:
    """The next text, which must go to *number*; the hand-over runs beside the request."""
    to, text = SENT.get(timeout=10)
    assert to == number
    return text


def code_to(number: str) -> str:
    """The six digits of the next text to *number*."""
    return re.search(r"\b\d{6}\b", text_to(number))[0]


def none_sent() -> bool:
    """Whether no further text went out."""
    try:
        SENT.get(timeout=0.3)
    except queue.Empty:
        return True
    return False
