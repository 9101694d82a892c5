"""Which browser on which system a user agent names, in words that its owner recognises."""

import re

from django.utils.translation import gettext as _

# The order counts: almost every browser claims to be Chrome and Safari, too.
BROWSERS = (
    (r"\bZalo\b", "Zalo"),
    (r"\bFBA[NV]/", "Facebook"),
    (r"\bcoc_coc_browser/|\bCocCoc", "Cốc Cốc"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bMiuiBrowser/", "Mi Browser"),
    (r"\bUC ?Browser/|\bUCWEB", "UC Browser"),
    (r"\bEdg(?:e|A|iOS)?/", "Edge"),
    (r"\b(?:OPR|OPT|Opera)\b", "Opera"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:Chrome|CriOS|Chromium)/", "Chrome"),
    (r"\bVersion/[\d.]+.*\bSafari/", "Safari"),
)
SYSTEMS = (
    (r"\bAndroid\b", "Android"),
    (r"\biPhone\b|\biPod\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bWindows\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMacintosh\b|\bMac OS X\b", "macOS"),
    (r"\bLinux\b|\bX11\b", "Linux"),
)


def device(user_agent: str) -> str:
    """Return "Chrome trên Android" for what a browser said of itself; what is unknown is said to be.

    What it said proves nothing: it only helps somebody recognise the own devices in a list.
    """
    browser = _first(BROWSERS, user_agent) or _("Another browser")
    system = _first(SYSTEMS, user_agent)
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text[:500])), "")
