"""What one was told, how one wants to be told, and the link of a mail by which one stops a kind of it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms import actions, events
from lms.conf import conf
from lms.messages import read_stop_token, wish_of
from lms.models import Message, MessageWish, Person
from lms.permissions import person_of

PER_PAGE = 20


def _me(request: HttpRequest) -> Person:
    person = person_of(request.user)
    if person is None:
        raise Http404
    return person


@login_required
@never_cache
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """My messages, the youngest first."""
    rows = Message.objects.inbox(_me(request))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    context = {"page": page, "unread": rows.unread().count()}
    return render(request, "lms/messages/inbox.html", context)


@login_required
@require_POST
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a message was read, and go where it leads."""
    person = _me(request)
    row = get_object_or_404(Message.objects.inbox(person), pk=pk)
    actions.read(person, message=row)
    leads = row.url if url_has_allowed_host_and_scheme(row.url, allowed_hosts=None) else ""
    return redirect(leads or "lms:inbox")


@login_required
@require_POST
def all_read(request: HttpRequest) -> HttpResponse:
    """Note that every message was read."""
    actions.read(_me(request))
    return redirect("lms:inbox")


class WishForm(forms.Form):
    """How somebody wants to be told; what the law asks for stands there, fixed."""

    kinds = forms.MultipleChoiceField(
        label=_("What to send me"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(one.value, one.label) for one in events.Kind if one not in events.ALWAYS],
    )
    via = forms.ChoiceField(
        label=_("Reached by"), required=False, widget=forms.RadioSelect, choices=MessageWish.Via.choices
    )
    daily = forms.ChoiceField(
        label=_("When"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", _("at once")), ("1", _("once a day, in the morning, all together"))],
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """Show and keep how I want to be told."""
    person = _me(request)
    row = wish_of(person)
    if request.method != "POST":
        sent = [one.value for one in events.Kind if one not in row.muted]
        form = WishForm(initial={"kinds": sent, "via": row.via, "daily": "1" if row.daily else ""})
        return _wishes(request, person, form)
    form = WishForm(request.POST)
    if not form.is_valid():
        return _wishes(request, person, form, status=400)
    muted = set(events.Kind.values) - set(form.cleaned_data["kinds"])
    data = form.cleaned_data
    actions.wish(person, muted=muted, via=data["via"], daily=bool(data["daily"]))
    messages.success(request, gettext("Saved. It holds for what is waiting to be sent, too."))
    return redirect("lms:wishes")


def _wishes(request: HttpRequest, person: Person, form: WishForm, *, status: int = 200) -> HttpResponse:
    rules = conf.pacing("email")
    context = {
        "form": form,
        "person": person,
        "always": [one.label for one in events.Kind if one in events.ALWAYS],
        "quiet": (rules.quiet_from, rules.quiet_until),
        "limits": conf.MESSAGE_LIMITS,
    }
    return render(request, "lms/messages/wishes.html", context, status=status)


# A mail program that stops by one click (RFC 8058) has no cookie: the signed link says whose wish it is.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then stop one kind of mail, for whoever holds the link of it; no login, nothing else is shown."""
    found = read_stop_token(token)
    if found is None:
        raise Http404
    person, kind = found
    if request.method == "POST":
        actions.mute(person, kind)
    done = kind in wish_of(person).muted
    return render(request, "lms/messages/stop.html", {"kind": kind.label, "done": done})
