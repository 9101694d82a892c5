"""``manage.py demo_list``: a list of 500 rows to try the verifier's desk with."""

from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from lms.spreadsheets import write_rows
from website.demo.register import sample_list


class Command(BaseCommand):
    """Writes the spreadsheet from what the demonstration holds, because its codes are random."""

    help = "Write a list of 500 certificates and licences of the demonstration as XLSX."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", nargs="?", type=Path, default=Path(settings.VAR_DIR) / "danh-sach-500.xlsx"
        )

    def handle(self, *, file: Path, **options):
        if not settings.DEMO:
            raise CommandError("Only the demonstration makes up lists.")
        header, *rows = sample_list()
        file.write_bytes(write_rows(header, rows, title="Gia hạn"))
        self.stdout.write(f"{file}: {len(rows)} rows")
