"""What makes one look twice at the evidence of a room: said to both desks in plain words, refusing nobody."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courses import presence
from courses.actions import attempts, attendance, proof
from courses.models import Presence
from courses.presence import Said
from courses.views.oddities import handed_in_alike
from lms import clock, queue
from lms.models import Message, Person
from tests.courses.test_attendance import check_in, code_of
from tests.factories import live
from tests.factories.live import moment

START = moment("14:00")


@pytest.fixture
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


def said(person, second, *, source="self_code", **values) -> Said:
    """*person*'s evidence so many seconds after the start."""
    at = START + timedelta(seconds=second)
    return Said(**{"person": person, "source": source, "since": at, "recorded_at": at, **values})


def odd(*rows, capacity=20, head_count=None) -> list[str]:
    return presence.oddities(rows, capacity=capacity, head_count=head_count)


def test_a_room_that_fills_in_its_own_time_is_not_odd():
    assert odd(*(said(one, 4 * one) for one in range(6))) == []


def test_phones_that_check_in_all_within_ten_seconds_are_noticed_from_four_on():
    assert odd(*(said(one, one) for one in range(4))) == ["rushed"]
    assert odd(*(said(one, one) for one in range(3))) == []
    assert odd(*(said(one, one) for one in range(8)), said(9, 60)) == []


def test_four_answers_in_the_same_second_are_noticed_among_many_others():
    early = [said(one, one * 7, source="self_prompt") for one in range(20)]
    together = [said(one, 200 + one / 10, source="self_prompt") for one in range(4)]
    assert odd(*early, *together) == ["rushed"]
    assert odd(*early, *together[:3]) == []


def test_ticks_made_without_a_network_are_judged_by_when_they_were_made():
    arrived = START + timedelta(hours=2)
    rows = [
        said(
            one,
            one * 20,
            source="coord_roster",
            recorded_at=arrived,
            client_at=START + timedelta(seconds=one * 20),
        )
        for one in range(5)
    ]
    assert odd(*rows) == []
    assert odd(*(said(one, 1, source="coord_roster") for one in range(5))) == ["hasty"]


@pytest.mark.parametrize(
    ("row", "is_odd"),
    [
        (said(1, 0, client_at=START + timedelta(minutes=4)), False),
        (said(1, 0, client_at=START + timedelta(minutes=6)), True),
        (said(1, 0, client_at=START - timedelta(days=1)), True),
        (said(1, 0, is_late=True, recorded_at=START + timedelta(hours=5), client_at=START), False),
        (
            said(
                1,
                0,
                is_late=True,
                recorded_at=START + timedelta(hours=5),
                client_at=START - timedelta(minutes=6),
            ),
            True,
        ),
        (said(1, 0, source="coord_roster", client_at=START - timedelta(hours=2)), False),
        (said(1, 0, source="coord_roster", client_at=START + timedelta(minutes=6)), True),
    ],
)
def test_a_clock_that_is_off_by_more_than_five_minutes_is_noticed(row, is_odd):
    assert odd(row) == ["skewed"] * is_odd


def test_more_people_than_seats_or_heads_are_noticed():
    rows = [said(one, one * 30) for one in range(5)]
    assert odd(*rows, capacity=4) == ["crowded"]
    assert odd(*rows, head_count=4) == ["uncounted"]


def test_the_desks_of_room_and_hub_say_it_in_words_and_everybody_counts(class_, cast):
    for second, person in enumerate((cast.lan, cast.minh, cast.my, cast.xuan)):
        hour = f"14:03:0{second}"
        values = {"client_at": moment("2026-11-25 14:03")} if person == cast.my else {}
        check_in(class_, person, hour, site=class_.room, device=person.full_name, **values)

    with clock.at(moment("14:10")):
        hub = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))
        room = cast.client(cast.ha).get(reverse("lms_courses:room", args=[class_.room.pk]))

    assert Presence.objects.count() == 4
    for page in (hub.content.decode(), room.content.decode()):
        assert "Các điện thoại ở điểm cầu điểm danh hoặc trả lời cùng một lúc." in page
        assert "Đồng hồ của một điện thoại lệch hơn năm phút." in page


