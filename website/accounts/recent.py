"""When somebody last proved who they are, and how they are asked to do so again."""

import time

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest


def is_recent(request: HttpRequest) -> bool:
    """Whether this session signed in, or proved itself again, a short while ago.

    Whoever has just signed in is not asked again: the way to the second step leads through here.
    """
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=0)
    return time.time() - newest < REAUTHENTICATION_TIMEOUT


def ask(request: HttpRequest) -> None:
    """Send whoever signed in long ago to prove it again; a form they had filled is kept and then sent.

    The answer to ``LMS_RECENT_LOGIN``.
    """
    if request.user.is_authenticated and not is_recent(request):
        raise ReauthenticationRequired
