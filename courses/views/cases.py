"""Cases of a session: the site's form, the hub's list, one case with its pictures, conclusion and follow-up."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.actions import case_pictures, cases
from courses.forms_cases import CaseForm, ConclusionForm
from courses.hours import CASE_RULE
from courses.models import Case, CaseFollowUp
from courses.session_permissions import get_case_for, get_room_for, get_session_for, get_session_with_cases
from lms import clock, limits
from lms.media import MediaUnwritable
from lms.permissions import person_of
from lms.uploads import UploadRefused

LOOKS_AN_HOUR = 400
CHANGES_AN_HOUR = 120


def _is_hasty(request: HttpRequest) -> bool:
    """Whether somebody changes cases faster than anybody types."""
    return not limits.hit("lms_courses.case", str(request.user.pk), limit=CHANGES_AN_HOUR, seconds=3600)


def _too_hasty() -> str:
    return _("You have sent a lot within the hour. Please wait a little.")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def room_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases of one room, and the form for another."""
    room = get_room_for(request.user, pk)
    form = CaseForm(request.POST or None, room=room, person=person_of(request.user))
    found, bad, status = (), "", 200
    if request.method == "POST":
        status = 400
        if _is_hasty(request):
            bad, status = _too_hasty(), 429
        elif form.is_valid():
            data = form.cleaned_data
            try:
                case = cases.submit(
                    room,
                    presenter=data["presenter"],
                    values=form.values,
                    confirmed=data["confirmed"],
                    by=request.user,
                )
            except cases.CaseRefused as refused:
                bad, found = str(refused), refused.found
            else:
                messages.success(request, _("The case is with the hub. You can add pictures here."))
                return redirect("lms_courses:case", case.uuid)
    context = {
        "room": room,
        "session": room.session,
        "form": form,
        "bad": bad,
        "may_confirm": _is_doubtful(found),
        "cases": room.cases.ranked(),
        "is_open": not room.session.is_over,
    }
    return render(request, "lms_courses/room_cases.html", context, status=status)


def _is_doubtful(found) -> bool:
    """Whether all that was found may be confirmed to tell nobody."""
    return bool(found) and all(kind in cases.DOUBTFUL for _field, kind, _words in found)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uuid) -> HttpResponse:
    """Other words for a case that the hub has not accepted."""
    rights = get_case_for(request.user, uuid)
    case = rights.case
    if not rights.writes:
        raise Http404
    kept = Case.objects.select_related("presenter", "room").get(pk=case.pk)
    form = CaseForm(request.POST or None, instance=kept, room=case.room, person=person_of(request.user))
    found, bad, status = (), "", 200
    if request.method == "POST":
        status = 400
        if _is_hasty(request):
            bad, status = _too_hasty(), 429
        elif form.is_valid():
            data = form.cleaned_data
            try:
                cases.revise(
                    case,
                    presenter=data["presenter"],
                    values=form.values,
                    confirmed=data["confirmed"],
                    by=request.user,
                )
            except cases.CaseRefused as refused:
                bad, found = str(refused), refused.found
            else:
                messages.success(request, _("The case is with the hub."))
                return redirect("lms_courses:case", case.uuid)
    elif case.state not in {Case.State.SUBMITTED, Case.State.RETURNED}:
        return redirect("lms_courses:case", case.uuid)
    else:
        cases.note_look(case, user=request.user)
    context = {"case": case, "form": form, "bad": bad, "may_confirm": _is_doubtful(found)}
    return render(request, "lms_courses/case_edit.html", context, status=status)


@login_required
@never_cache
@require_GET
def session_cases(request: HttpRequest, uuid) -> HttpResponse:
    """The cases of a session in their order: all for the hub, the accepted for whoever takes part."""
    session, hosts = get_session_with_cases(request.user, uuid)
    rows = Case.objects.filter(room__session=session).exclude(state=Case.State.WITHDRAWN)
    if not hosts:
        rows = rows.shown()
    rows = rows.select_related("room__site", "presenter", "specialty").ranked()
    context = {"session": session, "cases": rows, "may_rank": hosts and session.archived_at is None}
    return render(request, "lms_courses/session_cases.html", context)


