"""``manage.py lms_reapply_erasures``: after a restored backup, erase again whoever was erased."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand

from lms.actions import reapply_erasures
from lms.models import Erasure


class Command(BaseCommand):
    """Erases again every person of the list of erasures; the list itself outlives a backup as a file of uuids."""

    help = "Erases again whoever was erased; run it after every restored backup, before people come back."

    def add_arguments(self, parser):
        parser.add_argument("--write", metavar="FILE", help="Only write the list of erasures to a file.")
        parser.add_argument("--read", metavar="FILE", help="First take over the erasures of such a file.")

    def handle(self, *, write, read, **options):
        if write:
            rows = [{"uuid": str(row.person_uuid), "at": row.at.isoformat()} for row in Erasure.objects.all()]
            Path(write).write_text(json.dumps(rows, indent=1), encoding="utf-8")
            self.stdout.write(f"{len(rows)} erasures written.")
            return
        for row in json.loads(Path(read).read_text(encoding="utf-8")) if read else []:
            moment = datetime.fromisoformat(row["at"])
            Erasure.objects.get_or_create(person_uuid=UUID(row["uuid"]), defaults={"at": moment})
        self.stdout.write(f"{reapply_erasures()} persons erased again.")
