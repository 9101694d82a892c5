"""Roles, batches and revocations ask for a fresh proof of who one is, and then do what was asked."""

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse

from certificates.actions import ask_to_end, freeze_batch, issue_for
from certificates.models import Batch, Certificate
from lms.actions import grant_role
from lms.models import RoleAssignment
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.website.test_recent import PASSWORD, grow_old


def act(cast, what: str):
    """Who does *what*, where, with which form, and a question whether it is done."""
    if what == "grant":
        who = people.person("Hồ Văn Tài", login="tai", works_at=cast.bach_mai)
        form = {"person": who.pk, "role": "trainer", "facility": cast.bach_mai.pk}
        return cast.phuc, reverse("lms-roles:add"), form, who.user.role_assignments.exists
    if what == "end":
        given = grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai, by=cast.phuc.user)
        path = reverse("lms-roles:end", args=[given.pk])
        return cast.phuc, path, {}, lambda: RoleAssignment.objects.get(pk=given.pk).ended_by is not None
    run = make.ready(cast.bach_mai)
    done = make.completed(cast.lan, run)
    if what == "issue":
        row = freeze_batch(run, by=cast.hang.user, enrolments=[done.pk])
        path = reverse("lms_certificates:batch", args=[row.pk])
        return cast.dao, path, {}, lambda: Batch.objects.get(pk=row.pk).state == "issued"
    paper = issue_for(done)
    ask_to_end(paper, "revoke", by=cast.hang.user, reason="Cấp nhầm người.")
    path = reverse("lms-certificates:revoke", args=[paper.pk])
    return cast.dao, path, {"reason": "Cấp nhầm người."}, lambda: not Certificate.objects.valid().exists()


ACTS = ["grant", "end", "issue", "revoke"]


@pytest.mark.parametrize("what", ACTS)
def test_a_fresh_sign_in_does_it_at_once(cast, what):
    who, path, form, is_done = act(cast, what)

    cast.client(who).post(path, form)

    assert is_done()


@pytest.mark.parametrize("what", ACTS)
def test_an_old_sign_in_is_asked_first_and_then_does_it(cast, what):
    who, path, form, is_done = act(cast, what)
    who.user.set_password(PASSWORD)
    who.user.save()
    totp.TOTP.activate(who.user, totp.generate_totp_secret())
    client = grow_old(cast.client(who))

    asked = client.post(path, form)
    assert asked.url.startswith(reverse("account_reauthenticate") + "?next=")
    assert not is_done()

    client.post(asked.url, {"password": "sai"})
    assert not is_done()
    client.post(asked.url, {"password": PASSWORD})
    assert is_done()


@pytest.mark.parametrize("what", ACTS)
def test_a_stranger_is_refused_and_not_asked(cast, what):
    _who, path, form, is_done = act(cast, what)
    client = grow_old(cast.client(cast.hoa))

    answer = client.post(path, form)

    assert answer.status_code in {302, 403, 404}
    assert "reauthenticate" not in answer.headers.get("Location", "")
    assert not is_done()