@login_required
@require_POST
def rank(request: HttpRequest, uuid) -> HttpResponse:
    """Give the accepted cases their places."""
    session = get_session_for(request.user, uuid)
    ranks = {
        int(name[1:]): int(value)
        for name, value in request.POST.items()
        if name[:1] == "r"
        and name[1:].isdecimal()
        and len(name) < 12
        and value.isdecimal()
        and len(value) < 4
    }
    try:
        cases.put_in_order(session, ranks=ranks, by=request.user)
    except cases.CaseRefused as refused:
        messages.error(request, str(refused))
    return redirect("lms_courses:session_cases", session.uuid)


@login_required
@never_cache
@require_GET
def case(request: HttpRequest, uuid) -> HttpResponse:
    """One case; each look is noted."""
    return _case(request, get_case_for(request.user, uuid))


def _case(request: HttpRequest, rights, *, bad: str = "", form=None, status: int = 200) -> HttpResponse:
    row = rights.case
    cases.note_look(row, user=request.user)
    is_early = row.state in {Case.State.SUBMITTED, Case.State.RETURNED}
    is_kept = row.session.archived_at is not None
    context = {
        "case": row,
        "session": row.session,
        "rights": rights,
        "bad": bad,
        "pictures": row.pictures.filter(removed_at=None),
        "expired": row.pictures.exclude(removed_at=None).exists(),
        "covers": case_pictures.COVERS,
        "may_edit": rights.writes and is_early,
        "may_picture": rights.writes and (is_early or row.state == Case.State.ACCEPTED),
        "may_withdraw": rights.writes and not is_kept and (is_early or row.state == Case.State.ACCEPTED),
        "may_accept": rights.hosts and row.state == Case.State.SUBMITTED,
        "may_return": rights.hosts
        and not is_kept
        and row.state in {Case.State.SUBMITTED, Case.State.ACCEPTED},
        "conclusion": (form or ConclusionForm(instance=row)) if rights.concludes and not is_kept else None,
        "case_rule": CASE_RULE,
        "follow_ups": row.follow_ups.select_related("recorded_by__person"),
        "outcomes": CaseFollowUp.Outcome.choices,
        "looks": row.looks.select_related("user__person")[:50] if rights.hosts or rights.writes else [],
    }
    return render(request, "lms_courses/case.html", context, status=status)


@login_required
@require_POST
def move(request: HttpRequest, uuid) -> HttpResponse:
    """Accept or return a case as the hub, withdraw it as its site."""
    rights = get_case_for(request.user, uuid)
    to = request.POST.get("to", "")
    allowed = {"accept": rights.hosts, "return": rights.hosts, "withdraw": rights.writes}
    if not allowed.get(to, False):
        raise Http404
    if _is_hasty(request):
        return _case(request, rights, bad=_too_hasty(), status=429)
    place = request.POST.get("rank", "")
    try:
        if to == "accept":
            at = int(place) if place.isdecimal() and len(place) < 4 else None
            cases.accept(rights.case, rank=at, by=request.user)
        elif to == "return":
            cases.send_back(rights.case, reason=request.POST.get("reason", ""), by=request.user)
        else:
            cases.withdraw(rights.case, by=request.user)
    except cases.CaseRefused as refused:
        return _case(request, rights, bad=str(refused), status=400)
    return redirect("lms_courses:case", rights.case.uuid)


