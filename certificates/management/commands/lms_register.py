"""``manage.py lms_register``: export the register for a council, and tend what guards it."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from certificates import guards
from certificates.actions import register
from certificates.models import Checkpoint, LogEntry
from certificates.signing import SignerUnavailable


class Command(BaseCommand):
    """The register as others check it."""

    help = "Exports the register of certificates, says how it stands, and tends what guards it."

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("show", help="How many entries, the last checkpoint, the keys to read out.")
        export = verbs.add_parser("export", help="Write the file that check_register.py checks.")
        export.add_argument("file", type=Path)
        verbs.add_parser("guard", help="Put the triggers back that keep the register append-only.")
        verbs.add_parser(
            "restored", help="Go on after a backup was put back: the note of a later checkpoint moves aside."
        )

    def handle(self, *, verb, **options):
        try:
            getattr(self, f"_{verb}")(**options)
        except (register.RegisterDiffers, SignerUnavailable) as error:
            raise CommandError(str(error)) from error

    def _show(self, **options):
        waiting = LogEntry.objects.filter(index__isnull=True).count()
        self.stdout.write(f"{register.origin()}: {waiting} entries wait for a checkpoint")
        for kid, fingerprint in register.fingerprints():
            self.stdout.write(f"key {kid:03d} {fingerprint}")
        if (last := Checkpoint.objects.first()) is not None:
            self.stdout.write(last.note)

    def _export(self, *, file: Path, **options):
        last = register.take_checkpoint()
        if last is None:
            raise CommandError("There is no checkpoint yet. Make a key: manage.py lms_keys make checkpoints")
        temporary = file.with_name(f".{file.name}.part")
        with temporary.open("w", encoding="utf-8") as out:
            out.writelines(register.export_lines(last))
        os.replace(temporary, file)
        self.stdout.write(f"{file}: {last.size} entries")

    def _guard(self, **options):
        guards.install(connection)
        self.stdout.write("The triggers are in place.")

    def _restored(self, **options):
        aside = register.set_kept_aside()
        if not aside:
            raise CommandError("No note is kept of this register; nothing is to be done.")
        last = register.take_checkpoint()
        self.stdout.write(
            f"The note lies in {aside}; the register goes on from {last.size if last else 0} entries."
        )
