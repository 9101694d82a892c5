"""My page: where I stand, what is on now, what comes next."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates.permissions import BUILDERS
from courses.permissions import to_decide
from lms.models import RoleAssignment
from lms.permissions import person_of
from website.accounts.roles import roles_of
from website.me import deadlines, reads
from website.me.glance import glance
from website.navigation import catalogue_url

APPROVERS = {RoleAssignment.Role.UNIT_MANAGER, RoleAssignment.Role.PROGRAMME_MANAGER}


def approving(user, roles, *, stands_in: bool) -> dict:
    """Whether *user* decides about applications, by role or as a deputy, how many wait and until when."""
    if not (APPROVERS & set(roles) or user.is_superuser or stands_in):
        return {"approves": False}
    waiting = to_decide(user).order_by().aggregate(to_decide=Count("pk"), decide_until=Min("due_at"))
    return {"approves": True, **waiting}


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the learner's page, or what to do where nothing is known yet."""
    person = person_of(request.user)
    roles = roles_of(request.user)
    seen = glance(request.user, person)
    approvals = approving(request.user, roles, stands_in=seen.stands_in)
    context = {
        "person": person,
        "catalogue": catalogue_url(request),
        "coordinates": RoleAssignment.Role.SITE_COORDINATOR in roles,
        "looks_after": bool(
            {RoleAssignment.Role.SITE_COORDINATOR, RoleAssignment.Role.UNIT_MANAGER} & set(roles)
        ),
        **approvals,
        "verifies": RoleAssignment.Role.VERIFIER in roles,
        "certifies": bool(BUILDERS & set(roles)),
        "has_office": bool(roles) or request.user.is_superuser,
    }
    if person is not None:
        lines = reads.course_lines(person, request)
        state, pace = reads.standing_of(person)
        due = deadlines.of_person(person, lines, state, approvals)
        context |= {
            "lines": lines,
            "next": reads.next_step(lines),
            "live": reads.live_now(person, lines),
            "absences": reads.absences(person) if seen.was_absent else [],
            "due": due[: deadlines.AT_ONCE],
            "due_later": due[deadlines.AT_ONCE :],
            "observes": seen.observes,
            "standing": state,
            "pace": pace,
            "ring": reads.ring(state),
            "asks_again": seen.asks_again,
            "unread": seen.unread,
        }
    return render(request, "website/me.html", context)
