"""After a session: what goes out, the report on screen, as XLSX and PDF, and which sites sleep."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses import session_report
from courses.actions import packs
from courses.models import Enrolment, LessonKind, Session, SessionPack, SessionSite
from courses.session_permissions import get_session_for, get_session_with_cases
from lms import clock, limits, media, scope
from lms.media import MediaUnwritable
from lms.models import TeleSite
from lms.paper_tables import Section, as_pdf
from lms.permissions import person_of
from lms.spreadsheets import XLSX, write_rows
from lms.uploads import UploadRefused

PER_PAGE = 100
CHANGES_AN_HOUR = 30


class PackForm(forms.Form):
    """What goes out."""

    key_points = forms.CharField(
        label=gettext_lazy("Key points"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("One page: what to do tomorrow. No name of a patient."),
    )
    recording_url = forms.URLField(label=gettext_lazy("Recording"), required=False, assume_scheme="https")
    slides = forms.FileField(label=gettext_lazy("Slides (PDF, up to 20 MB)"), required=False)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def after(request: HttpRequest, uuid) -> HttpResponse:
    """Key points, slides, recording and survey for whoever took part; the hub writes them here."""
    session, hosts = get_session_with_cases(request.user, uuid)
    if request.method == "POST" and not hosts:
        raise Http404
    pack = SessionPack.objects.filter(session=session).first()
    known = {"key_points": pack.key_points, "recording_url": pack.recording_url} if pack else {}
    form, bad, status = PackForm(request.POST or None, request.FILES or None, initial=known), "", 200
    if request.method == "POST":
        status = 400
        if not limits.hit("lms_courses.pack", str(request.user.pk), limit=CHANGES_AN_HOUR, seconds=3600):
            bad, status = _("You have sent a lot within the hour. Please wait a little."), 429
        elif form.is_valid():
            try:
                packs.write_pack(session, **form.cleaned_data, by=request.user)
            except (packs.PackRefused, UploadRefused, MediaUnwritable) as refused:
                bad = str(refused)
            else:
                messages.success(request, _("Saved. Everybody who took part is told once."))
                return redirect("lms_courses:after", session.uuid)
    context = {
        "session": session,
        "hosts": hosts,
        "pack": pack,
        "form": form if hosts and session.state in session_report.OVER and not session.archived_at else None,
        "bad": bad,
        "surveys": _surveys(request, session),
    }
    return render(request, "lms_courses/after.html", context, status=status)


def _surveys(request: HttpRequest, session) -> list[dict]:
    """The surveys of the reader's own classes that use this session."""
    person = person_of(request.user)
    if person is None:
        return []
    rows = Enrolment.objects.of(person).exclude(state=Enrolment.State.WITHDRAWN)
    rows = rows.filter(run__session_uses__session=session).select_related("run__release").distinct()
    return [
        {"url": reverse("lms_courses:survey", args=[row.pk, item["lesson"]]), "run": row.run.code}
        for row in rows
        for item in row.run.release.outline
        if item["kind"] == LessonKind.SURVEY
    ]


@login_required
@never_cache
@require_GET
def slides(request: HttpRequest, uuid) -> HttpResponse:
    """The slides, for whoever took part."""
    session, _hosts = get_session_with_cases(request.user, uuid)
    pack = SessionPack.objects.filter(session=session).exclude(slides_name="").first()
    if pack is None:
        raise Http404
    return media.serve(request, pack.slides_name, content_type="application/pdf", filename="slides.pdf")


@login_required
@never_cache
@require_GET
def report(request: HttpRequest, uuid) -> HttpResponse:
    """The report of a session for its hub."""
    session = get_session_for(request.user, uuid)
    found = session_report.report_of(session)
    tables = _tables(found)
    context = {
        "session": session,
        "report": found,
        "totals": session_report.totals(found),
        # Beside each cell its column, which a narrow screen shows in the place of a heading.
        "tables": [
            (table, [list(zip(table.columns, row, strict=True)) for row in table.rows]) for table in tables
        ],
        "pack": SessionPack.objects.filter(session=session).first(),
    }
    return render(request, "lms_courses/session_report.html", context)


