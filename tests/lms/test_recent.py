"""Whoever does something weighty has proved a short while ago who they are."""

import pytest
from django.http import HttpResponse

from lms.recent import recent_login_required


@recent_login_required
def revoke(request):
    return HttpResponse("revoked")


def first_prove(request):
    return HttpResponse("prove it", status=302) if request.GET.get("stale") else None


def test_without_a_host_that_can_ask_the_view_just_runs(rf, settings):
    settings.LMS_RECENT_LOGIN = ""

    assert revoke(rf.post("/?stale=1")).content == b"revoked"


@pytest.mark.parametrize(("query", "said"), [("", b"revoked"), ("stale=1", b"prove it")])
def test_the_host_decides_who_is_asked_first(rf, settings, query, said):
    settings.LMS_RECENT_LOGIN = f"{__name__}.first_prove"

    assert revoke(rf.post(f"/?{query}")).content == said
