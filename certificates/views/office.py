"""What the office takes away: the files of a batch, the register book, a look at a paper before it is numbered."""

import tempfile
import zipfile

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from certificates import book, permissions, printing
from certificates.actions.batches import papers_of
from certificates.actions.readiness import local_day, local_zone
from certificates.conf import conf
from certificates.facts import CODE_LENGTH
from certificates.models import Certificate, Issuer
from certificates.models.issuers import Kind
from lms import clock, media, scope
from lms.actions import log_accesses
from lms.recent import recent_login_required
from lms.spreadsheets import XLSX, write_rows

_MEMORY = 8 * 1024 * 1024


def _kept(response):
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def files(request, pk: int):
    """Every sealed file of a batch in one ZIP, in the order of the numbers, with the list of them."""
    row = permissions.get_batch_for(request.user, pk)
    certificates = list(row.certificates.select_related("superseded_by").order_by("sequence"))
    if not certificates:
        raise Http404
    return _zip(request, row, certificates)


@recent_login_required
def _zip(request, row, certificates):
    store = media.storage()
    # The response closes it.
    out = tempfile.SpooledTemporaryFile(max_size=_MEMORY)  # noqa: SIM115
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, one in enumerate(certificates, start=1):
            if one.sealed_at:
                name = f"{number:04d} {one.said['holder']['name']} {one.number.replace('/', '-')}.pdf"
                with store.open(one.file) as file:
                    archive.writestr(get_valid_filename(name), file.read())
        rows = [book.row(one.said, _status(one)) for one in certificates]
        archive.writestr(
            "danh-sach.xlsx", write_rows(list(book.HEADINGS), rows, title="Danh sách", widths=book.LETTERS)
        )
    _tell(request, row, certificates)
    out.seek(0)
    return _kept(FileResponse(out, as_attachment=True, filename=f"{get_valid_filename(row.title)}.zip"))


@login_required
@require_safe
def register_book(request):
    """One volume of the register book: an issuer, a year, a kind; as a table, or as a PDF to be printed."""
    issuers = scope.limit(Issuer.objects.select_related("facility"), request.user, "view")
    wanted = request.GET
    if not (
        wanted.get("issuer", "").isdecimal()
        and wanted.get("year", "").isdecimal()
        and len(wanted["year"]) == 4
    ):
        raise Http404
    issuer = get_object_or_404(issuers, pk=wanted["issuer"][:12])
    kind = wanted.get("kind") or Kind.CME.value
    if kind not in Kind.values:
        raise Http404
    return _volume(request, issuer, int(wanted["year"]), Kind(kind))


@recent_login_required
def _volume(request, issuer, year: int, kind: Kind):
    certificates = list(Certificate.objects.in_book(issuer, year, kind))
    title = f"Sổ cấp {kind.short} năm {year}"
    rows = [book.row(one.said, _status(one)) for one in certificates]
    log_accesses(
        request.user,
        [one.holder_id for one in certificates],
        what=gettext_noop("the register book"),
        purpose=f"{issuer.abbreviation} {title}",
    )
    name = get_valid_filename(f"{title} {issuer.abbreviation}")
    if request.GET.get("as") == "pdf":
        made = clock.now().astimezone(local_zone())
        data = book.as_pdf(rows, facility=issuer.facility.name, title=book.title_of(kind, year), made_at=made)
        return _kept(_attached(data, "application/pdf", f"{name}.pdf"))
    return _kept(
        _attached(
            write_rows(list(book.HEADINGS), rows, title=title, widths=book.LETTERS), XLSX, f"{name}.xlsx"
        )
    )


@login_required
@require_safe
def draft(request, pk: int, enrolment: int):
    """How one paper of a batch that waits will look: a sample without number, code or value."""
    row = permissions.get_batch_for(request.user, pk)
    papers = (one for one in papers_of(row) if enrolment in {row.pk for row in one.enrolments})
    found = next(papers, None)
    paper = found.assessment.draft if found else None
    if paper is None:
        raise Http404
    log_accesses(request.user, [found.person.pk], what=gettext_noop("the draft of a certificate"))
    now = clock.now()
    facts = paper.facts(sequence=0, number="…", code="0" * CODE_LENGTH, day=local_day(now), now=now)
    data = conf.RENDERER(facts | {"sample": True, "mark": ""} | paper.picture)
    return _kept(HttpResponse(data, content_type="application/pdf"))


@login_required
@require_safe
def sheets(request, pk: int):
    """Every sheet of a batch that is in force as one file for the printer, in the order of the numbers."""
    row = permissions.get_batch_for(request.user, pk)
    rows = row.certificates.filter(sealed_at__isnull=False, ended_at__isnull=True)
    certificates = list(rows.order_by("sequence"))
    if not certificates:
        raise Http404
    return _printed(request, row, certificates)


@recent_login_required
def _printed(request, row, certificates):
    store = media.storage()

    def files():
        for one in certificates:
            with store.open(one.file) as file:
                yield one.number, file.read()

    try:
        data = printing.together(files(), title=row.title)
    except printing.Unreadable as error:
        messages.error(
            request,
            _("The file of %(number)s cannot be put into one with the others. Print from the ZIP instead.")
            % {"number": error.name},
        )
        return redirect("lms_certificates:batch", pk=row.pk)
    _tell(request, row, certificates)
    return _kept(_attached(data, "application/pdf", f"{get_valid_filename(row.title)}.pdf"))


def _tell(request, row, certificates) -> None:
    holders = [one.holder_id for one in certificates]
    log_accesses(request.user, holders, what=gettext_noop("the files of a batch"), purpose=row.title)


def _attached(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _status(one: Certificate) -> str:
    """What became of a certificate, in the language of the book."""
    if one.ended_at is None:
        return "Có hiệu lực"
    day = f"{local_day(one.ended_at):%d/%m/%Y}"
    if (new := one.replacement) is not None:
        return f"Thay bằng {new.number} ngày {day}: {one.end_reason}"
    return f"Thu hồi ngày {day}: {one.end_reason}"
