"""One evening as its people live it: hub desk, phone, a room without network, reconciliation, credit on "My page"."""

import datetime

import pytest
from django.urls import reverse

from certificates.models import CreditEntry, Rule, RuleSet
from courses.actions.sessions import join_site, schedule
from courses.models import Presence
from lms import clock, verify
from lms.models import Person
from tests.browser.conftest import DESK
from tests.factories.cast import person

AWAY = datetime.timedelta(minutes=10)
"""How long the coordinator is without network."""


@pytest.fixture
def room(site):
    """A session of Bạch Mai that earns 1.5 hours by a rule of its own, begun four minutes ago; Lục Yên's room in it."""
    cast = site.cast
    assert site.course.issuer
    table = RuleSet.objects.get(code="tt32-2023")
    Rule.objects.get_or_create(
        ruleset=table, code="CONF_DELEGATE", defaults={"mode": "fixed", "value": "1.5"}
    )
    now = clock.now()
    session = schedule(
        cast.bach_mai,
        title_vi="Giao ban chuyên môn buổi tối",
        starts_at=now - datetime.timedelta(minutes=4),
        ends_at=now + datetime.timedelta(minutes=26),
        rule_code="CONF_DELEGATE",
        by=cast.hang.user,
    )
    return join_site(session, site=cast.site_luc_yen, expected=5)


@pytest.fixture
def people(site) -> dict[str, Person]:
    """Four who work at Lục Yên: Chư has her phone, Páo left his at home, Dợ has none, Chẳn comes by the hub's word."""
    names = {"chu": "Hoàng Thị Chư", "pao": "Giàng A Páo", "do": "Sùng Thị Dợ", "chan": "Lù Văn Chẳn"}
    with_login = {"chu", "pao"}
    return {
        key: person(name, login=f"toi_{key}" if key in with_login else "", works_at=site.cast.luc_yen)
        for key, name in names.items()
    }


def test_an_evening_ends_as_credit_whatever_way_people_came(site, visit, room, people):
    cast, session = site.cast, room.session
    # Other journeys share the database and may have left things half done.
    before = set(verify.breaches())
    # The hub opens the session on the screen of the meeting, and its desk beside it.
    screen, desk = visit(cast.hang, size=DESK), visit(cast.hang, size=DESK)
    screen.go(reverse("lms_courses:hub", args=[session.uuid]))
    screen.press("Open the session")
    desk.page.clock.install()
    desk.go(reverse("lms_courses:hub_desk", args=[session.uuid]))
    desk.page.evaluate("window.stayed = true")
    shown = desk.page.locator("[data-desk]")
    assert "0/1 điểm cầu đã có người" in shown.inner_text()

    # The room's line fell ten minutes ago, before the session began; its list was open by then.
    coordinator = visit(cast.po)
    page = coordinator.page
    page.clock.install(time=clock.now() - AWAY)
    coordinator.go(reverse("lms_courses:room", args=[room.pk]))
    page.context.set_offline(True)
    for key in ("pao", "do"):
        page.locator(f"#p{people[key].pk}").click()
        page.clock.fast_forward("00:20")
    page.locator("summary", has_text=coordinator.say("Add a person who is not on the list")).click()
    page.fill("#n", "Thào Thị Súng")
    page.fill("#b", "1983")
    page.fill("#p", "0912 777 456")
    page.locator("#stranger button").click()
    page.locator("#list strong", has_text="Thào Thị Súng").wait_for()
    page.clock.fast_forward("09:20")
    coordinator.look()

    # Meanwhile Chư checks in by the code that stands on the screen; the desk follows by itself.
    chu = visit(people["chu"])
    chu.go(reverse("lms_courses:check_in", args=[session.uuid]))
    chu.page.fill("#c", screen.page.inner_text("[data-show=code]"))
    chu.press("Check in", "button")
    chu.page.locator("#answer .good").wait_for()
    assert list(session.presences.values_list("person", "source")) == [(people["chu"].pk, "self_code")]
    desk.page.clock.fast_forward("00:10")
    shown.get_by_text("1 người có mặt, dự kiến 5").wait_for()

    # The network is back: everything arrives, once each, and opening the page again sends nothing twice.
    page.context.set_offline(False)
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('lms-room-'))")
    coordinator.go(reverse("lms_courses:room", args=[room.pk]))
    stranger = Person.objects.get(full_name="Thào Thị Súng")
    ticked = session.presences.filter(source=Presence.Source.ROSTER)
    there = {people["pao"].pk, people["do"].pk, stranger.pk}
    assert sorted(ticked.values_list("person", flat=True)) == sorted(there)
    waited = ticked.get(person=people["pao"])
    assert waited.recorded_at - waited.client_at > AWAY - datetime.timedelta(seconds=30)
    page.fill("#h", "4")
    page.locator("#attest button").click()
    page.locator(".status.good").wait_for()
    desk.page.clock.fast_forward("00:10")
    shown.get_by_text("4 người có mặt, dự kiến 5").wait_for()
    assert "1 danh sách đã xác nhận" in shown.inner_text()
    assert desk.page.evaluate("window.stayed")
    desk.look()

    # Afterwards the office enters whom the locked list has missed, with the reason, and settles.
    screen.press("End the session")
    office = screen.page
    office.fill("#q", "lu van chan")
    screen.press("Find", within="form:has(#q)")
    office.locator("summary", has_text="Lù Văn Chẳn").click()
    office.fill(f"#w{people['chan'].pk}", "Ngồi ở phòng bên, điểm cầu gọi điện báo")
    screen.press("Enter as present")
    screen.press("Settle attendance")
    assert office.locator("summary .tag.good").all_inner_texts() == ["có mặt"] * 5
    screen.look()
    everybody = there | {people["chu"].pk, people["chan"].pk}
    counted = dict(session.attendances.values_list("person", "state"))
    assert counted == dict.fromkeys(everybody, "present")

    # The credit is on the page of whoever came by phone and of whoever was ticked, and everything agrees.
    site.work()
    for key in ("chu", "pao"):
        learner = chu if key == "chu" else visit(people[key])
        learner.go(reverse("me"))
        assert "1,5" in learner.page.inner_text("aside.credit")
        learner.look()
        learner.go(reverse("lms_certificates:credits"))
        assert session.title_vi in learner.page.inner_text("main")
    posted = CreditEntry.objects.posted().filter(source_key=f"session:{session.pk}")
    assert sorted(posted.values_list("person", flat=True)) == sorted(everybody)
    assert set(verify.breaches()) <= before

    # The browser notes each request that found no network.
    coordinator.complaints.clear()
