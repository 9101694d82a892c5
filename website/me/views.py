"""My page: where I stand, what is on now, what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates.permissions import BUILDERS
from courses.permissions import givers_of, to_decide
from lms.models import Message, RoleAssignment
from lms.permissions import person_of
from website.accounts.roles import roles_of
from website.me import held, reads
from website.navigation import catalogue_url

APPROVERS = {RoleAssignment.Role.UNIT_MANAGER, RoleAssignment.Role.PROGRAMME_MANAGER}


def approving(user, roles) -> dict:
    """Whether *user* decides about applications, by role or as a deputy, and how many wait."""
    if not (APPROVERS & set(roles) or user.is_superuser or givers_of(user)):
        return {"approves": False}
    return {"approves": True, "to_decide": to_decide(user).count()}


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the learner's page, or what to do where nothing is known yet."""
    person = person_of(request.user)
    roles = roles_of(request.user)
    context = {
        "person": person,
        "catalogue": catalogue_url(request),
        "coordinates": RoleAssignment.Role.SITE_COORDINATOR in roles,
        "looks_after": bool(
            {RoleAssignment.Role.SITE_COORDINATOR, RoleAssignment.Role.UNIT_MANAGER} & set(roles)
        ),
        **approving(request.user, roles),
        "verifies": RoleAssignment.Role.VERIFIER in roles,
        "certifies": bool(BUILDERS & set(roles)),
        "has_office": bool(roles) or request.user.is_superuser,
    }
    if person is not None:
        lines = reads.course_lines(person, request)
        state, pace = reads.standing_of(person)
        context |= {
            "lines": lines,
            "next": reads.next_step(lines),
            "live": reads.live_now(person, lines),
            "absences": reads.absences(person),
            "observes": reads.observes(person),
            "standing": state,
            "pace": pace,
            "ring": reads.ring(state),
            "asks_again": held.asks_again(person),
            "unread": Message.objects.inbox(person).unread().count(),
        }
    return render(request, "website/me.html", context)
