"""The coordinator's page with the network off for the whole session."""

from django.urls import reverse

from courses.models import Presence, SessionSite
from lms.models import Person


def test_a_list_kept_without_network_arrives_whole_and_in_order(site, visit):
    cast, course = site.cast, site.course
    room, lan, my = course.room, cast.lan, cast.my
    Presence.objects.filter(session=course.session).delete()
    ha = visit(cast.ha)
    ha.go(reverse("lms_courses:room", args=[room.pk]))
    page = ha.page

    page.context.set_offline(True)
    for one in (lan, my):
        page.locator(f"#p{one.pk}").click()
    page.locator("summary", has_text=ha.say("Add a person who is not on the list")).click()
    page.fill("#n", "Vàng Thị Pà")
    page.fill("#b", "1991")
    page.fill("#p", "0912999777")
    page.locator("#stranger button").click()
    page.locator("#list strong", has_text="Vàng Thị Pà").wait_for()
    if page.locator("#q").count():
        page.fill("#q", "pa")
        page.fill("#q", "")
    page.fill("#h", "3")
    page.locator("#attest button").click()
    page.locator("#confirmed").wait_for()
    ha.look()
    assert not Presence.objects.filter(session=course.session).exists()

    page.context.set_offline(False)
    page.locator(".status.good").wait_for()

    stranger = Person.objects.get(full_name="Vàng Thị Pà")
    ticked = Presence.objects.in_force().filter(session=course.session, source="coord_roster")
    assert set(ticked.values_list("person", flat=True)) == {lan.pk, my.pk, stranger.pk}
    assert (SessionSite.objects.get(pk=room.pk).head_count, ticked.count()) == (3, 3)
    # The browser notes each request that found no network.
    ha.complaints.clear()
