"""My page: where I stand, what is on now, what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.permissions import person_of
from website.me import reads
from website.navigation import catalogue_url


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the learner's page, or what to do where nothing is known yet."""
    person = person_of(request.user)
    context = {"person": person, "catalogue": catalogue_url(request)}
    if person is not None:
        enrolments = reads.enrolments_of(person)
        state, pace = reads.standing_of(person)
        context |= {
            "lines": reads.course_lines(request, person, enrolments) if enrolments else [],
            "next": reads.next_step(request, enrolments),
            "live": reads.live_now(person, enrolments),
            "standing": state,
            "pace": pace,
            "ring": reads.ring(state),
        }
    return render(request, "website/me.html", context)
