"""Pure: how a line of the log is written – one record, one line to begin with, and nobody's address or number."""

import ipaddress
import logging
import re

_HIDDEN = (
    (re.compile(r"[\w.+-]{1,64}@[\w-][\w.-]{0,254}"), "…@…"),
    (re.compile(r"(?<!\d)(?:\+?84|0)\d{9}(?!\d)"), "0…"),
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "…"),
    (re.compile(r"(?<!\d)\d{3,7} ?/ ?[\wĐ.]{2,12} ?- ?(?:CCHN|GPHN)", re.IGNORECASE), "…/…"),
    # What PostgreSQL quotes of the row that broke a rule.
    (re.compile(r"Key \(([^()]{0,200})\)=\([^\n]*"), r"Key (\1)=(…)"),
    (re.compile(r"Failing row contains \([^\n]*"), "Failing row contains (…)"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def hidden(text: str) -> str:
    """Return *text* without e-mail addresses, phone, licence and identity numbers, and the rows a database quotes."""
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text


def near(address: str) -> str:
    """Return the network of an address, /24 or /48: enough to see an attack, not to find a person."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False).network_address)


class Discreet(logging.Formatter):
    """Writes a record without what `hidden` hides; who asked stands at its end as the number of the login.

    What is typed cannot begin a line of its own: every line but the first is indented.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of *record*."""
        lines = hidden(super().format(record)).splitlines() or [""]
        return "\n\t".join(_CONTROL.sub("�", line) for line in lines)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the first line, with who asked where Django noted the request."""
        return super().formatMessage(record) + _who(record)


def _who(record: logging.LogRecord) -> str:
    # Only what the request has already looked up: a line of the log asks the database nothing.
    user = getattr(getattr(record, "request", None), "_cached_user", None)
    key = getattr(user, "pk", None)
    return f" [user {key}]" if key else ""
