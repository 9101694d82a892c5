"""Evidence of presence: by phone, in the room, at the hub; what it comes to when settled."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from courses import codes
from courses.actions import attendance, settling, staying
from courses.actions.attendance import LicenceOfAnother, ListLocked, ListRefused
from courses.actions.proof import CodeStale, CodeWrong, SessionClosed
from courses.actions.sessions import cancel_session, end_session, use
from courses.models import Attendance, Enrolment, LessonProgress, Presence
from courses.signals import attendance_settled
from lms import clock
from lms.actions import candidates
from lms.models import Person
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated


@pytest.fixture
@repeated
def class_(cast):
    with clock.at(moment("13:50")):
        return live.Class(cast, kinds=("session",))


def code_of(session, hour):
    return codes.code_at(session.secret, codes.step_at(moment(hour).timestamp()))


def check_in(class_, person, hour, **values):
    values = {"code": code_of(class_.session, hour), "session": class_.session, **values}
    with clock.at(moment(hour)):
        return attendance.check_in(person, by=person.user, **values)


def settle(class_, hour="15:45"):
    with clock.at(moment(hour)):
        return settling.settle(class_.session, by=class_.cast.hang.user)


def result(class_, person):
    return Attendance.objects.get(session=class_.session, person=person)


# --- by phone


def test_a_code_is_recorded_at_the_servers_time(class_):
    row = check_in(class_, class_.cast.lan, "14:03:21", site=class_.room)

    assert row.is_new
    assert (row.since, row.source, row.site) == (moment("14:03:21"), "self_code", class_.room)
    assert not row.is_late


def test_checking_in_again_within_minutes_is_the_same_check_in(class_):
    first = check_in(class_, class_.cast.lan, "14:03")
    again = check_in(class_, class_.cast.lan, "14:06")

    assert (again.pk, again.is_new) == (first.pk, False)
    assert Presence.objects.count() == 1


def test_checking_out_is_another_code_at_the_end(class_):
    check_in(class_, class_.cast.lan, "14:01")
    check_in(class_, class_.cast.lan, "15:38")

    settle(class_)

    assert result(class_, class_.cast.lan).minutes == Decimal("99.0")
    assert result(class_, class_.cast.lan).state == "present"


def test_a_replayed_request_is_recorded_once(class_):
    client_id = uuid.uuid4()

    first = check_in(class_, class_.cast.lan, "14:03", client_id=client_id)
    again = check_in(class_, class_.cast.lan, "15:00", client_id=client_id)

    assert again.pk == first.pk
    assert Presence.objects.count() == 1


def test_a_request_replayed_by_somebody_else_is_refused(class_):
    client_id = uuid.uuid4()
    check_in(class_, class_.cast.lan, "14:03", client_id=client_id)

    with pytest.raises(CodeWrong):
        check_in(class_, class_.cast.minh, "14:03", client_id=client_id)


def test_a_code_older_than_the_delay_of_a_stream_is_stale(class_):
    with pytest.raises(CodeStale):
        check_in(class_, class_.cast.lan, "14:10", code=code_of(class_.session, "14:05"))

    assert not Presence.objects.exists()


@pytest.mark.parametrize("typed", ["000000x", "12345", "", "không"])
def test_what_is_no_code_is_refused(class_, typed):
    with pytest.raises(CodeWrong):
        check_in(class_, class_.cast.lan, "14:03", code=typed)


def test_a_code_of_another_session_is_refused(class_):
    other = live.session(class_.cast.viet_duc, class_.cast.hoa.user, title_vi="Buổi khác")

    with pytest.raises(CodeWrong):
        check_in(class_, class_.cast.lan, "14:03", code=code_of(other, "14:03"))

    assert not Presence.objects.exists()


def test_a_code_alone_finds_its_session(class_):
    live.session(class_.cast.viet_duc, class_.cast.hoa.user, title_vi="Buổi khác")

    row = check_in(class_, class_.cast.lan, "14:03", session=None)

    assert row.session == class_.session


@pytest.mark.parametrize("hour", ["13:29", "16:11"])
def test_outside_its_hours_a_session_takes_no_codes(class_, hour):
    with pytest.raises(SessionClosed):
        check_in(class_, class_.cast.lan, hour)


def test_a_cancelled_session_takes_no_codes(class_):
    cancel_session(class_.session, by=class_.cast.hang.user)
    class_.session.refresh_from_db()

    with pytest.raises(SessionClosed):
        check_in(class_, class_.cast.lan, "14:03")


def test_a_code_seen_before_signing_in_keeps_its_moment(class_):
    row = check_in(
        class_, class_.cast.lan, "14:07", code=code_of(class_.session, "14:03"), shown_at=moment("14:03:10")
    )

    assert row.since == moment("14:03:10")


def test_a_code_seen_long_before_signing_in_is_stale(class_):
    with pytest.raises(CodeStale):
        check_in(
            class_,
            class_.cast.lan,
            "14:10",
            code=code_of(class_.session, "14:03"),
            shown_at=moment("14:03:10"),
        )


# --- without network


def offline(class_, hour, *, typed, said=None, person=None, **values):
    values = {"code": code_of(class_.session, typed), "client_at": moment(said or typed), **values}
    return check_in(class_, person or class_.cast.lan, hour, **values)


def test_a_late_code_is_found_by_its_own_date_without_naming_the_session(class_):
    row = offline(class_, "2026-11-26 08:00", typed="14:03", session=None)

    assert row.session == class_.session


def test_a_late_code_is_refused_where_the_phone_says_another_time(class_):
    with pytest.raises(CodeWrong):
        offline(class_, "19:03", typed="14:03", said="14:30")


def test_a_code_sent_more_than_three_days_later_is_refused(class_):
    with pytest.raises((CodeWrong, CodeStale)):
        offline(class_, "2026-11-27 15:00", typed="14:03")


def test_a_late_code_from_after_the_session_is_refused(class_):
    with pytest.raises(SessionClosed):
        offline(class_, "19:30", typed="17:03")


def test_a_phone_whose_clock_is_ahead_gains_nothing(class_):
    with pytest.raises(CodeWrong):
        check_in(
            class_, class_.cast.lan, "14:03", code=code_of(class_.session, "15:38"), client_at=moment("15:38")
        )


def test_late_evidence_after_the_settlement_is_weighed_at_once(class_):
    check_in(class_, class_.cast.lan, "14:01")
    settle(class_)
    assert result(class_, class_.cast.lan).state == "absent"

    offline(class_, "19:03", typed="15:38")

    assert result(class_, class_.cast.lan).state == "present"
    assert LessonProgress.objects.get(enrolment=class_.lan).met_at


# --- the site's QR code


def token_of(class_, hour, room=None):
    room = room or class_.room
    shown = None if hour is None else moment(hour).timestamp()
    return codes.site_token(room.secret, str(room.session.uuid), room.pk, shown)


def test_a_sites_qr_code_records_the_site(class_):
    row = check_in(class_, class_.cast.lan, "14:03", code=None, token=token_of(class_, "14:03"))

    assert (row.source, row.site) == ("self_qr", class_.room)


def test_a_printed_qr_code_counts_at_the_moment_of_the_request(class_):
    row = check_in(class_, class_.cast.lan, "14:03", code=None, token=token_of(class_, None))

    assert row.since == moment("14:03")


def test_an_old_qr_code_is_stale(class_):
    with pytest.raises(CodeStale):
        check_in(class_, class_.cast.lan, "14:10", code=None, token=token_of(class_, "14:03"))


def test_a_forged_qr_code_is_refused(class_):
    token = token_of(class_, "14:03").replace(f"{class_.room.pk}.", f"{class_.other_room.pk}.", 1)

    with pytest.raises(CodeWrong):
        check_in(class_, class_.cast.lan, "14:03", code=None, token=token)


@pytest.mark.parametrize("token", ["", "999.p." + "a" * 22, "rác", "1.2"])
def test_what_is_no_qr_code_of_ours_is_refused(class_, token):
    with pytest.raises(CodeWrong):
        check_in(class_, class_.cast.lan, "14:03", code="", token=token)


# --- in the room


def tick(class_, person, hour, **values):
    with clock.at(moment(hour)):
        return attendance.tick(class_.room, person=person, by=class_.cast.ha.user, **values)


def untick(class_, person, hour):
    with clock.at(moment(hour)):
        attendance.untick(class_.room, person=person, by=class_.cast.ha.user)


def test_a_person_without_a_phone_is_counted_by_the_coordinator(class_):
    tick(class_, class_.cast.my, "14:05")

    settle(class_)

    assert result(class_, class_.cast.my).minutes == 100
    assert result(class_, class_.cast.my).state == "present"


def test_a_tick_later_than_the_first_minutes_counts_from_then(class_):
    tick(class_, class_.cast.my, "14:40")

    settle(class_)

    assert result(class_, class_.cast.my).minutes == 60
    assert result(class_, class_.cast.my).state == "partial"


def test_a_tick_from_the_paper_list_counts_whole_and_is_marked_late(class_):
    row = tick(class_, class_.cast.my, "17:00")

    assert (row.since, row.is_late) == (moment("14:00"), True)


def test_ticking_twice_is_one_tick(class_):
    first, again = tick(class_, class_.cast.my, "14:05"), tick(class_, class_.cast.my, "14:06")

    assert first.pk == again.pk


def test_a_tick_taken_back_counts_nothing_and_stays_on_record(class_):
    tick(class_, class_.cast.my, "14:05")
    untick(class_, class_.cast.my, "14:06")
    untick(class_, class_.cast.my, "14:07")

    settle(class_)

    assert result(class_, class_.cast.my).state == "absent"
    assert Presence.objects.filter(person=class_.cast.my).count() == 2


def test_a_tick_taken_back_leaves_what_the_phone_said(class_):
    check_in(class_, class_.cast.lan, "14:01", site=class_.room)
    tick(class_, class_.cast.lan, "14:05")
    untick(class_, class_.cast.lan, "14:06")

    settle(class_)

    assert result(class_, class_.cast.lan).minutes == 30


def test_tick_and_phone_together_are_counted_once(class_):
    check_in(class_, class_.cast.lan, "14:01", site=class_.room)
    tick(class_, class_.cast.lan, "14:05")
    check_in(class_, class_.cast.lan, "15:38", site=class_.room)

    settle(class_)

    assert result(class_, class_.cast.lan).minutes == 100


def test_the_list_opens_shortly_before_the_session(class_):
    with pytest.raises(ListRefused):
        tick(class_, class_.cast.my, "13:00")


def add(class_, **values):
    values = {"full_name": "Sùng A Páo", "birth_year": 1994, "phone_or_licence": "0987 654 321", **values}
    with clock.at(moment("14:10")):
        return attendance.add_stranger(class_.room, by=class_.cast.ha.user, **values)


def test_a_stranger_becomes_a_provisional_person_who_is_present(class_):
    row = add(class_)

    assert row.person.state == Person.State.PROVISIONAL
    assert (row.person.phone, row.person.birth_year) == ("0987654321", 1994)
    assert row.person.workplace() == class_.cast.bac_ha
    assert row.source == "coord_roster"


def test_the_same_phone_and_name_are_the_same_person(class_):
    assert (
        add(class_).person == add(class_, full_name="sùng a  páo", phone_or_licence="+84 987 654 321").person
    )


def test_the_same_licence_is_the_same_person(class_):
    row = add(class_, full_name="Nguyễn Thị Lan", phone_or_licence="001111/lca - cchn")

    assert row.person == class_.cast.lan


def test_two_persons_of_one_name_stay_two(class_):
    """domain 7.8, rule 6."""
    row = add(class_, full_name="Nguyễn Thị Lan", phone_or_licence="0911 222 333")

    assert row.person != class_.cast.lan
    assert Person.objects.filter(full_name="Nguyễn Thị Lan").count() == 2


def test_a_shared_phone_does_not_make_two_people_one(class_):
    assert add(class_).person != add(class_, full_name="Vàng Thị Dợ").person


@pytest.mark.parametrize(
    "other",
    [
        {"full_name": "Nguyễn Thị Hạ", "birth_year": 1985},
        {"full_name": "Nguyễn Thị Hạ"},
        {"full_name": "Nguyen Thi Ha"},
        {"birth_year": 1985},
    ],
    ids=["another name and year", "another tone", "a name without its marks", "another year"],
)
def test_the_phone_of_a_ward_belongs_to_whoever_fits_in_every_letter_and_in_the_year(class_, other):
    """The records are proposed as one instead, and somebody decides."""
    ha = {"full_name": "Nguyễn Thị Hà", "birth_year": 1960}

    first, second = add(class_, **ha).person, add(class_, **{**ha, **other}).person

    assert second.state == Person.State.PROVISIONAL
    assert (second != first, second.birth_year) == (True, {**ha, **other}["birth_year"])
    assert Presence.objects.in_force().values("person").distinct().count() == 2
    assert candidates(Person.objects.living()) == [(first, second)]
    assert add(class_, **{**ha, **other}).person == second
    assert add(class_, **ha).person == first


@pytest.mark.parametrize(
    ("first", "second"), [(1960, None), (None, 1960), (None, None)], ids=["typed", "recorded", "both"]
)
def test_a_year_that_nobody_knows_contradicts_none(class_, first, second):
    assert add(class_, birth_year=first).person == add(class_, birth_year=second).person


def test_who_gives_no_year_where_two_of_a_name_share_a_phone_is_neither_and_stays_one(class_):
    two = {add(class_, birth_year=year).person for year in (1960, 1985)}

    third = add(class_, birth_year=None).person

    assert third not in two
    assert add(class_, birth_year=None).person == third


def test_a_tone_mark_written_in_the_old_place_is_the_same_name(class_):
    names = ("Lò Thị Hòa", "Lò Thị Hoà")

    assert len({add(class_, full_name=name).person for name in names}) == 1


def verbs(class_):
    """What can be asked for with an id of its own, all with the same one."""
    cast, ha, hang = class_.cast, class_.cast.ha.user, class_.cast.hang.user
    session, room = class_.session, class_.room
    hours = {"since": moment("14:00"), "until": moment("15:00"), "reason": "Sổ điểm danh"}
    stranger = {"full_name": "Sùng A Páo", "birth_year": 1994, "phone_or_licence": "0987 654 321"}
    code = {"code": code_of(session, "14:40"), "session": session}
    return {
        "check in": (attendance.check_in, cast.lan, {"by": cast.lan.user, **code}),
        "check in of another": (attendance.check_in, cast.minh, {"by": cast.minh.user, **code}),
        "check out": (staying.check_out, session, {"person": cast.lan, "by": cast.lan.user}),
        "tick": (attendance.tick, room, {"person": cast.my, "by": ha}),
        "tick of another": (attendance.tick, room, {"person": cast.lan, "by": ha}),
        "tick elsewhere": (attendance.tick, class_.other_room, {"person": cast.my, "by": ha}),
        "untick": (attendance.untick, room, {"person": cast.xuan, "by": ha}),
        "stranger": (attendance.add_stranger, room, {"by": ha, **stranger}),
        "other stranger": (attendance.add_stranger, room, {"by": ha, **stranger, "full_name": "Vàng Thị Dợ"}),
        "hub": (attendance.override, session, {"person": cast.lan, "by": hang, **hours}),
        "other hours": (
            attendance.override,
            session,
            {"person": cast.lan, "by": hang, **hours, "until": moment("15:30")},
        ),
    }


VERBS = ["check in", "check in of another", "check out", "tick", "tick of another", "tick elsewhere"]
VERBS += ["untick", "stranger", "other stranger", "hub", "other hours"]


@pytest.mark.parametrize("first", VERBS)
def test_an_id_that_recorded_one_thing_is_a_repetition_of_that_and_refused_for_all_else(class_, first):
    check_in(class_, class_.cast.lan, "14:00")
    tick(class_, class_.cast.xuan, "14:05")
    asked, before = verbs(class_), Presence.objects.count()
    assert list(asked) == VERBS

    def ask(name):
        verb, whom, values = asked[name]
        with clock.at(moment("14:40")):
            return verb(whom, client_id=uuid.UUID(int=7), **values)

    ask(first)
    for name in asked:
        if name == first:
            ask(name)
        else:
            with pytest.raises((ListRefused, CodeWrong), match="đã ghi trước đó vẫn được giữ"):
                ask(name)

    assert Presence.objects.count() == before + 1
    assert not Person.objects.filter(full_name="Vàng Thị Dợ").exists() or first == "other stranger"


def test_a_check_out_that_is_taken_back_does_not_come_back_with_a_replay(class_):
    lan, page = class_.cast.lan, {"client_id": uuid.UUID(int=7)}
    check_in(class_, lan, "14:00")
    who = {"person": lan, "by": lan.user}
    with clock.at(moment("14:40")):
        left = staying.check_out(class_.session, **who, **page)
        staying.undo_check_out(class_.session, **who)

        assert staying.check_out(class_.session, **who, **page) == left

    assert staying.is_inside(staying.own_stay(class_.session, lan))


def test_a_check_out_with_a_code_sent_again_when_the_code_is_old_is_still_the_first(class_):
    lan, page = class_.cast.lan, {"client_id": uuid.UUID(int=7)}
    check_in(class_, lan, "14:00")
    out = {"person": lan, "by": lan.user, "code": code_of(class_.session, "14:40"), **page}
    with clock.at(moment("14:40")):
        first = staying.check_out(class_.session, **out)
    with clock.at(moment("15:10")):
        assert staying.check_out(class_.session, **out) == first


def test_a_licence_of_another_name_is_refused(class_):
    with pytest.raises(LicenceOfAnother):
        add(class_, phone_or_licence="001111/LCA-CCHN")

    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    "values", [{"full_name": " "}, {"phone_or_licence": ""}, {"birth_year": 2025}, {"birth_year": 1800}]
)
def test_a_stranger_without_the_least_data_is_refused(class_, values):
    with pytest.raises(ListRefused):
        add(class_, **values)

    assert not Person.objects.filter(state=Person.State.PROVISIONAL).exists()


def attest(class_, hour="15:41", **values):
    with clock.at(moment(hour)):
        return attendance.attest(class_.room, by=class_.cast.ha.user, **values)


def test_a_confirmed_list_is_locked(class_):
    tick(class_, class_.cast.my, "14:05")
    attest(class_, head_count=1)

    for change in (
        lambda: tick(class_, class_.cast.lan, "15:42"),
        lambda: untick(class_, class_.cast.my, "15:42"),
        lambda: add(class_),
    ):
        with pytest.raises(ListLocked):
            change()
    assert Presence.objects.count() == 1


def test_confirming_twice_keeps_the_first_time_and_count(class_):
    first = attest(class_, head_count=3)
    again = attest(class_, "15:50", head_count=9)

    assert (again.attested_at, again.head_count) == (first.attested_at, 3)


# --- at the hub


def override(class_, person, since, until, **values):
    values = {"reason": "Mất điện, có ảnh danh sách ký", **values}
    with clock.at(moment("16:30")):
        return attendance.override(
            class_.session,
            person=person,
            since=moment(since),
            until=moment(until),
            by=class_.cast.hang.user,
            **values,
        )


def test_the_hub_corrects_a_confirmed_list_by_a_new_row_with_its_reason(class_):
    tick(class_, class_.cast.my, "14:05")
    attest(class_)

    row = override(class_, class_.cast.lan, "14:00", "15:40")

    settle(class_, "16:40")
    assert row.reason == "Mất điện, có ảnh danh sách ký"
    assert result(class_, class_.cast.lan).state == "present"


@pytest.mark.parametrize("values", [{"reason": "  "}, {"since": "15:00", "until": "14:00"}])
def test_a_correction_without_reason_or_length_is_refused(class_, values):
    values = {"since": "14:00", "until": "15:00", **values}

    with pytest.raises(ListRefused):
        override(class_, class_.cast.lan, values.pop("since"), values.pop("until"), **values)


def test_the_hub_takes_evidence_back_with_a_reason(class_):
    row = check_in(class_, class_.cast.lan, "14:01")
    check_in(class_, class_.cast.lan, "15:38")

    for _ in range(2):
        attendance.take_back(row, reason="Điểm danh hộ", by=class_.cast.hang.user)

    settle(class_)
    assert result(class_, class_.cast.lan).minutes == 2


def test_a_correction_after_the_settlement_counts_at_once(class_):
    check_in(class_, class_.cast.lan, "14:01")
    settle(class_)

    override(class_, class_.cast.lan, "14:00", "15:40")

    assert result(class_, class_.cast.lan).state == "present"
    class_.lan.refresh_from_db()
    assert class_.lan.state == Enrolment.State.COMPLETED


def test_settling_twice_changes_nothing(class_):
    tick(class_, class_.cast.lan, "14:00")
    told = []
    attendance_settled.connect(handler := lambda **facts: told.append(facts["person"]))
    try:
        first = settle(class_)
        again = settle(class_, "17:00")
    finally:
        attendance_settled.disconnect(handler)

    assert told == [class_.cast.lan]
    assert again.settled_at == first.settled_at


def test_a_session_that_goes_on_cannot_be_settled(class_):
    with pytest.raises(ListRefused):
        settle(class_, "15:00")

    assert not Attendance.objects.exists()


def test_progress_waits_for_the_settlement(class_):
    tick(class_, class_.cast.lan, "14:00")
    assert not LessonProgress.objects.filter(enrolment=class_.lan, met_at__isnull=False).exists()

    settle(class_)

    assert LessonProgress.objects.get(enrolment=class_.lan).met_at
    assert not LessonProgress.objects.filter(enrolment=class_.minh, met_at__isnull=False).exists()


def test_a_session_used_by_another_class_after_its_settlement_counts_there_too(class_):
    tick(class_, class_.cast.lan, "14:00")
    settle(class_)
    later = live.run_of(class_.run.release, "DQ-01-K2")
    enrolment = live.enrolment(later, class_.cast.lan)

    use(class_.session, run=later, lesson=class_.lessons["session"])

    assert LessonProgress.objects.get(enrolment=enrolment).met_at


def test_ending_early_keeps_the_planned_hours(class_):
    tick(class_, class_.cast.lan, "14:00")
    end_session(class_.session, by=class_.cast.hang.user)

    settle(class_, "15:20")

    assert result(class_, class_.cast.lan).minutes == 100


def test_minutes_are_cut_never_rounded_up(class_):
    check_in(class_, class_.cast.lan, "14:00:01")
    with clock.at(moment("15:00")):
        row = Presence.objects.get()
    assert row.since - timedelta(seconds=1) == moment("14:00")
    check_in(class_, class_.cast.lan, "14:50:00")

    settle(class_)

    # 14:00:01 to 15:20 are 79 min 59 s of 100.
    assert result(class_, class_.cast.lan).minutes == Decimal("79.9")
    assert result(class_, class_.cast.lan).state == "partial"
