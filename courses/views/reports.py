"""The hub's desk for reports of meeting programs: hand in, look through, decide, apply, undo."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.actions import reports
from courses.actions.settling import ListRefused
from courses.models import MeetingReport, ReportRow, Session
from courses.session_permissions import get_report_for, get_session_for
from lms.actions import log_accesses
from lms.keys import read_key
from lms.models import Affiliation, Person
from lms.uploads import UploadRefused

PER_PAGE = 50
FOUND = 12
"""People shown for a name somebody looks for."""
ZONE_WORDS = {
    "Asia/Ho_Chi_Minh": gettext_lazy("Vietnam (UTC+7)"),
    "UTC": "UTC",
    "Asia/Tokyo": gettext_lazy("Japan (UTC+9)"),
}
COLUMN_WORDS = {
    "name": gettext_lazy("full name"),
    "first_name": gettext_lazy("given name"),
    "last_name": gettext_lazy("family name"),
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("phone"),
    "licence": gettext_lazy("licence"),
    "joined": gettext_lazy("time of joining"),
    "left": gettext_lazy("time of leaving"),
    "length": gettext_lazy("length of stay"),
}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def reports_of(request: HttpRequest, uuid) -> HttpResponse:
    """The reports of one session, and the form that takes another."""
    session = get_session_for(request.user, uuid, "settle")
    bad = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise UploadRefused(_("Choose the file that the meeting program wrote."))
            report = reports.hand_in(
                session,
                file=file,
                name=file.name,
                source=request.POST.get("source", reports.AUTO),
                zone=request.POST.get("zone", reports.ZONES[0]),
                by=request.user,
            )
            return redirect("lms_courses:report", report.pk)
        except (UploadRefused, ListRefused) as error:
            bad = str(error)
    context = {
        "session": session,
        "reports": [(one, one.counts()) for one in session.reports.select_related("created_by__person")],
        "sources": MeetingReport.Source.choices,
        "zones": [(zone, ZONE_WORDS[zone]) for zone in reports.ZONES],
        "bad": bad,
    }
    return render(request, "lms_courses/reports.html", context, status=400 if bad else 200)


@login_required
@never_cache
@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: what is certain, what somebody must decide, what is not taken."""
    return _report(request, get_report_for(request.user, pk))


def _report(request: HttpRequest, found: MeetingReport, *, bad: str = "", status: int = 200) -> HttpResponse:
    if found.state == MeetingReport.State.COLUMNS:
        return _columns(request, found, bad=bad, status=status)
    counts = found.counts()
    shown = request.GET.get("show", "")
    if shown not in ReportRow.Outcome.values:
        shown = "review" if counts["review"] else "matched"
    rows = found.rows.filter(outcome=shown).select_related("person", "decided_by__person")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    people = _people(found.session, page.object_list)
    searched = request.GET.get("row", "")
    q = request.GET.get("q", "").strip()
    lines = []
    for row in page.object_list:
        proposed = [people[pk] for pk in row.proposed if pk in people]
        if q and searched == str(row.pk):
            proposed = list(found.session.expected_people().matching(q).by_given_name()[:FOUND])
            proposed = list(_with_places(proposed).values())
        lines.append({"row": row, "why": reports.say(row.why), "proposed": proposed})
    told = [row.person for row in page.object_list if row.person]
    told += [one["person"] for line in lines for one in line["proposed"]]
    log_accesses(request.user, told, what=gettext_noop("a meeting report"), purpose=found.session.title_vi)
    labels = dict(ReportRow.Outcome.choices)
    context = {
        "report": found,
        "session": found.session,
        "tabs": [(key, labels[key], counts[key]) for key in labels],
        "shown": shown,
        "page": page,
        "lines": lines,
        "counts": counts,
        "searched": searched,
        "q": q,
        "bad": bad,
        "may_decide": found.state in {MeetingReport.State.READ, MeetingReport.State.APPLIED},
    }
    return render(request, "lms_courses/report.html", context, status=status)


def _people(session: Session, rows) -> dict[int, dict]:
    ids = {pk for row in rows for pk in row.proposed}
    return _with_places(Person.objects.living().filter(pk__in=ids).select_related("profession"))


def _with_places(people) -> dict[int, dict]:
    """Persons by id with where they work: two of one name are told apart by that and by the birth year."""
    people = list(people)
    places: dict[int, str] = {}
    for one in Affiliation.objects.in_force().filter(person__in=people).select_related("facility"):
        places.setdefault(one.person_id, one.facility.name)
    return {one.pk: {"person": one, "place": places.get(one.pk, "")} for one in people}


def _columns(request: HttpRequest, found: MeetingReport, *, bad: str, status: int) -> HttpResponse:
    header, sample = found.cells[0], found.cells[1:4]
    columns = [
        (position, text, [row[position] for row in sample if position < len(row)])
        for position, text in enumerate(header)
    ]
    context = {
        "report": found,
        "session": found.session,
        "columns": columns,
        "words": COLUMN_WORDS,
        "bad": bad,
    }
    return render(request, "lms_courses/report_columns.html", context, status=status)


@login_required
@require_POST
def name_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what stands in which column."""
    found = get_report_for(request.user, pk)
    chosen = {
        position: request.POST.get(f"c{position}", "")
        for position in range(len(found.cells[0]) if found.cells else 0)
    }
    columns = {position: key for position, key in chosen.items() if key in COLUMN_WORDS}
    try:
        if len(set(columns.values())) < len(columns):
            raise reports.ReportRefused(_("Two columns cannot hold the same."))
        reports.name_columns(found, columns=columns, by=request.user)
    except ListRefused as error:
        return _report(request, found, bad=str(error), status=400)
    return redirect("lms_courses:report", found.pk)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whom a row means: somebody expected in this session, or nobody known."""
    found = get_report_for(request.user, pk)
    row_pk, person_pk = request.POST.get("row", ""), request.POST.get("person", "")
    row = found.rows.filter(pk=read_key(row_pk)).first()
    if row is None:
        raise Http404
    person = None
    if person_pk != "nobody":
        allowed = found.session.expected_people()
        person = allowed.filter(pk=read_key(person_pk)).first()
        if person is None:
            raise Http404
    try:
        reports.decide(row, person=person, by=request.user)
    except ListRefused as error:
        return _report(request, found, bad=str(error), status=409)
    return redirect("lms_courses:report", found.pk)


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a report, or undo it."""
    found = get_report_for(request.user, pk)
    verbs = {"apply": reports.apply_report, "undo": reports.undo_report}
    if request.POST.get("to") not in verbs:
        raise Http404
    try:
        moved = verbs[request.POST["to"]](found, by=request.user)
    except ListRefused as error:
        return _report(request, found, bad=str(error), status=409)
    if moved.state == MeetingReport.State.APPLIED:
        messages.success(request, _("The report is applied. What it says stands beside all other evidence."))
    else:
        messages.success(request, _("The report is undone. What other sources say stays."))
    return redirect("lms_courses:report", found.pk)
