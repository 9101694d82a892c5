"""The list on paper: print it, send its photographs, read off them who signed."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses import paper_list
from courses import session_permissions as permissions
from courses.actions import attendance, sheets
from courses.models import SessionSite, SheetScan, SignInSheet
from courses.session_permissions import get_room_for, get_scan_for
from courses.views.stay import door
from lms import limits, media
from lms.actions import log_accesses
from lms.keys import read_key, read_keys
from lms.media import MediaUnwritable
from lms.models import Affiliation, Person
from lms.uploads import UploadRefused

SENT_AN_HOUR = 120
"""Photographs that one login files in an hour."""


def _room(user, pk: int) -> SessionSite:
    """A room whose paper list *user* files and reads, or 404."""
    room = SessionSite.objects.select_related("session__hub", "site__facility").filter(pk=pk).first()
    if room is None or not permissions.may_file(user, room):
        raise Http404
    return room


@login_required
@never_cache
@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """How the paper list of a room is printed and sent back; the photographs that were filed."""
    return _sheet(request, _room(request.user, pk))


def _sheet(request: HttpRequest, room: SessionSite, *, bad: str = "", status: int = 200) -> HttpResponse:
    context = {
        "room": room,
        "session": room.session,
        "scans": room.scans.filter(removed_at=None).select_related("sheet", "added_by__person"),
        "keeps": permissions.keeps(request.user, room),
        "most": sheets.MOST_FILES,
        "bad": bad,
    }
    return render(request, "lms_courses/sheet.html", context, status=status)


@login_required
@require_POST
def print_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Fix the list as it stands now and send it as PDF."""
    room = get_room_for(request.user, pk)
    made = sheets.print_sheet(room, by=request.user)
    return redirect("lms_courses:sheet_pdf", room.pk, made.number)


