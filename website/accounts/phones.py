"""Vietnamese mobile numbers: as people type them, as they are kept, as they are shown."""

import re

from lms import names

_MOBILE = re.compile(r"0[35789]\d{8}")


def mobile(text: str) -> str:
    """Return a Vietnamese mobile number as +84912345678, or "" where it is none.

    A landline is none: it takes no text message.
    """
    digits = names.normal_phone(text)
    return f"+84{digits[1:]}" if _MOBILE.fullmatch(digits) else ""


def local(number: str) -> str:
    """Return a kept number as people in Vietnam say it, 0912 345 678; other numbers unchanged."""
    found = re.fullmatch(r"\+84(\d{3})(\d{3})(\d{3})", number)
    return f"0{found[1]} {found[2]} {found[3]}" if found else number
