"""What a decided review means for certificate and credit: nobody takes them away alone."""

import pytest
from django.urls import reverse

from certificates import invariants
from certificates.actions import issue_for, post_credit, seal
from certificates.actions.assessing import assess
from certificates.actions.readiness import NotReady
from certificates.models import Certificate, CreditEntry
from certificates.pending import to_end, uncertified
from certificates.permissions import NotAllowed
from courses.actions import reviews
from courses.models import CompletionReview
from lms import clock, queue
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede
from tests.kept import repeated

Role = people.RoleAssignment.Role
REASON = "Không có mặt trong buổi học"


@pytest.fixture
@repeated
def world(cast):
    """Lan completed a class of Bạch Mai; the evidence was taken back (this one never had any)."""
    cast.enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    return cast


@pytest.fixture
def certified(world):
    """The same with certificate and credit, given before the evidence was taken back."""
    world.entry = post_credit(world.enrolment)
    world.paper = seal(issue_for(world.enrolment))
    return world


def review_of(world, *, uphold=None, by=None):
    review = reviews.reconsider(world.enrolment)
    if uphold is not None:
        reviews.decide(review, uphold=uphold, reason=REASON, by=by or world.hang.user)
        work()
    return review


def work():
    while queue.run_due():
        pass


def breaches():
    checks = (
        invariants.every_completion_is_certified,
        invariants.log_tells_the_state,
        invariants.credit_follows_completions,
    )
    return [breach for check in checks for breach in check()]


def test_nothing_is_issued_or_credited_while_a_review_waits(world):
    review_of(world)

    with pytest.raises(NotReady, match="phòng đào tạo phải quyết định"):
        issue_for(world.enrolment)
    assert post_credit(world.enrolment) is None
    assert not Certificate.objects.exists()
    assert not CreditEntry.objects.exists()
    assert breaches() == []


def test_upholding_gives_what_was_held_back(world):
    review_of(world, uphold=True)

    assert Certificate.objects.get().is_valid
    assert CreditEntry.objects.posted().get().certificate == Certificate.objects.get()


def test_upholding_leaves_what_was_given(certified):
    review_of(certified, uphold=True)

    certified.paper.refresh_from_db()
    assert certified.paper.is_valid
    assert CreditEntry.objects.posted().get() == certified.entry
    assert Certificate.objects.count() == 1


def test_a_completion_not_upheld_waits_for_the_signer_and_counts_until_then(certified):
    review_of(certified, uphold=False)

    certified.paper.refresh_from_db()
    assert certified.paper.is_valid
    assert list(to_end()) == [certified.paper]
    assert CreditEntry.objects.posted().exists()
    assert breaches() == []


def test_the_signer_revokes_and_the_hours_no_longer_count(certified):
    review_of(certified, uphold=False)

    revoke(certified.paper, by=certified.dao.user, reason=REASON)
    work()

    certified.paper.refresh_from_db()
    assert certified.paper.state == Certificate.State.REVOKED
    entry = CreditEntry.objects.get()
    assert (entry.state, entry.void_reason) == (CreditEntry.State.VOID, REASON)
    assert not to_end().exists()
    assert breaches() == []
    assert post_credit(certified.enrolment) == entry, "a reversed credit does not come back by itself"


def test_who_decided_the_review_cannot_also_revoke_or_replace(certified):
    people.role(certified.hang, Role.CERTIFICATE_SIGNER, certified.bach_mai)
    review_of(certified, uphold=False)

    for end in (revoke, supersede):
        with pytest.raises(NotAllowed):
            end(certified.paper, by=certified.hang.user, reason=REASON)

    certified.paper.refresh_from_db()
    assert certified.paper.is_valid


def test_who_upheld_it_may_still_revoke_for_another_reason(certified):
    people.role(certified.hang, Role.CERTIFICATE_SIGNER, certified.bach_mai)
    review_of(certified, uphold=True)

    assert not revoke(certified.paper, by=certified.hang.user, reason="In sai họ tên").is_valid


def test_without_a_certificate_the_hours_are_reversed_by_the_decision(world):
    entry = post_credit(world.enrolment)

    review_of(world, uphold=False)

    entry.refresh_from_db()
    assert (entry.state, entry.void_by, entry.void_reason) == ("void", world.hang.user, REASON)
    assert not uncertified().exists(), "nobody waits for a certificate that will not come"
    assert assess(world.enrolment).problems
    assert breaches() == []


def test_reversing_again_changes_nothing(world):
    post_credit(world.enrolment)
    review = review_of(world, uphold=False)
    before = list(CreditEntry.objects.values())

    with clock.at(clock.now()):
        queue.enqueue("lms_certificates.reverse_credit", review.pk)
        work()

    assert list(CreditEntry.objects.values()) == before


def test_hours_that_count_although_nothing_was_upheld_are_found(world):
    post_credit(world.enrolment)
    review_of(world, uphold=False)
    CreditEntry.objects.update(state="posted", void_at=None, void_reason="")

    assert breaches()


def test_a_certificate_under_review_is_not_replaced_meanwhile(certified):
    review_of(certified)

    with pytest.raises(NotReady):
        supersede(certified.paper, by=certified.dao.user, reason="In sai họ tên")


def test_the_signer_of_the_hospital_finds_what_to_end_and_no_other(certified):
    review_of(certified, uphold=False)
    url = reverse("lms-waiting:index")

    assert certified.paper.number in certified.client(certified.dao).get(url).content.decode()
    assert certified.paper.number not in certified.client(certified.son).get(url).content.decode()


def test_the_review_stays_as_it_was_decided(certified):
    review_of(certified, uphold=False)
    revoke(certified.paper, by=certified.dao.user, reason=REASON)

    assert reviews.reconsider(certified.enrolment) is None
    assert CompletionReview.objects.get().state == CompletionReview.State.REVOKED
    certified.enrolment.refresh_from_db()
    assert certified.enrolment.state == "completed"
