"""Why somebody does not come to a session: one's own word, the coordinator's for somebody, the hub's decision."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.actions import excuses
from courses.models import Excuse, Session
from courses.session_permissions import get_absence_for, get_excuse_for, get_room_for, get_session_for
from lms import clock, limits, media
from lms.actions import log_access, log_accesses
from lms.keys import read_key
from lms.media import MediaUnwritable
from lms.models import Person
from lms.uploads import UploadRefused

CHANGES_AN_HOUR = 60
WHAT = gettext_noop("excuses of a session")
REFUSALS = (excuses.ExcuseRefused, UploadRefused, MediaUnwritable)


class ExcuseForm(forms.Form):
    """Why, in a word, a few words, and a paper."""

    kind = forms.ChoiceField(label=gettext_lazy("Reason"), choices=Excuse.Kind.choices)
    text = forms.CharField(
        label=gettext_lazy("In a few words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("No name of a patient; of an illness, no diagnosis."),
    )
    paper = forms.FileField(
        label=gettext_lazy("A paper, if you have one (PDF or picture, up to 10 MB)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"}),
    )


def _is_hasty(request: HttpRequest) -> bool:
    return not limits.hit("lms_courses.excuse", str(request.user.pk), limit=CHANGES_AN_HOUR, seconds=3600)


def _too_hasty() -> str:
    return _("You have sent a lot within the hour. Please wait a little.")


def _act(
    request: HttpRequest, session: Session, person: Person | None, excuse: Excuse | None
) -> tuple[ExcuseForm, str, int]:
    """Say, take back or appeal, as posted; the form, what is wrong, and the status: 302 where all is well."""
    act, form = request.POST.get("act"), ExcuseForm(request.POST or None, request.FILES or None)
    if _is_hasty(request):
        return form, _too_hasty(), 429
    try:
        if act == "withdraw" and excuse is not None:
            excuses.take_back(excuse, by=request.user)
            messages.success(request, _("Taken back."))
        elif act == "appeal" and excuse is not None:
            excuses.appeal(excuse, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(request, _("Somebody else at the hub decides again."))
        elif person is None or not form.is_valid():
            return form, "" if person else _("Choose who does not come."), 400
        else:
            data = form.cleaned_data
            excuses.say(
                session,
                person=person,
                kind=data["kind"],
                text=data["text"],
                file=data["paper"],
                by=request.user,
            )
            messages.success(request, _("The hub has it and decides."))
    except REFUSALS as refused:
        return form, str(refused), 400
    return form, "", 302


def _shown(rows) -> list[dict]:
    """Excuses with their steps and until when each can be appealed."""
    rows = rows.select_related("person", "session").prefetch_related("steps__by__person")
    now = clock.nearly()
    found = []
    for row in rows:
        until = excuses.appeal_until(row)
        found.append(
            {
                "excuse": row,
                "steps": list(row.steps.all()),
                "appeal": until if until and until >= now else None,
            }
        )
    return found


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def excuse(request: HttpRequest, uuid) -> HttpResponse:
    """One's own absence from a session: say why, read the decision, appeal."""
    session, person = get_absence_for(request.user, uuid)
    own = Excuse.objects.filter(session=session, person=person)
    form, bad, status = ExcuseForm(), "", 200
    if request.method == "POST":
        form, bad, status = _act(request, session, person, own.standing().first())
        if status == 302:
            return redirect("lms_courses:excuse", session.uuid)
    lines = _shown(own)
    context = {
        "session": session,
        "lines": lines,
        "form": form if _is_open(session) and not own.standing().exists() else None,
        "until": excuses.say_until(session),
        "bad": bad,
    }
    return render(request, "lms_courses/excuse.html", context, status=status)


def _is_open(session: Session) -> bool:
    return session.state != Session.State.CANCELLED and clock.nearly() <= excuses.say_until(session)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def room_excuses(request: HttpRequest, pk: int) -> HttpResponse:
    """Absences from the room of whoever keeps its list: say one for somebody, and what became of each said here."""
    room = get_room_for(request.user, pk)
    session = room.session
    said = Excuse.objects.filter(session=session, steps__act="said", steps__by=request.user)
    form, bad, status = ExcuseForm(), "", 200
    roster = list(room.roster()[:500])
    if request.method == "POST":
        chosen = request.POST.get("person", "")
        person = next((one for one in roster if str(one.pk) == chosen), None)
        kept = request.POST.get("excuse", "")
        one = said.filter(pk=read_key(kept)).first()
        form, bad, status = _act(request, session, person, one)
        if status == 302:
            return redirect("lms_courses:room_excuses", room.pk)
    log_accesses(request.user, roster, what=gettext_noop("the list of a room"), purpose=session.title_vi)
    context = {
        "room": room,
        "session": session,
        "lines": _shown(said),
        "people": roster,
        "chosen": request.POST.get("person", ""),
        "form": form if _is_open(session) else None,
        "bad": bad,
    }
    return render(request, "lms_courses/room_excuses.html", context, status=status)


@login_required
@never_cache
@require_GET
def session_excuses(request: HttpRequest, uuid) -> HttpResponse:
    """The excuses of a session for the hub's office, those that wait first."""
    return _desk(request, get_session_for(request.user, uuid, "settle"))


def _desk(request: HttpRequest, session: Session, *, bad: str = "", status: int = 200) -> HttpResponse:
    lines = _shown(session.excuses.standing())
    log_accesses(request.user, [line["excuse"].person for line in lines], what=WHAT, purpose=session.title_vi)
    for line in lines:
        one = line["excuse"]
        waits = one.state in Excuse.OPEN
        mine = one.person.user_id == request.user.pk or any(
            step.by_id == request.user.pk for step in line["steps"]
        )
        line |= {"decides": waits and not mine, "waits": waits}
    lines.sort(key=lambda line: not line["waits"])
    context = {"session": session, "lines": lines, "bad": bad}
    return render(request, "lms_courses/session_excuses.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or refuse an excuse."""
    rights = get_excuse_for(request.user, pk)
    if not rights.decides:
        raise Http404
    session = rights.excuse.session
    accept = request.POST.get("answer") == "accept"
    try:
        excuses.decide(rights.excuse, accept=accept, reason=request.POST.get("reason", ""), by=request.user)
    except excuses.ExcuseRefused as refused:
        return _desk(request, session, bad=str(refused), status=400)
    messages.success(request, _("Decided; the person is told."))
    return redirect("lms_courses:excuses", session.uuid)


@login_required
@never_cache
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of an excuse, for whose it is and who decides."""
    row = get_excuse_for(request.user, pk).excuse
    if not row.file_name:
        raise Http404
    log_access(request.user, row.person, what=WHAT, purpose=row.session.title_vi)
    ending = "pdf" if row.file_type == "application/pdf" else "jpg"
    return media.serve(
        request, row.file_name, content_type=row.file_type, filename=f"excuse-{row.pk}.{ending}"
    )