@pytest.mark.parametrize("said_at", ["2026-11-25 14:01", "2026-11-20 14:01", "2026-11-23 14:01"])
def test_a_code_kept_by_a_phone_whose_clock_is_a_day_off_is_refused_with_the_reason(class_, cast, said_at):
    old = code_of(class_.session, "14:01")

    with pytest.raises(proof.ClockOff) as refused:
        check_in(class_, cast.lan, "18:30", code=old, client_at=moment(said_at))

    assert "24/11/2026" not in str(refused.value)
    assert "2026" in str(refused.value)
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("last", "is_odd"),
    [
        ({}, True),
        ({"differs": True}, False),
        ({"second": "14:35:22"}, False),
        ({"elsewhere": True}, False),
    ],
)
def test_the_hub_sees_that_a_room_handed_in_the_same_answers_in_the_same_second(
    cast, django_assert_num_queries, last, is_odd
):
    """Four of one room, the last of whom answers otherwise, later or from another room."""
    with clock.at(moment("13:50")):
        class_ = live.Class(cast, kinds=("session", "practice"))
        learning = [
            class_.lan,
            class_.minh,
            *(live.enrolment(class_.run, who) for who in (cast.my, cast.xuan)),
        ]
    for number, enrolment in enumerate(learning):
        own = last if number == 3 else {}
        room = class_.other_room if own.get("elsewhere") else class_.room
        check_in(class_, enrolment.person, f"14:0{number}", site=room)
        with clock.at(moment("14:30")):
            attempt = attempts.start(enrolment, lesson=class_.lessons["practice"], by=None)
        answers = {item["slot"]: (item["key"], 1) for item in attempt.frozen}
        if own.get("differs"):
            first = attempt.frozen[0]
            other = next(one["id"] for one in first["options"] if one["id"] not in first["key"])
            answers[first["slot"]] = ([other], 1)
        with clock.at(moment(own.get("second", "14:35:21")) + timedelta(milliseconds=200 * number)):
            attempts.submit(attempt, nonce=attempt.nonce, answers=answers)

    with django_assert_num_queries(1):
        found = handed_in_alike([class_.room, class_.other_room])

    assert found == ({class_.room.pk: {one.person_id for one in learning}} if is_odd else {})
    with clock.at(moment("14:40")):
        hub = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))
    words = "Nhiều người cùng nộp một bài kiểm tra với đáp án giống hệt nhau trong cùng một giây."
    assert (words in hub.content.decode()) == is_odd
    assert hub.content.decode().count("cùng đáp án") == (4 if is_odd else 0)


def added(class_, person, hour="14:10"):
    """The coordinator puts *person*, who works elsewhere, on the list of Bắc Hà."""
    Person.objects.filter(pk=person.pk).update(phone="0912345678", email="minh@vuonxa.example")
    with clock.at(moment(hour)):
        return attendance.add_stranger(
            class_.room,
            full_name=person.full_name,
            birth_year=None,
            phone_or_licence="0912 345 678",
            by=class_.cast.ha.user,
        )


def test_somebody_added_by_hand_is_shown_to_both_desks_until_their_own_phone_says_it_too(class_, cast):
    words = "Có người được thêm vào danh sách bằng tay mà ngoài dấu điểm danh đó chưa có gì khác xác nhận."

    def desks(hour):
        with clock.at(moment(hour)):
            hub = cast.client(cast.hang).get(reverse("lms_courses:attendance", args=[class_.session.uuid]))
            room = cast.client(cast.ha).get(reverse("lms_courses:room", args=[class_.room.pk]))
        return [words in page.content.decode() for page in (hub, room)]

    with clock.at(moment("14:05")):
        attendance.tick(class_.room, person=cast.my, by=cast.ha.user)
    assert desks("14:06") == [False, False], "who works there is ticked and nothing is odd"
    added(class_, cast.minh)
    assert desks("14:11") == [True, True]
    check_in(class_, cast.minh, "14:20", site=class_.room)
    assert desks("14:21") == [False, False]
    with clock.at(moment("14:22")):
        attendance.add_stranger(
            class_.room,
            full_name="Sùng A Páo",
            birth_year=1994,
            phone_or_licence="0987 654 321",
            by=cast.ha.user,
        )
    assert desks("14:23") == [True, True], "nobody has said yet who that is"


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_somebody_known_from_elsewhere_is_told_once_and_not_when_the_tick_was_taken_back(
    class_, cast, is_taken_back
):
    added(class_, cast.minh)
    added(class_, cast.minh, "14:12")
    with clock.at(moment("14:13")):
        if is_taken_back:
            attendance.untick(class_.room, person=cast.minh, by=cast.ha.user)
        queue.run_due()

    told = Message.objects.get(event="added-at-site")
    assert told.person == cast.minh
    assert "Bắc Hà" in told.body
    assert "Bệnh viện Bạch Mai" in told.body
    assert (told.state == Message.State.SENT) is not is_taken_back


def test_who_belongs_to_the_room_is_not_told_that_they_were_ticked(class_, cast):
    Person.objects.filter(pk=cast.my.pk).update(phone="0912345678")
    with clock.at(moment("14:10")):
        attendance.add_stranger(
            class_.room,
            full_name=cast.my.full_name,
            birth_year=None,
            phone_or_licence="0912345678",
            by=cast.ha.user,
        )

    assert Presence.objects.get().person == cast.my
    assert not Message.objects.exists()
