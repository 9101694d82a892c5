"""``manage.py lms_import_attendance``: a meeting's report becomes evidence of presence."""

import json
import uuid
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q

from courses import attendance_formats
from courses.actions import reports
from courses.actions.settling import ListRefused
from courses.models import MeetingReport, ReportRow, Session
from lms.uploads import UploadRefused


class Command(BaseCommand):
    """Reads a report, says of each row whom it means, and records the certain ones in one transaction."""

    help = (
        "Reads an attendance report and records who was there. Rows that are not certain wait at the "
        "session's attendance desk. The same file again changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help="CSV or XLSX as the meeting program wrote it.")
        parser.add_argument("--source", required=True, choices=[*attendance_formats.SOURCES, reports.AUTO])
        parser.add_argument("--session", required=True, help="UUID or number of the session.")
        parser.add_argument("--zone", default=reports.ZONES[0], help="Time zone of times without one.")
        parser.add_argument("--by", default="", help="User name of whoever answers for it.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, change nothing.")
        parser.add_argument("--json", action="store_true", help="One JSON object.")

    def handle(self, *, file, source, session, zone, by, dry_run, **options):
        found = self._session(session)
        user = get_user_model().objects.filter(username=by).first() if by else None
        if by and user is None:
            raise CommandError(f"Nobody signs in as {by}.")
        try:
            with open(file, "rb") as opened, transaction.atomic():
                report = reports.hand_in(
                    found, file=opened, name=Path(file).name, source=source, zone=zone, by=user
                )
                if report.state == MeetingReport.State.COLUMNS:
                    raise reports.ReportRefused(
                        "The headers are not known. Hand the file in at the session's desk once and name its columns."
                    )
                if report.state == MeetingReport.State.READ:
                    report = reports.apply_report(report, by=user)
                told = _told(report)
                transaction.set_rollback(dry_run)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        except (UploadRefused, ListRefused) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told["dry_run"] = dry_run
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for outcome in ("matched", "review", "unmatched", "refused"):
            self.stdout.write(f"{outcome}: {len(told[outcome])}")
            for row in told[outcome] if outcome != "matched" else ():
                self.stdout.write(f"    {row['row']}: {row['name']} – {row['reason']}")
        self.stdout.write("Nothing was changed." if dry_run else "Recorded.")

    def _session(self, text: str) -> Session:
        wanted = Q(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
        if wanted is None:
            try:
                wanted = Q(uuid=uuid.UUID(text))
            except ValueError as error:
                raise CommandError(f"{text} is neither the UUID nor the number of a session.") from error
        found = Session.objects.filter(wanted).select_related("hub").first()
        if found is None:
            raise CommandError(f"There is no session {text}.")
        return found


def _told(report: MeetingReport) -> dict:
    """Every row under its outcome; what was said before is among the refused."""
    told: dict = {"source": report.source, "session": str(report.session.uuid)}
    told |= {outcome: [] for outcome in ("matched", "review", "unmatched", "refused")}
    outcomes = ReportRow.Outcome
    for row in report.rows.select_related("person"):
        line = {"row": row.number, "reason": row.why, "text": reports.say(row.why), "name": row.name}
        if row.outcome == outcomes.MATCHED:
            line |= {"person": row.person_id, "full_name": row.person.full_name}
            line |= {"since": row.since.isoformat(), "until": row.until.isoformat()}
        if row.outcome == outcomes.REVIEW:
            line["proposed"] = row.proposed
        key = outcomes.REFUSED.value if row.outcome == outcomes.DUPLICATE else row.outcome
        told[key].append(line)
    return told