def _tables(found: session_report.Report) -> list[Section]:
    """The tables of the report: the same on screen and on paper."""
    sites = [session_report.site_cells(line) for line in found.sites]
    cases = [session_report.case_cells(case) for case in found.cases]
    survey = [session_report.survey_cells(line) for line in found.survey]
    return [
        Section(_("Sites"), (), session_report.site_columns(), (6, 2, 2, 2, 2.4, 2.4), sites),
        Section(_("Cases"), (), session_report.case_columns(), (1, 3, 3, 5, 5, 2.4), cases),
        Section(_("Survey"), (), session_report.survey_columns(), (8, 2.4, 2, 2), survey),
    ]


@login_required
@never_cache
@require_GET
def report_xlsx(request: HttpRequest, uuid) -> HttpResponse:
    """The same figures as a spreadsheet, one table below the other."""
    session = get_session_for(request.user, uuid)
    found = session_report.report_of(session)
    rows = [[line] for line in session_report.totals(found)]
    for table in _tables(found):
        rows += [[], [table.title], list(table.columns), *map(list, table.rows)]
    data = write_rows([session.title], rows, title=_("Session report"))
    return _file(data, XLSX, f"session-{session.starts_at:%Y-%m-%d}.xlsx")


@login_required
@never_cache
@require_GET
def report_pdf(request: HttpRequest, uuid) -> HttpResponse:
    """The same figures on paper."""
    session = get_session_for(request.user, uuid)
    found = session_report.report_of(session)
    now = clock.nearly()
    begins, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    when = f"{begins:%d/%m/%Y %H:%M}–{ends:%H:%M}"
    sections = [Section(_("The session"), [when, *session_report.totals(found)]), *_tables(found)]
    if pack := SessionPack.objects.filter(session=session).first():
        sections.append(Section(_("Key points"), pack.key_points.splitlines()))
    data = as_pdf(
        sections,
        author=str(session.hub),
        title=_("Session report: %(title)s") % {"title": session.title},
        made=_("Made on %(day)s") % {"day": f"{timezone.localtime(now):%d/%m/%Y %H:%M}"},
        made_at=now,
    )
    return _file(data, "application/pdf", f"session-{session.starts_at:%Y-%m-%d}.pdf")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _activity(request: HttpRequest) -> tuple[list[session_report.Activity], int]:
    """What the sites of the reader's facilities, province or sessions did; 404 where there is no such site."""
    own = scope.limit(TeleSite.objects.all(), request.user, "view").values("pk")
    hosted = scope.limit(Session.objects.all(), request.user, "host").values("pk")
    guests = SessionSite.objects.filter(session__in=hosted).values("site")
    sites = TeleSite.objects.filter(Q(pk__in=own) | Q(pk__in=guests))
    if not sites.exists():
        raise Http404
    months = session_report.months_of(request.GET.get("months", ""))
    return session_report.activity(sites, now=clock.nearly(), months=months), months


@login_required
@never_cache
@require_GET
def activity(request: HttpRequest) -> HttpResponse:
    """Which sites join, and which sleep."""
    lines, months = _activity(request)
    context = {
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("p")),
        "columns": session_report.activity_columns(),
        "asleep": sum(line.sleeps for line in lines),
        "total": len(lines),
        "months": months,
    }
    return render(request, "lms_courses/site_activity.html", context)


@login_required
@never_cache
@require_GET
def activity_xlsx(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    lines, _months = _activity(request)
    rows = (line.cells() for line in lines)
    data = write_rows(session_report.activity_columns(), rows, title=_("Activity of sites"))
    return _file(data, XLSX, f"sites-{clock.today():%Y-%m-%d}.xlsx")
