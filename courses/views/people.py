"""How the people of one's own site learn: who needs help, who never enrolled, and enrolling them."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses import journey
from courses.actions.bringing import bring_all
from courses.models import Application, Enrolment, Run
from courses.needs import Need, in_need, needs_of, with_needs
from courses.permissions import Role, coordinates, people_for
from lms import actions, clock, media, scope
from lms.actions import log_accesses
from lms.keys import read_key, read_keys
from lms.models import PeopleImport, Person
from lms.spreadsheets import MOST_BYTES, XLSX
from lms.uploads import UploadRefused, check_size

PER_PAGE = 50
TABS = ("help", "learning", "never", "all")
State = PeopleImport.State


@dataclass(slots=True)
class Learning:
    """One enrolment of somebody of my site."""

    way: journey.Journey
    needs: list[Need]

    @property
    def enrolment(self) -> Enrolment:
        return self.way.enrolment


@dataclass(slots=True)
class Line:
    """One person of my site: what they learn, what they wait for, how many courses they completed."""

    person: Person
    learning: list[Learning] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    completed: int = 0


@login_required
@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The people of my site by what they need; ticked, they are enrolled together."""
    if not coordinates(request.user):
        raise Http404
    tab = request.GET.get("show", "help")
    tab = tab if tab in TABS else "help"
    q = request.GET.get("q", "").strip()[:100]
    rows = people_for(request.user)
    mine = Enrolment.objects.filter(person=OuterRef("pk"))
    now = clock.nearly()
    needy = in_need(with_needs(Enrolment.objects.open()), now).order_by().values("person")
    kinds = {
        "help": Q(pk__in=needy),
        "learning": Exists(mine.filter(state=Enrolment.State.ACTIVE)),
        "never": ~Exists(mine),
        "all": Q(),
    }
    counts = [(one, rows.filter(kinds[one]).count()) for one in TABS]
    found = rows.filter(kinds[tab]).select_related("profession")
    if q:
        found = found.matching(q)
    page = Paginator(found.by_given_name(), PER_PAGE).get_page(request.GET.get("p"))
    log_accesses(request.user, page.object_list, what=gettext_noop("how the people of a site learn"))
    context = {
        "page": page,
        "lines": lines_of(list(page.object_list), request, now),
        "tab": tab,
        "q": q,
        "counts": counts,
        "runs": runs_open(now) if may_enrol(request.user) else [],
        "may_enrol": may_enrol(request.user),
        "sent": PeopleImport.objects.filter(by=request.user, kind=PeopleImport.Kind.CLASS).order_by("-pk")[
            :5
        ],
    }
    return render(request, "lms_courses/people.html", context)


def lines_of(people: list[Person], request, now) -> list[Line]:
    """What *people* learn, in as many queries for fifty as for one."""
    lines = {person.pk: Line(person) for person in people}
    rows = with_needs(Enrolment.objects.open().filter(person__in=lines))
    active = list(rows.select_related("run__release", "person").order_by("pk"))
    for way in journey.of_many(active, request, with_facts=False) if active else []:
        lines[way.enrolment.person_id].learning.append(Learning(way, needs_of(way.enrolment, now)))
    asked = Application.objects.open().filter(person__in=lines).select_related("run__release")
    for row in asked.defer("run__release__outline", "run__release__policy").order_by("pk"):
        lines[row.person_id].applications.append(row)
    done = Enrolment.objects.filter(person__in=lines, state=Enrolment.State.COMPLETED)
    for pk in done.order_by().values_list("person", flat=True):
        lines[pk].completed += 1
    return list(lines.values())


def may_enrol(user) -> bool:
    """Whether *user* enrols others: coordinators do, line managers only look."""
    return scope.has_role(user, Role.SITE_COORDINATOR)


def runs_open(now) -> list[Run]:
    """Classes into which a coordinator may bring people now."""
    rows = Run.objects.open_for_enrolment(now).filter(release__course__is_open=True)
    rows = rows.exclude(mode=Run.Mode.INVITATION).select_related("release__course")
    return list(rows.defer("release__outline", "release__policy").order_by("release__title_vi", "code"))