@login_required
@require_POST
def conclude(request: HttpRequest, uuid) -> HttpResponse:
    """Record what the experts said."""
    rights = get_case_for(request.user, uuid)
    if not rights.concludes:
        raise Http404
    if _is_hasty(request):
        return _case(request, rights, bad=_too_hasty(), status=429)
    kept = Case.objects.get(pk=rights.case.pk)
    form = ConclusionForm(request.POST, instance=kept)
    bad = ""
    if form.is_valid():
        try:
            cases.conclude(rights.case, **form.cleaned_data, by=request.user)
            messages.success(request, _("The conclusion stands; the site is told."))
            return redirect("lms_courses:case", rights.case.uuid)
        except cases.CaseRefused as refused:
            bad = str(refused)
    return _case(request, rights, bad=bad, form=form, status=400)


@login_required
@require_POST
def follow_up(request: HttpRequest, uuid, day: int) -> HttpResponse:
    """Record how the patient is."""
    rights = get_case_for(request.user, uuid)
    row = rights.case.follow_ups.filter(day=day).first()
    if row is None or not rights.writes:
        raise Http404
    if _is_hasty(request):
        return _case(request, rights, bad=_too_hasty(), status=429)
    try:
        data = {"outcome": request.POST.get("outcome", ""), "note": request.POST.get("note", "")}
        cases.follow_up(row, **data, by=request.user)
    except cases.CaseRefused as refused:
        return _case(request, rights, bad=str(refused), status=400)
    messages.success(request, _("Recorded. Thank you."))
    return redirect("lms_courses:case", rights.case.uuid)


@login_required
@require_POST
def add_picture(request: HttpRequest, uuid) -> HttpResponse:
    """Add a picture, stripped of all but its pixels."""
    rights = get_case_for(request.user, uuid)
    if not rights.writes:
        raise Http404
    if _is_hasty(request):
        return _case(request, rights, bad=_too_hasty(), status=429)
    file, covers = request.FILES.get("picture"), []
    for name in ("cover_top", "cover_bottom"):
        value = request.POST.get(name, "")
        covers.append(int(value) if value in map(str, case_pictures.COVERS) else 0)
    if file is None or request.POST.get("looked") != "1":
        words = _(
            "Choose a picture, look whether a name or a number stands on it, and say that you have looked."
        )
        return _case(request, rights, bad=words, status=400)
    try:
        case_pictures.add(
            rights.case,
            file=file,
            caption=request.POST.get("caption", ""),
            cover_top=covers[0],
            cover_bottom=covers[1],
            by=request.user,
        )
    except (UploadRefused, MediaUnwritable) as refused:
        return _case(request, rights, bad=str(refused), status=400)
    return redirect("lms_courses:case", rights.case.uuid)


def _picture(rights, pk: int):
    row = rights.case.pictures.filter(pk=pk, removed_at=None).first()
    # What has expired is not shown, even where the job that removes it is late.
    if row is None or clock.now() >= rights.case.pictures_until:
        raise Http404
    return row


@login_required
@never_cache
@require_GET
def picture(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """A picture with the viewer's name and the minute on it; drawn for this look and kept nowhere."""
    rights = get_case_for(request.user, uuid)
    row = _picture(rights, pk)
    if not limits.hit("lms_courses.case_look", str(request.user.pk), limit=LOOKS_AN_HOUR, seconds=3600):
        return HttpResponse(_too_hasty(), status=429, content_type="text/plain; charset=utf-8")
    person = person_of(request.user)
    name = f"{person.full_name} #{person.pk}" if person else request.user.get_username()
    try:
        data = case_pictures.marked(row, viewer=name)
    except OSError:
        raise Http404 from None
    cases.note_look(rights.case, user=request.user, picture=row)
    answer = HttpResponse(data, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Disposition"] = 'inline; filename="case.jpg"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'self'"
    return answer


@login_required
@require_POST
def remove_picture(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """Remove a picture, as its site or as the hub that sees a name on it."""
    rights = get_case_for(request.user, uuid)
    if not (rights.writes or rights.hosts):
        raise Http404
    case_pictures.remove(_picture(rights, pk))
    messages.success(request, _("The picture is removed for good."))
    return redirect("lms_courses:case", rights.case.uuid)
