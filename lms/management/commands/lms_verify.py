"""``manage.py lms_verify``: prove that every invariant holds."""

import json
import time

from django.core.management.base import BaseCommand, CommandError

from lms import verify


class Command(BaseCommand):
    """Checks every declared invariant against the database; ends with 1 on a breach and changes nothing."""

    help = "Checks every declared invariant; ends with 1 on a breach and changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="One JSON object a line.")
        parser.add_argument("--only", default="", help="Only invariants whose name starts with this.")

    def handle(self, *, only, **options):
        total = 0
        for name in verify.names():
            if not name.startswith(only):
                continue
            started, found = time.monotonic(), list(verify.check(name))
            total += len(found)
            if options["json"]:
                for breach in found:
                    self.stdout.write(
                        json.dumps(
                            {"invariant": name, "what": breach.what, "detail": breach.detail},
                            ensure_ascii=False,
                        )
                    )
                continue
            state = self.style.ERROR(f"{len(found)} breaches") if found else self.style.SUCCESS("holds")
            self.stdout.write(f"{name}: {state} ({time.monotonic() - started:.2f} s)")
            for breach in found[:20]:
                self.stdout.write(f"    {breach.what}: {breach.detail}")
        if total:
            raise CommandError(f"{total} breaches.", returncode=1)