def _run(user, text: str) -> Run:
    """The chosen class, or 404 for whoever may bring nobody."""
    if not may_enrol(user):
        raise Http404
    rows = Run.objects.filter(release__course__is_open=True).exclude(mode=Run.Mode.INVITATION)
    return get_object_or_404(rows.select_related("release__course"), pk=read_key(text))


@login_required
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol the people that were ticked in one class; each refusal is told with its reason."""
    if not may_enrol(request.user):
        raise Http404
    if not request.POST.get("run"):
        messages.error(request, _("Choose a class. Nobody was enrolled."))
        return redirect("lms_courses:people")
    run = _run(request.user, request.POST["run"])
    ticked = read_keys(request.POST.getlist("person")[: 10 * PER_PAGE])
    sites = scope.facilities(request.user, {Role.SITE_COORDINATOR})
    chosen = people_for(request.user, places=sites).filter(pk__in=ticked).by_given_name()
    chosen = list(chosen.select_related("profession"))
    if not chosen:
        messages.error(request, _("Tick the people first. Nobody was enrolled."))
        return redirect("lms_courses:people")
    found = bring_all(run, people=chosen, by=request.user)
    enrolled = sum(1 for one in found if one.enrolment)
    asked = [one for one in found if one.application]
    if enrolled:
        words = ngettext(
            "%(count)d person is enrolled in %(run)s.", "%(count)d people are enrolled in %(run)s.", enrolled
        )
        messages.success(request, words % {"count": enrolled, "run": run.code})
    for one in asked:
        messages.info(request, f"{one.person.full_name}: {one.application.get_state_display()}")
    for one in found:
        if one.refusal:
            messages.error(request, f"{one.person.full_name}: {one.refusal}")
    return redirect("lms_courses:people")


# --- lists ------------------------------------------------------------------------------------------


@login_required
@require_POST
def send_list(request: HttpRequest) -> HttpResponse:
    """Hand a spreadsheet in for a class; it is checked first and changes nothing yet."""
    run = _run(request.user, request.POST.get("run", ""))
    sites = scope.facilities(request.user, {Role.SITE_COORDINATOR})
    site = sites.order_by("path").first()
    file = request.FILES.get("file")
    if file is None or site is None:
        messages.error(request, _("Choose a file, XLSX or CSV."))
        return redirect("lms_courses:people")
    try:
        check_size(file, MOST_BYTES)
        row = actions.hand_in(
            site, file=file, kind=PeopleImport.Kind.CLASS, by=request.user, subject=str(run.pk)
        )
    except (UploadRefused, media.MediaUnwritable) as refusal:
        messages.error(request, str(refusal))
        return redirect("lms_courses:people")
    return redirect("lms_courses:people_list", row.pk)


@login_required
@never_cache
def people_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What a list would do, and after a second press what it did."""
    row = _list(request.user, pk)
    if request.method == "POST":
        try:
            actions.start_import(row, by=request.user)
        except actions.ImportRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("lms_courses:people_list", pk)
    run = Run.objects.select_related("release").get(pk=int(row.subject))
    answer = render(
        request,
        "lms_courses/people_list.html",
        {"row": row, "run": run, "not_taken": actions.imports.not_taken(row)},
    )
    if row.state in (State.CHECKING, State.APPLYING):
        answer["Refresh"] = "3"
    return answer


@login_required
@never_cache
@require_safe
def list_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that were not taken, as a file."""
    row = _list(request.user, pk)
    if not row.errors_file:
        raise Http404
    name = _("rows-not-taken-%(number)s.xlsx") % {"number": row.pk}
    return media.serve(request, row.errors_file, content_type=XLSX, filename=name, inline=False)


@login_required
@require_safe
def list_template(request: HttpRequest) -> HttpResponse:
    """The empty list to fill in."""
    if not may_enrol(request.user):
        raise Http404
    answer = HttpResponse(actions.imports.template(PeopleImport.Kind.CLASS), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="vuonxa-class.xlsx"'
    return answer


def _list(user, pk: int) -> PeopleImport:
    """A list that *user* handed in and may still apply, or 404."""
    rows = PeopleImport.objects.filter(kind=PeopleImport.Kind.CLASS, by=user.pk)
    return get_object_or_404(rows.select_related("facility"), pk=pk)
