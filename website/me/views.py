"""My page: where I stand, what is on now, what comes next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show the learner's page, or what to do where nothing is known yet."""
    return render(request, "website/me.html", {"person": getattr(request.user, "person", None)})
