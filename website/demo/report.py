"""What the demonstration prints when it is ready: where to go, as whom, and what to try."""

from collections.abc import Callable

from django.conf import settings
from django.utils import translation

from certificates.models import Certificate

from .accounts import ACCOUNTS, PASSWORD, totp_code


def sample_paths() -> dict[str, str]:
    """A path under ``/V/`` for each state that a code can answer, where there is one."""
    found = {}
    for state in Certificate.State:
        row = Certificate.objects.filter(state=state).order_by("pk").first()
        if row:
            found[state.value] = f"/V/{row.code}"
    return found


def write(out: Callable[[str], None], *, port: int, seconds: float) -> None:
    """Print address, accounts, second factor, samples and how to stop."""
    address = f"http://127.0.0.1:{port}"
    with translation.override("en"):
        out(f"\nVươn Xa is ready after {seconds:.0f} s:  {address}/\n")
        out(f"Password of every account: {PASSWORD}")
        out(f"Second factor of staff:    {totp_code()} now; later: .venv/bin/python manage.py demo_totp\n")
        for account in ACCOUNTS:
            code = " + code" if account.needs_code else ""
            out(f"  {account.username:<19} {account.office}{code}: {account.try_first}")
        out("\nOr choose a role on the home page, without typing anything.\n")
        for state, path in sample_paths().items():
            out(f"  Certificate, {state}: {settings.BASE_URL}{path}")
        out(
            "\nThe worker goes on loading; as quantri.hethong you see how far it is. Ctrl-C stops everything.\n"
        )
