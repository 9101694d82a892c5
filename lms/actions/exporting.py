"""The copy of everything held about a person: one ZIP of JSON, tables and the person's own documents."""

import base64
import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import timedelta

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms import clock, media, queue
from lms.holdings import Holding, holdings, subject_of
from lms.models import DataRequest
from lms.spreadsheets import harmless

from .requests import tell

KEEP = timedelta(days=7)


def make_export(request: DataRequest, *, progress: Callable[[float], None] = lambda pct: None) -> DataRequest:
    """Write the ZIP of an open export request, store it for a week and close the request.

    Safe twice: a closed request is returned untouched.
    """
    if not request.is_open:
        return request
    person, parts = request.person, holdings()
    subject = subject_of(person)
    with tempfile.TemporaryFile() as handle, override(person.language or "vi"):
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
            everything = {}
            for number, part in enumerate(parts):
                rows = list(part.rows(subject))
                progress(100 * number / len(parts))
                if not rows:
                    continue
                everything[part.model._meta.label] = [as_json(part, row) for row in rows]
                if part.columns:
                    name = slugify(str(part.title).replace("đ", "d").replace("Đ", "D"))
                    archive.writestr(_("tables/%(name)s") % {"name": f"{name}.csv"}, as_csv(part, rows))
                for row in rows:
                    for filename, stored in part.files(row) if part.files else ():
                        _put(archive, _("documents/%(name)s") % {"name": filename}, stored)
            archive.writestr(
                "data.json",
                json.dumps(everything, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder).encode(),
            )
            archive.writestr("README.txt", _about(parts, everything).encode())
        handle.seek(0)
        name, _size, _digest = media.save(f"exports/{person.uuid}-{request.pk}.zip", File(handle))
    with transaction.atomic():
        now = clock.now()
        row = DataRequest.objects.select_for_update().get(pk=request.pk)
        if row.is_open:
            row.state, row.closed_at, row.file, row.file_expires_at = (
                DataRequest.State.DONE,
                now,
                name,
                now + KEEP,
            )
            row.acknowledged_at = row.acknowledged_at or now
            row.answer = _("The copy is ready to be fetched, once and within a week.")
            row.save()
            tell(row)
    return row


def fetch_export(request: DataRequest) -> str:
    """Return the stored name of a copy that was not fetched yet and mark it fetched; empty if there is none.

    One conditional UPDATE, so that of two presses one gets the file. It is deleted an hour later,
    when the download is over.
    """
    now = clock.now()
    with transaction.atomic():
        ready = DataRequest.objects.filter(pk=request.pk, fetched_at=None, file_expires_at__gt=now)
        if not ready.exclude(file="").update(fetched_at=now):
            return ""
        queue.enqueue("lms.drop_export", request.pk, run_at=now + timedelta(hours=1))
    request.refresh_from_db()
    return request.file


def as_json(part: Holding, row: Model) -> dict:
    """Return every column of *row* but the secret ones; what it points at by its key and its words."""
    found = {}
    for column in row._meta.concrete_fields:
        if column.name in part.secret:
            continue
        value = getattr(row, column.attname)
        found[column.name] = _plain(value)
        if column.is_relation and value is not None and column.name not in {"user", "by"}:
            found[f"{column.name}_text"] = str(getattr(row, column.name))
    return found


def as_csv(part: Holding, rows: list) -> str:
    """Return the shown columns as a table; a cell that a spreadsheet would run gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([str(label) for label, _name in part.columns])
    for row in rows:
        writer.writerow([harmless(shown(row, name)) for _label, name in part.columns])
    return "\ufeff" + out.getvalue()


def shown(row: Model, name) -> str:
    """Return the value of one shown column in words: *name* is an attribute, a path of them, or a function."""
    if callable(name):
        value = name(row)
    else:
        value = row
        for step in name.split("__"):
            value = getattr(value, step, None)
        value = value() if callable(value) else value
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "tzinfo"):
        return timezone.localtime(value).strftime("%d/%m/%Y %H:%M")
    if hasattr(value, "strftime"):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _plain(value):
    if not isinstance(value, bytes | memoryview):
        return value
    data = bytes(value)
    try:
        return json.loads(data)
    except ValueError:
        return base64.b64encode(data).decode()


def _put(archive: zipfile.ZipFile, name: str, stored: str) -> None:
    """Copy a stored file into the archive; one that is missing is named in the archive instead."""
    try:
        with media.storage().open(stored) as source, archive.open(name, "w") as target:
            for chunk in source.chunks():
                target.write(chunk)
    except FileNotFoundError:
        archive.writestr(f"{name}.txt", _("This file is not there at present. Please ask for it."))


def _about(parts: list[Holding], everything: dict) -> str:
    lines = [_("Everything this site holds about you."), ""]
    for part in parts:
        count = len(everything.get(part.model._meta.label, []))
        if count:
            lines += [
                f"{part.title}: {count}",
                "    "
                + _("Why: %(ground)s. How long: %(period)s. Who sees it: %(seen_by)s.")
                % {"ground": part.ground, "period": part.period, "seen_by": part.seen_by},
            ]
    return "\n".join(lines) + "\n"
