"""The programme of a session: what those who take part read, and the forms by which its hub writes it."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses.actions import programme, sessions
from courses.models import Session, SessionMaterial
from courses.session_permissions import get_programme_for, get_session_for
from courses.views.replies import on_the_day
from lms import clock, limits, media
from lms.actions import log_accesses
from lms.keys import read_key
from lms.media import MediaUnwritable
from lms.models import Person
from lms.uploads import UploadRefused

CHANGES_AN_HOUR = 120
SPEAKERS = gettext_noop("speakers of a session")
SPARE = 4
"""Empty lines below what is there."""
REFUSALS = (sessions.SessionRefused, UploadRefused, MediaUnwritable)


class WayIn(forms.ModelForm):
    """How one gets into the meeting; shown to those who take part only."""

    join_url = forms.URLField(label=gettext_lazy("Link to join"), required=False, assume_scheme="https")

    class Meta:
        model = Session
        fields = ["join_url", "dial_in", "passcode"]
        widgets = {"dial_in": forms.Textarea(attrs={"rows": 3})}


class MaterialForm(forms.Form):
    """A PDF, what it is, and when it opens."""

    title = forms.CharField(label=gettext_lazy("What it is"), max_length=200)
    shown = forms.ChoiceField(label=gettext_lazy("Open"), choices=SessionMaterial.Shown.choices)
    file = forms.FileField(
        label=gettext_lazy("PDF, up to 20 MB; for phones better 2 MB"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    looked = forms.BooleanField(
        label=gettext_lazy("I have looked: no name, number, date or face of a patient is in it.")
    )


@login_required
@never_cache
@require_GET
def read(request: HttpRequest, uuid) -> HttpResponse:
    """Agenda, materials and the way into the meeting, for whoever takes part."""
    session, hosts = get_programme_for(request.user, uuid)
    agenda = agenda_of(session)
    if hosts:
        note_speakers(request, session, agenda)
    context = {"session": session, "hosts": hosts, "agenda": agenda, **_materials(session, hosts)}
    return render(request, "lms_courses/programme.html", context)


def agenda_of(session: Session) -> list[dict]:
    """The items with when each ends and which one runs now; where the session runs late, so does its agenda."""
    items = list(session.agenda.select_related("speaker"))
    ends = [item.starts_at for item in items[1:]] + [session.ends_at]
    now, is_live = clock.nearly(), session.state == Session.State.LIVE
    return [
        {"item": item, "ends_at": end, "is_on": is_live and item.starts_at <= now < end}
        for item, end in zip(items, ends, strict=False)
    ]


def note_speakers(request: HttpRequest, session: Session, agenda: list[dict]) -> None:
    """Record that the hub was shown who speaks."""
    speakers = [line["item"].speaker for line in agenda if line["item"].speaker]
    log_accesses(request.user, speakers, what=SPEAKERS, purpose=session.title_vi)


def _materials(session: Session, hosts: bool) -> dict:
    rows = session.materials.filter(removed_at=None)
    if not hosts and clock.nearly() < session.ends_at:
        rows = rows.filter(shown=SessionMaterial.Shown.ALWAYS)
    return {"materials": rows}


@login_required
@never_cache
@require_GET
def material(request: HttpRequest, uuid, pk: int) -> HttpResponse:
    """One material, for whoever may read it now."""
    session, hosts = get_programme_for(request.user, uuid)
    row = _materials(session, hosts)["materials"].filter(pk=pk).first()
    if row is None:
        raise Http404
    return media.serve(request, row.name, content_type="application/pdf", filename=f"material-{row.pk}.pdf")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, uuid) -> HttpResponse:
    """The forms of the hub: way in, agenda, blocks of time, materials; each is sent by itself."""
    session = get_session_for(request.user, uuid)
    way_in, added = WayIn(instance=Session.objects.get(pk=session.pk)), MaterialForm()
    bad, status, act = "", 200, request.POST.get("act", "")
    if request.method == "POST":
        status = 400
        try:
            if not limits.hit(
                "lms_courses.programme", str(request.user.pk), limit=CHANGES_AN_HOUR, seconds=3600
            ):
                bad, status = _("You have sent a lot within the hour. Please wait a little."), 429
            elif act == "way-in":
                way_in = WayIn(request.POST, instance=Session.objects.get(pk=session.pk))
                if way_in.is_valid():
                    programme.set_way_in(session, **way_in.cleaned_data, by=request.user)
                    return _saved(request, session)
            elif act == "agenda":
                programme.set_agenda(session, items=_items(request, session), by=request.user)
                return _saved(request, session)
            elif act == "blocks":
                sessions.set_blocks(session, blocks=_blocks(request), by=request.user)
                return _saved(request, session)
            elif act == "material":
                added = MaterialForm(request.POST, request.FILES)
                if added.is_valid():
                    names = ("title", "shown", "file")
                    values = {name: added.cleaned_data[name] for name in names}
                    programme.add_material(session, **values, by=request.user)
                    return _saved(request, session)
            elif act == "remove":
                programme.remove_material(_chosen(request, session), by=request.user)
                return _saved(request, session)
            else:
                raise Http404
        except REFUSALS as refused:
            bad = str(refused)
    return _form(request, session, way_in, added, bad=bad, status=status)


def _form(
    request: HttpRequest, session: Session, way_in: WayIn, added: MaterialForm, *, bad: str, status: int
) -> HttpResponse:
    holders = list(
        Person.objects.filter(session_roles__session=session, session_roles__ended_at=None).distinct()
    )
    log_accesses(request.user, holders, what=SPEAKERS, purpose=session.title_vi)
    posted = request.POST if status != 200 else {}
    context = {
        "session": session,
        "way_in": way_in,
        "material_form": added,
        "materials": session.materials.filter(removed_at=None),
        "holders": holders,
        "lines": _agenda_lines(session, posted),
        "blocks": _block_lines(session, posted),
        "may_divide": session.state in sessions.BEFORE,
        "bad": bad,
    }
    return render(request, "lms_courses/programme_edit.html", context, status=status)


def _saved(request: HttpRequest, session: Session) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("lms_courses:edit_programme", session.uuid)


def _chosen(request: HttpRequest, session: Session) -> SessionMaterial:
    pk = request.POST.get("material", "")
    row = session.materials.filter(pk=read_key(pk)).first()
    if row is None:
        raise Http404
    return row


def _lists(posted, *names: str) -> list[tuple[str, ...]]:
    """What was posted line by line, empty lines left out."""
    columns = [posted.getlist(name)[:60] for name in names] if posted else []
    lines = zip(*columns, strict=False) if columns else ()
    return [line for line in lines if any(text.strip() for text in line)]


def _items(request: HttpRequest, session: Session) -> list[programme.Item]:
    holders = {str(pk): pk for pk in session.roles.filter(ended_at=None).values_list("person", flat=True)}
    people = Person.objects.in_bulk(holders.values())
    found = []
    for text, title, who in _lists(request.POST, "at", "title", "speaker"):
        starts_at = on_the_day(session, text)
        if starts_at is None or not title.strip():
            raise sessions.SessionRefused(_("Give each item its time, as hours and minutes, and its title."))
        found.append(programme.Item(starts_at, title, people.get(holders.get(who, 0))))
    return found


def _blocks(request: HttpRequest) -> list[tuple[datetime, datetime]]:
    found = []
    for since, until in _lists(request.POST, "since", "until"):
        pair = _moment(since), _moment(until)
        if None in pair:
            raise sessions.SessionRefused(_("Give both ends of each block of time."))
        found.append(pair)
    return found


def _moment(text: str) -> datetime | None:
    """What an input of day and hour sends, in the zone of the site."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return timezone.make_aware(moment, timezone.get_default_timezone()) if moment.tzinfo is None else None


def _agenda_lines(session: Session, posted) -> list[tuple[str, str, str]]:
    """Hour, title and speaker of each line: as posted, else as kept, and a few empty ones."""
    kept = [
        (f"{timezone.localtime(item.starts_at):%H:%M}", item.title, str(item.speaker_id or ""))
        for item in session.agenda.all()
    ]
    return [*(_lists(posted, "at", "title", "speaker") or kept), *[("", "", "")] * SPARE]


def _block_lines(session: Session, posted) -> list[tuple[str, str]]:
    kept = [tuple(f"{timezone.localtime(end):%Y-%m-%dT%H:%M}" for end in part) for part in session.parts]
    return [*(_lists(posted, "since", "until") or kept), *[("", "")] * 2]
