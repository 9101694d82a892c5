"""What must hold in every host."""

import io

from django.core.management import call_command


def assert_sound() -> None:
    """No check complains and no migration is missing."""
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())