@login_required
@never_cache
@require_GET
def sheet_pdf(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One printed list, again as it was: the lines stay, names are those of today."""
    room = get_room_for(request.user, pk)
    made = room.sheets.filter(number=number).first()
    if made is None:
        raise Http404
    made.room = room
    people = Person.objects.select_related("profession").prefetch_related("licences")
    known = people.in_bulk([one for page in made.lines for one in page])
    log_accesses(
        request.user,
        known.values(),
        what=gettext_noop("the paper list of a room, with licences"),
        purpose=room.session.title_vi,
    )
    answer = HttpResponse(_pdf(request, made, known), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="bang-diem-danh-{room.pk}-{number}.pdf"'
    return answer


def _pdf(request: HttpRequest, made: SignInSheet, known: dict[int, Person]) -> bytes:
    room = made.room
    places = {}
    below = Affiliation.objects.in_force().filter(
        person__in=known, facility__path__startswith=room.site.facility.path
    )
    for affiliation in below.exclude(facility=room.site.facility).select_related("facility"):
        places[affiliation.person_id] = affiliation.facility.name
    begins, ends = localtime(room.session.starts_at), localtime(room.session.ends_at)
    return paper_list.as_pdf(
        paper_list.SignInSheet(
            house=str(room.site.facility),
            title=_("Sign-in sheet"),
            about=[
                room.session.title,
                _("%(day)s, from %(begins)s to %(ends)s · hub: %(hub)s")
                % {
                    "day": date_format(begins, "DATE_FORMAT"),
                    "begins": f"{begins:%H:%M}",
                    "ends": f"{ends:%H:%M}",
                    "hub": room.session.hub,
                },
                _("Site: %(site)s") % {"site": room.site.name},
            ],
            columns=[
                _("No."),
                _("Full name"),
                _("Birth date"),
                _("Professional title"),
                _("Unit"),
                _("Licence number"),
                _("Signed in"),
                _("Signed out"),
            ],
            people=[
                [_cells(known[pk], places.get(pk, "")) for pk in page if pk in known] for page in made.lines
            ],
            hint=_("Photograph each page whole and straight; the code beside files it by itself."),
            code=_("QR code of this page of the sheet"),
            page=lambda number, count: (
                _("Sheet %(sheet)s of this room · page %(page)s of %(pages)s")
                % {"sheet": made.number, "page": number, "pages": count}
            ),
            heads=_("People in the room: ………"),
            signature=_("Coordinator (signature and full name): ………………………………………"),
            address=partial(_address, request, made),
        ),
        made_at=localtime(made.printed_at),
    )


def _cells(person: Person, place: str) -> list[str]:
    licences = ", ".join(str(one) for one in person.licences.all())
    return [person.full_name, person.birth_text, str(person.profession or ""), place, licences]


def _address(request: HttpRequest, made: SignInSheet, page: int) -> str:
    token = sheets.token_of(made, page)
    return request.build_absolute_uri(reverse("lms_courses:paper", args=[token]))


@never_cache
@require_GET
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """From the QR code on paper: the coordinator to its photographs, everybody else to the check-in of the room."""
    found = sheets.sheet_of(token)
    if found is None:
        raise Http404
    room = found[0].room
    if request.user.is_authenticated and permissions.may_file(request.user, room):
        return redirect("lms_courses:sheet", room.pk)
    return redirect(door(room))


# --- photographs


@login_required
@require_POST
def file_sheets(request: HttpRequest) -> HttpResponse:
    """File photographs where their QR codes say; what has none goes to the room of the page they came from."""
    pk = read_key(request.POST.get("room", ""))
    room = None if pk is None else _room(request.user, pk)
    if room is None and not _keeps_any(request.user):
        raise Http404
    files, bad, filed = request.FILES.getlist("pictures"), [], []
    if not files or len(files) > sheets.MOST_FILES:
        bad.append(_("Choose between one and %(most)s pictures.") % {"most": sheets.MOST_FILES})
        files = []
    for file in files:
        key = str(request.user.pk)
        if not limits.hit("lms_courses.sheets", key, limit=SENT_AN_HOUR, seconds=3600):
            bad.append(_("That was very much at once. Go on in an hour."))
            break
        try:
            filed += sheets.file_scans(file, room=room, by=request.user)
        except (UploadRefused, MediaUnwritable) as refused:
            bad.append(f"{(file.name or '')[:60]}: {refused}")
    _tell(request, room, filed)
    if bad:
        for words in bad:
            messages.error(request, words)
    if len(filed) == 1 and not bad:
        return redirect("lms_courses:sheet_scan", filed[0].scan.uuid)
    there = room or (filed[0].scan.room if filed else None)
    return redirect("lms_courses:sheet", there.pk) if there else redirect("lms_courses:rooms")


def _keeps_any(user) -> bool:
    """Whether *user* keeps the list of any room."""
    return permissions.rooms_of(user).exists()


def _tell(request: HttpRequest, room: SessionSite | None, filed: list[sheets.Filed]) -> None:
    new = [one for one in filed if one.is_new]
    if new:
        words = ngettext("%(count)s picture is filed.", "%(count)s pictures are filed.", len(new))
        messages.success(request, words % {"count": len(new)})
    if len(new) < len(filed):
        messages.info(request, _("A picture that was here already is kept once."))
    for other in dict.fromkeys(one.scan.room for one in filed if one.scan.room != room):
        messages.warning(
            request,
            _("By its QR code a sheet belongs to %(where)s; it was filed there.")
            % {"where": sheets.where(other)},
        )
    if any(one.scan.sheet_id is None for one in new):
        messages.warning(
            request,
            _("The QR code could not be read. Look whether the picture is of this session and this site."),
        )


@login_required
@never_cache
@require_GET
def scan(request: HttpRequest, uuid) -> HttpResponse:
    """One photograph beside the lines printed on it."""
    return _scan(request, get_scan_for(request.user, uuid))


def _scan(request: HttpRequest, one: SheetScan, *, bad: str = "", status: int = 200) -> HttpResponse:
    lines = sheets.lines_of(one)
    log_accesses(
        request.user,
        [line.person for line in lines],
        what=gettext_noop("a signed list of a room"),
        purpose=one.room.session.title_vi,
    )
    room, session = one.room, one.room.session
    settles = permissions.settles(request.user, session)
    is_open = not room.attested_at and not session.is_closed
    context = {
        "scan": one,
        "room": room,
        "session": session,
        "lines": lines,
        "needs_reason": settles and not (is_open and permissions.keeps(request.user, room)),
        "is_open": settles or is_open,
        "posted": request.POST if bad else {},
        "bad": bad,
    }
    return render(request, "lms_courses/sheet_scan.html", context, status=status)


@login_required
@never_cache
@require_GET
def picture(request: HttpRequest, uuid) -> HttpResponse:
    """The photograph itself, for whoever reads it off; each hour's look is noted for everybody on it."""
    one = get_scan_for(request.user, uuid)
    log_accesses(
        request.user,
        [line.person for line in sheets.lines_of(one)],
        what=gettext_noop("a signed list of a room"),
        purpose=one.room.session.title_vi,
    )
    return media.serve(request, one.name, content_type="image/jpeg", filename="bang-diem-danh.jpg")


@login_required
@require_POST
def record(request: HttpRequest, uuid) -> HttpResponse:
    """Record the ticks of a page: ``in`` and ``out`` hold the ids of who signed."""
    one = get_scan_for(request.user, uuid)
    came, left = (read_keys(request.POST.getlist(name)) for name in ("in", "out"))
    try:
        changed = sheets.record(
            one, came=came, left=left, by=request.user, reason=request.POST.get("reason", "")
        )
    except attendance.ListRefused as refused:
        return _scan(request, one, bad=str(refused), status=409)
    words = ngettext("%(count)s line is recorded.", "%(count)s lines are recorded.", changed)
    messages.success(request, words % {"count": changed})
    return redirect("lms_courses:sheet_scan", one.uuid)


@login_required
@require_POST
def add(request: HttpRequest, uuid) -> HttpResponse:
    """Record somebody who wrote on an empty line."""
    one, posted = get_scan_for(request.user, uuid), request.POST
    year = posted.get("birth_year", "").strip()
    try:
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise attendance.ListRefused(_("Give the birth year as four digits."))
        person = sheets.add_signature(
            one,
            full_name=posted.get("full_name", "")[:120],
            birth_year=int(year),
            phone_or_licence=posted.get("contact", "")[:60],
            left=posted.get("left") == "1",
            by=request.user,
            reason=posted.get("reason", ""),
        )
    except attendance.ListRefused as refused:
        return _scan(request, one, bad=str(refused), status=409)
    messages.success(request, _("%(name)s is recorded.") % {"name": person.full_name})
    return redirect("lms_courses:sheet_scan", one.uuid)


@login_required
@require_POST
def remove(request: HttpRequest, uuid) -> HttpResponse:
    """Remove a picture that was sent by mistake, for good."""
    one = get_scan_for(request.user, uuid)
    try:
        sheets.remove(one)
    except attendance.ListRefused as refused:
        return _scan(request, one, bad=str(refused), status=409)
    messages.success(request, _("The picture is removed for good."))
    return redirect("lms_courses:sheet", one.room_id)
