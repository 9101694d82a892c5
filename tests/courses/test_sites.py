"""Sites: a public directory without persons, and the connection test that the hub sees."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses import directory
from courses.models import ConnectionTest
from lms import clock
from lms.models import Facility, Province, TeleSite
from tests.factories import live
from tests.factories.live import moment


def url(name, *args):
    return reverse(f"lms_courses:{name}", args=args)


def test_a_room_reports_and_the_hub_sees_who_when_and_what_before(cast):
    with clock.at(moment("13:00")):
        class_ = live.Class(cast, kinds=("session",))
    ha, ung = cast.client(cast.ha), cast.client(cast.ung)
    for hour, said in (("13:40", {"is_in": "1"}), ("13:50", {"is_in": "1", "picture": "1", "sound": "1"})):
        with clock.at(moment(hour)):
            for _twice in range(2):
                assert ha.post(url("connection", class_.room.pk), said).status_code == 302
    with clock.at(moment("13:55")):
        board = ung.get(url("connections", class_.session.uuid))
        assert cast.client(cast.po).get(url("connection", class_.room.pk)).status_code == 404

    assert ConnectionTest.objects.count() == 2, "pressing twice is one report"
    silent, good = board.context["lines"]
    assert (silent["tests"], board.context["good"]) == ([], 1)
    assert [test.sound for test in good["tests"]] == [True, False]
    assert "Nguyễn Thị Thu Hà" in board.content.decode()
    assert "13:50" in board.content.decode()


@pytest.fixture
def thousand(cast):
    """A thousand sites in 34 provinces."""
    provinces = [
        Province.objects.create(
            code=f"{60 + n // 10}"[0] + chr(97 + n % 26),
            name=f"Tỉnh số {n}",
            latitude=9 + n * 0.4,
            longitude=104 + n % 6,
        )
        for n in range(26)
    ]
    sites = []
    for number in range(1000):
        if number < len(provinces):
            Facility.objects.create(name=f"Bệnh viện đa khoa khu vực {number}", province=provinces[number])
    places = list(Facility.objects.filter(province__in=provinces))
    for number in range(1000):
        sites.append(
            TeleSite(
                facility=places[number % len(places)],
                code=f"dc-{number}",
                name=f"Điểm cầu phòng giao ban trung tâm y tế số {number}",
            )
        )
    TeleSite.objects.bulk_create(sites)


def test_the_directory_of_a_thousand_sites_is_light_searchable_and_names_nobody(
    thousand, cast, client, django_assert_max_num_queries
):
    assert cast.ha
    with django_assert_max_num_queries(12):
        page = client.get(url("sites"))
    body = page.content.decode()

    assert len(page.content) < 60_000
    assert "<script" not in body.split("<main")[-1].split("</main")[0]
    assert "<svg" in body
    assert cast.ha.full_name not in body
    found = client.get(url("sites"), {"q": "diem cau phong giao ban so 77"}).context["page"].object_list
    assert all("77" in one.name for one in found)
    assert found
    one = page.context["dots"][0]
    within = client.get(url("sites"), {"province": one.code}).context["page"]
    assert within.paginator.count == one.sites


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_stands_on_the_drawing(latitude, longitude):
    x, y = directory.drawn(latitude, longitude)

    assert 0 <= x <= (directory.EAST - directory.WEST) * directory.SCALE
    assert 0 <= y <= (directory.NORTH - directory.SOUTH) * directory.SCALE + 0.1


def test_the_frame_holds_every_circle_and_label_and_little_else():
    dots = [
        directory.Dot("15", "Lào Cai", 4, x=80.0, y=60.0),
        directory.Dot("01", "Hà Nội", 9, x=150.0, y=110.0),
    ]
    directory._place_labels(dots)

    left, top, width, height = directory.frame(dots)

    for dot in dots:
        assert left <= dot.x - dot.radius < dot.label_x + 6 * len(dot.name) <= left + width
        assert top <= dot.y - dot.radius < dot.y + dot.radius <= top + height
    assert (width, height) < (200, 100)


def test_labels_do_not_cover_one_another():
    dots = [directory.Dot(str(n), "Thái Nguyên", 9, x=100.0 + n, y=50.0 + n) for n in range(9)]

    directory._place_labels(dots)

    heights = sorted(dot.label_y for dot in dots)
    assert all(second - first >= 10.9 for first, second in zip(heights, heights[1:], strict=False))
