"""On a phone: a coordinator makes a slip, and its holder takes over the record with the code on it."""

from django.urls import reverse

from lms.models import Invitation, Person
from tests.browser.conftest import PHONE
from tests.factories.cast import person


def test_a_slip_is_made_and_the_record_taken_over(site, visit):
    cast = site.cast
    noted = person("Giàng Thị Chở", works_at=cast.bac_ha, licence="000977/LCA-CCHN", state="provisional")
    own = person("Giàng Thị Chở", login="cho", works_at=cast.ta_phin)

    desk = visit(cast.ha, size=PHONE)
    desk.go(reverse("lms-persons:invite", args=[noted.pk]))
    desk.press("Make the slip")
    code = desk.page.locator("main code").inner_text()
    assert len(code.replace(" ", "")) == 8

    learner = visit(own, size=PHONE)
    learner.go(reverse("account"))
    learner.page.get_by_role("link", name=learner.say("Receive my record")).click()
    # First a wrong year: told, nothing lost.
    learner.page.fill("[name=code]", code.lower())
    learner.page.fill("[name=birth_year]", "1901")
    learner.press("Continue")
    assert learner.page.locator("[role=alert]").inner_text()
    learner.look()
    # The browser notes the refusal of the server as a failed request.
    assert len(learner.complaints) == 1
    learner.complaints.clear()
    learner.page.fill("[name=code]", code.lower())
    learner.page.fill("[name=birth_year]", "1987")
    learner.press("Continue")
    shown = learner.page.locator("main").inner_text()
    assert "G. T. Chở" in shown
    assert cast.bac_ha.name in shown
    learner.look()
    learner.press("Yes, this is me")
    assert learner.page.locator(".status.good").is_visible()

    kept = Person.objects.get(pk=own.pk)
    assert kept.licences.get().number == "000977/LCA-CCHN"
    assert Person.objects.get(pk=noted.pk).merged_into == kept
    assert Invitation.objects.get().accepted_by == own.user
