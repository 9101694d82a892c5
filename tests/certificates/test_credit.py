"""The ledger: exact hours, by the rule of the day, never twice. Numbers are those of domain 7.8."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from certificates.actions import (
    issue_for,
    open_cycle,
    post_credit,
    post_session_credit,
    replace_entry,
    seal,
    void_entry,
)
from certificates.actions.ending import AlreadyEnded, ReasonMissing
from certificates.actions.readiness import NotReady
from certificates.credit import NoRule, standing
from certificates.models import Certificate, CreditEntry, Cycle, Rule
from certificates.permissions import NotAllowed
from courses.actions import attendance, cases, settling
from courses.actions.session_roles import end_session_role, name_role
from courses.hours import by_role, rates
from courses.models import Attendance, Case, Presence, Session, SessionSite, SessionUse
from lms import clock, media, queue
from lms.actions import merge_persons, undo_merge
from lms.verify import breaches
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede


def entry(person, hours, on=datetime.date(2026, 5, 5), **values):
    """A posted entry of a number of hours."""
    count = CreditEntry.objects.count()
    values = {"source_key": f"test:{count}", "title": "Lớp", "rule_code": "X", "rule": {}, **values}
    return CreditEntry.objects.create(
        person=person, quantity=1, hours=Decimal(hours), activity_on=on, posted_at=make.NOON, **values
    )


def cycle(person, start=datetime.date(2024, 1, 1)):
    """The first five years of the scheme."""
    return open_cycle(person, scheme=make.scheme(), starts_on=start, basis="test")


def session(at, **values):
    """A settled session that declares its own rule."""
    values = {
        "title_vi": "Hội chẩn từ xa",
        "starts_at": make.NOON,
        "ends_at": make.NOON + datetime.timedelta(hours=2),
        "rule_code": "CASE_MEETING",
        **values,
    }
    return Session.objects.create(hub=at, **values)


def test_rule_1_eight_periods_bring_eight_hours_once_on_the_day_of_completion(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))

    post_credit(enrolment)
    post_credit(enrolment)

    posted = cast.lan.credit_entries.get()
    assert (posted.hours, posted.rule_code) == (Decimal("8.00"), "COURSE_LEARNER")
    assert posted.activity_on == make.NOON.date()


def test_rule_2_the_same_release_is_not_credited_or_certified_twice(cast):
    run = make.ready(cast.bach_mai)
    second = make.run(cast.bach_mai)
    second.release = run.release
    second.save()
    first = make.completed(cast.lan, run)
    again = make.completed(cast.lan, second)
    issue_for(first)
    post_credit(first)

    assert post_credit(again) is None
    with pytest.raises(NotReady):
        issue_for(again)
    assert CreditEntry.objects.of(cast.lan).posted().hours() == 8


@pytest.mark.parametrize(
    ("mode", "value", "hours"),
    [("fixed", "1.5", "1.50"), ("per_year", "24", "24.00"), ("per_period", "1.5", "12.00")],
)
def test_a_course_of_eight_periods_is_worth_its_rule_once_or_for_each_period(cast, mode, value, hours):
    make.issuer(cast.bach_mai)
    make.rules(values={"CONF_DELEGATE": (mode, value)})
    enrolment = make.completed(cast.lan, make.run(cast.bach_mai, rule_code="CONF_DELEGATE"))
    posted, paper = post_credit(enrolment), issue_for(enrolment)

    assert str(posted.hours) == str(paper.hours) == paper.rows[0]["hours"] == hours
    assert posted.quantity == (8 if mode == "per_period" else 1)
    [learner, *_others] = by_role(enrolment.run.release, rates())
    assert learner.hours == Decimal(hours), "the page of the course promised the same"


def test_a_certificate_that_was_revoked_before_the_hours_were_posted_brings_none(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    revoke(issue_for(enrolment), by=cast.dao.user, reason="Cấp nhầm người.")

    assert post_credit(enrolment) is None
    assert not list(breaches("lms_certificates.hours"))


def test_rule_3_the_same_source_is_credited_in_one_role_only(cast):
    entry(cast.ung, "2", source_key="session:1", role="trainer")

    with pytest.raises(IntegrityError), transaction.atomic():
        entry(cast.ung, "2", source_key="session:1", role="learner")


def test_rule_4_a_session_is_credited_by_the_one_rule_it_declared(cast):
    make.rules()
    meeting = session(cast.bach_mai)
    present = Attendance.objects.create(session=meeting, person=cast.lan, minutes=115, state="present")

    assert post_session_credit(present).hours == Decimal("1.00")
    meeting.rule_code = "CONF_DELEGATE"
    meeting.save()
    assert post_session_credit(present).rule_code == "CASE_MEETING"


@pytest.fixture
def nine(cast):
    """A conference of two hours in which nine cases are concluded, each thirteen minutes after the one before."""
    make.rules()
    meeting = session(cast.bach_mai, state="ended")
    room = SessionSite.objects.create(session=meeting, site=cast.site_bac_ha)
    for number in range(9):
        Case.objects.create(
            room=room,
            presenter=cast.xuan,
            complaint=f"Ca {number}",
            state=Case.State.CONCLUDED,
            submitted_at=make.NOON,
            concluded_at=make.NOON + datetime.timedelta(minutes=13 * (number + 1)),
        )
    return meeting


def there(meeting, person, minutes, by):
    """*person* was there for the first *minutes*, by the hub's word."""
    until = meeting.starts_at + datetime.timedelta(minutes=minutes)
    hours = {"since": meeting.starts_at, "until": until}
    return attendance.override(meeting, person=person, reason="Sổ điểm danh", by=by, **hours)


def settled(meeting, cast):
    with clock.at(meeting.ends_at + datetime.timedelta(hours=1)):
        settling.settle(meeting, by=cast.hang.user)
        queue.run_due()


def test_rule_4_of_nine_cases_a_delegate_present_for_six_is_credited_six_hours(cast, nine):
    there(nine, cast.lan, 80, cast.hang.user)
    there(nine, cast.minh, 120, cast.hang.user)
    settled(nine, cast)
    settled(nine, cast)

    hours = {one.person: (one.hours, one.quantity) for one in CreditEntry.objects.posted()}
    assert hours == {cast.lan: (Decimal("6.00"), 6), cast.minh: (Decimal("9.00"), 9)}


def test_rule_4_the_same_presence_by_the_rule_of_delegates_is_worth_one_hour_and_a_half_or_nothing(
    cast, nine
):
    Session.objects.filter(pk=nine.pk).update(rule_code="CONF_DELEGATE")
    nine.refresh_from_db()
    there(nine, cast.lan, 80, cast.hang.user)
    there(nine, cast.minh, 100, cast.hang.user)
    settled(nine, cast)

    assert CreditEntry.objects.posted().get().person == cast.minh
    assert CreditEntry.objects.posted().get().hours == Decimal("1.50")


def test_presence_at_more_cases_than_before_replaces_the_entry(cast, nine):
    there(nine, cast.lan, 80, cast.hang.user)
    settled(nine, cast)
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        there(nine, cast.lan, 92, cast.hang.user)
        queue.run_due()

    entries = CreditEntry.objects.of(cast.lan).order_by("pk")
    assert [(one.state, one.hours) for one in entries] == [
        ("void", Decimal("6.00")),
        ("posted", Decimal("7.00")),
    ]
    assert entries[1].replaces == entries[0]


def test_a_case_concluded_after_the_hours_counts_for_those_present_by_the_threshold(cast, nine):
    Case.objects.update(concluded_at=nine.ends_at + datetime.timedelta(minutes=30))
    there(nine, cast.lan, 80, cast.hang.user)
    there(nine, cast.minh, 100, cast.hang.user)
    settled(nine, cast)

    assert {one.person: one.hours for one in CreditEntry.objects.posted()} == {cast.minh: Decimal("9.00")}


def test_who_presents_a_case_is_credited_no_less_than_who_listens(cast, nine):
    name_role(nine, person=cast.xuan, role="presenter", by=cast.hang.user)
    name_role(nine, person=cast.ung, role="presenter", by=cast.hang.user)
    there(nine, cast.ung, 80, cast.hang.user)
    settled(nine, cast)

    hours = {one.person: one.hours for one in CreditEntry.objects.posted()}
    assert hours == {cast.xuan: Decimal("9.00"), cast.ung: Decimal("6.00")}


def test_a_presenter_follows_a_correction_of_attendance_up_and_down_but_never_below_the_cases_presented(
    cast, nine
):
    name_role(nine, person=cast.ung, role="presenter", by=cast.hang.user)
    Case.objects.filter(complaint__in=["Ca 7", "Ca 8"]).update(presenter=cast.ung)
    there(nine, cast.ung, 80, cast.hang.user)
    settled(nine, cast)
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        longer = there(nine, cast.ung, 92, cast.hang.user)
        queue.run_due()
    with clock.at(nine.ends_at + datetime.timedelta(hours=3)):
        for row in Presence.objects.filter(person=cast.ung):
            attendance.take_back(row, reason="Nhầm người", by=cast.hang.user)
        queue.run_due()
        attendance.take_back(longer, reason="Nhầm người", by=cast.hang.user)
        queue.run_due()

    entries = CreditEntry.objects.of(cast.ung).order_by("pk")
    assert [(one.state, one.hours) for one in entries] == [
        ("void", Decimal("6.00")),
        ("void", Decimal("7.00")),
        ("posted", Decimal("2.00")),
    ]
    assert entries[2].replaces.replaces == entries[0]
    assert "Số ca được tính" in entries[0].void_reason


@pytest.mark.parametrize("role", ["chair", "speaker"])
def test_who_chairs_or_speaks_is_credited_for_that_whatever_is_corrected_about_attendance(cast, nine, role):
    make.rules("HOI", values={"CONF_CHAIR": ("fixed", "2"), "CONF_SPEAKER": ("fixed", "2")})
    name_role(nine, person=cast.ung, role=role, by=cast.hang.user)
    row = there(nine, cast.ung, 80, cast.hang.user)
    settled(nine, cast)
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        attendance.take_back(row, reason="Nhầm người", by=cast.hang.user)
        queue.run_due()

    assert [(one.state, one.hours) for one in CreditEntry.objects.of(cast.ung)] == [
        ("posted", Decimal("2.00"))
    ]


def test_a_role_that_ends_gives_the_hours_of_a_delegate_back_and_a_second_role_does_not(cast, nine):
    first = name_role(nine, person=cast.ung, role="presenter", by=cast.hang.user)
    there(nine, cast.ung, 80, cast.hang.user)
    second = name_role(nine, person=cast.ung, role="secretary", rule_code="CASE_MEETING", by=cast.hang.user)
    settled(nine, cast)
    for hour, row in ((2, first), (3, second)):
        assert not CreditEntry.objects.of(cast.ung).posted().filter(source_key=f"session:{nine.pk}").exists()
        with clock.at(nine.ends_at + datetime.timedelta(hours=hour)):
            end_session_role(row, reason="Ghi nhầm vai trò", by=cast.hang.user)
            queue.run_due()

    assert not list(breaches("lms_certificates"))
    CreditEntry.objects.filter(source_key=f"session-role:{first.pk}").update(
        state="posted", void_at=None, void_reason=""
    )
    assert [name for name, _breach in breaches("lms_certificates")] == ["lms_certificates.roles"]

    counts = CreditEntry.objects.of(cast.ung).posted().get(source_key=f"session:{nine.pk}")
    assert (counts.role, counts.hours) == ("learner", Decimal("6.00"))


def test_a_role_that_two_records_of_one_person_held_counts_once_and_again_for_each_when_they_are_two(
    cast, nine
):
    make.rules("HOI", values={"CONF_CHAIR": ("fixed", "2")})
    twin = people.person("Đặng Quốc Ưng", works_at=cast.bach_mai)
    for person in (cast.ung, twin):
        name_role(nine, person=person, role="chair", by=cast.hang.user)
    settled(nine, cast)
    assert CreditEntry.objects.posted().hours() == 4
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        merge = merge_persons(twin, into=cast.ung, by=cast.admin.user, reason="cùng một người")
        queue.run_due()
    one = CreditEntry.objects.of(cast.ung)
    assert (one.count(), one.posted().hours()) == (2, Decimal("2.00"))
    with clock.at(nine.ends_at + datetime.timedelta(hours=3)):
        undo_merge(merge, by=cast.admin.user)
        queue.run_due()

    for person in (cast.ung, twin):
        assert CreditEntry.objects.of(person).posted().hours() == 2


def merged(cast, gone, kept):
    return merge_persons(gone, into=kept, by=cast.admin.user, reason="cùng một người")


@pytest.fixture
def twice(cast):
    """Lan and a second record of hers completed one version in two classes, each with certificate and hours."""
    twin = people.person("Nguyễn Thị Lan", works_at=cast.bac_ha, birth_date=datetime.date(1990, 3, 8))
    first, second = make.ready(cast.bach_mai), make.run(cast.bach_mai)
    second.release = first.release
    second.save()
    papers = []
    for person, run in ((cast.lan, first), (twin, second)):
        enrolment = make.completed(person, run)
        post_credit(enrolment)
        papers.append(seal(issue_for(enrolment)))
    return twin, papers


@pytest.mark.parametrize("is_turned", [False, True])
def test_one_release_that_two_records_of_one_person_completed_counts_once_and_for_each_when_they_are_two(
    cast, twice, is_turned
):
    twin, _papers = twice
    gone, kept = (cast.lan, twin) if is_turned else (twin, cast.lan)
    merge = merged(cast, gone, kept)
    assert CreditEntry.objects.of(kept).posted().hours() == 8
    queue.run_due()
    assert CreditEntry.objects.posted().hours() == 8
    assert not list(breaches("lms_certificates"))

    undo_merge(merge, by=cast.admin.user)
    queue.run_due()
    for person in (gone, kept):
        assert CreditEntry.objects.of(person).posted().hours() == 8
    assert not list(breaches("lms_certificates"))


def test_of_two_certificates_for_one_release_the_one_that_stays_brings_the_hours(cast, twice):
    twin, papers = twice
    merged(cast, twin, cast.lan)
    [counted] = CreditEntry.objects.posted()
    [other] = [paper for paper in papers if paper != counted.certificate]
    revoke(counted.certificate, by=cast.dao.user, reason="Hai giấy cho một khóa.")

    [now] = CreditEntry.objects.posted()
    assert (now.certificate, now.person, now.hours) == (other, cast.lan, Decimal("8.00"))
    revoke(other, by=cast.dao.user, reason="Cấp nhầm người.")
    assert not CreditEntry.objects.posted().exists()
    assert not list(breaches("lms_certificates"))


def test_a_corrected_certificate_does_not_bring_back_hours_that_another_record_brought(cast, twice):
    twin, _papers = twice
    newer = make.run(cast.bach_mai)
    for person in (cast.lan, twin):
        enrolment = make.completed(person, newer)
        post_credit(enrolment)
    paper = issue_for(enrolment)
    merged(cast, twin, cast.lan)
    queue.run_due()
    supersede(paper, by=cast.dao.user, reason="Sai dấu trong tên.")

    assert CreditEntry.objects.posted().hours() == 16, "two versions, each once"
    assert not list(breaches("lms_certificates.twice"))


@pytest.mark.parametrize("is_turned", [False, True])
def test_whose_other_record_led_the_session_is_credited_for_that_alone_and_again_for_both_when_they_are_two(
    cast, nine, is_turned
):
    make.rules("HOI", values={"CONF_CHAIR": ("fixed", "2")})
    Session.objects.filter(pk=nine.pk).update(rule_code="CONF_DELEGATE")
    nine.refresh_from_db()
    twin = people.person("Đặng Quốc Ưng", works_at=cast.bach_mai)
    name_role(nine, person=cast.ung, role="chair", by=cast.hang.user)
    there(nine, twin, 115, cast.hang.user)
    settled(nine, cast)
    assert CreditEntry.objects.posted().hours() == Decimal("3.50")

    gone, kept = (cast.ung, twin) if is_turned else (twin, cast.ung)
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        merge = merged(cast, gone, kept)
        assert not list(breaches("lms_certificates")), "a job will see to it"
        queue.run_due()
        assert not list(breaches("lms_certificates"))
    [posted] = CreditEntry.objects.posted()
    assert (posted.person, posted.role, posted.hours) == (kept, "chair", Decimal("2.00"))
    assert "vai trò" in CreditEntry.objects.get(role="learner").void_reason

    with clock.at(nine.ends_at + datetime.timedelta(hours=3)):
        undo_merge(merge, by=cast.admin.user)
        queue.run_due()
        assert not list(breaches("lms_certificates"))
    hours = {one.person: one.hours for one in CreditEntry.objects.posted()}
    assert hours == {cast.ung: Decimal("2.00"), twin: Decimal("1.50")}


def test_hours_that_count_twice_for_one_release_or_one_session_are_found(cast, twice, nine):
    make.rules("HOI", values={"CONF_CHAIR": ("fixed", "2")})
    name_role(nine, person=cast.ung, role="chair", by=cast.hang.user)
    there(nine, cast.ung, 115, cast.hang.user)
    settled(nine, cast)
    merged(cast, twice[0], cast.lan)
    queue.run_due()
    assert not list(breaches("lms_certificates"))

    CreditEntry.objects.filter(person=cast.lan).update(state="posted", void_at=None, void_reason="")
    entry(cast.ung, "1.5", source_key=f"session:{nine.pk}")
    found = [name for name, _breach in breaches("lms_certificates")]
    assert found == ["lms_certificates.twice"] * 2


def test_a_case_concluded_after_settling_counts_for_everybody_who_was_there(cast, nine):
    late = Case.objects.get(complaint="Ca 0")
    Case.objects.filter(pk=late.pk).update(state=Case.State.ACCEPTED, concluded_at=None)
    name_role(nine, person=cast.xuan, role="presenter", by=cast.hang.user)
    there(nine, cast.lan, 120, cast.hang.user)
    there(nine, cast.minh, 80, cast.hang.user)
    settled(nine, cast)
    before = {one.person: one.hours for one in CreditEntry.objects.posted()}
    said = {"conclusion": "Nhồi máu não", "recommendation": "Chuyển tuyến", "referral": "refer"}
    with clock.at(nine.ends_at + datetime.timedelta(hours=2)):
        cases.conclude(late, **said, by=cast.hang.user)
        queue.run_due()

    assert before == {cast.xuan: Decimal("8.00"), cast.lan: Decimal("8.00"), cast.minh: Decimal("5.00")}
    after = {one.person: one.hours for one in CreditEntry.objects.posted()}
    assert after == {cast.xuan: Decimal("9.00"), cast.lan: Decimal("9.00"), cast.minh: Decimal("5.00")}


def test_a_session_of_a_class_brings_no_credit_of_its_own(cast):
    run = make.ready(cast.bach_mai)
    meeting = session(cast.bach_mai)
    from courses.models import Lesson

    lesson = Lesson.objects.create(course=run.release.course, key=run.release.course.key, kind="session")
    SessionUse.objects.create(session=meeting, run=run, lesson=lesson)
    present = Attendance.objects.create(session=meeting, person=cast.lan, minutes=115, state="present")

    assert post_session_credit(present) is None


@pytest.mark.parametrize(
    ("blocks", "minutes", "periods"),
    [
        ([("08:00", "11:30"), ("13:30", "17:00")], None, 8),
        ([], None, 10),
        ([("08:00", "11:30"), ("13:30", "17:00")], 45, 9),
        ([("08:00", "08:50"), ("09:00", "09:49")], None, 1),
    ],
)
def test_a_pause_between_the_blocks_of_a_session_is_worth_no_period(cast, settings, blocks, minutes, periods):
    if minutes:
        settings.LMS_CERTIFICATES_PERIOD_MINUTES = minutes
    make.rules(values={"TEACHING": ("per_period", "1")})

    def hour(text):
        return datetime.datetime.combine(make.NOON, datetime.time.fromisoformat(text), make.HANOI)

    day = session(
        cast.bach_mai,
        starts_at=hour("08:00"),
        ends_at=hour(blocks[-1][1] if blocks else "17:00"),
        blocks=[[hour(since).isoformat(), hour(until).isoformat()] for since, until in blocks],
        state="ended",
        rule_code="TEACHING",
    )
    attendance.override(
        day, person=cast.lan, since=day.starts_at, until=day.ends_at, reason="Sổ điểm danh", by=cast.hang.user
    )
    settled(day, cast)

    posted = CreditEntry.objects.get()
    assert (posted.quantity, posted.hours) == (periods, Decimal(periods))


def test_corrected_attendance_voids_and_a_second_correction_replaces(cast):
    make.rules()
    attendance = Attendance.objects.create(session=session(cast.bach_mai), person=cast.lan, state="present")
    first = post_session_credit(attendance)
    attendance.state = "absent"
    assert post_session_credit(attendance) is None
    first.refresh_from_db()
    assert first.state == "void"
    attendance.state = "present"

    assert post_session_credit(attendance).replaces == first
    assert CreditEntry.objects.of(cast.lan).posted().hours() == 1


def test_rule_7_an_entry_keeps_the_rule_of_its_day(cast):
    make.issuer(cast.bach_mai)
    make.rules("CU", datetime.date(2024, 1, 1), datetime.date(2026, 6, 30))
    make.rules("MOI", datetime.date(2026, 7, 1), None, {"COURSE_LEARNER": ("per_period", "0.5")})
    june = datetime.datetime(2026, 6, 30, 23, 30, tzinfo=make.HANOI)
    july = datetime.datetime(2026, 7, 1, 0, 30, tzinfo=make.HANOI)

    old = post_credit(make.completed(cast.lan, make.run(cast.bach_mai), at=june))
    new = post_credit(make.completed(cast.lan, make.run(cast.bach_mai), at=july))
    Rule.objects.update(value=Decimal(9))
    old.refresh_from_db()

    assert (old.hours, old.rule["ruleset"]) == (Decimal("8.00"), "CU")
    assert (new.hours, new.rule["ruleset"]) == (Decimal("4.00"), "MOI")


def test_no_rule_in_force_says_so_and_posts_nothing(cast):
    enrolment = make.completed(cast.lan, make.run(cast.bach_mai))

    with pytest.raises(NoRule, match="COURSE_LEARNER"):
        post_credit(enrolment)
    assert not CreditEntry.objects.exists()


def test_rule_8_119_and_a_half_hours_are_not_120(cast):
    cycle(cast.lan)
    entry(cast.lan, "119.5")

    stand = standing(cast.lan, datetime.date(2026, 11, 21))

    assert not stand.is_reached
    assert (stand.percent, stand.remaining) == (99, Decimal("0.5"))
    entry(cast.lan, "0.5")
    assert standing(cast.lan, datetime.date(2026, 11, 21)).is_reached


def test_rule_9_an_entry_before_the_cycle_is_kept_and_not_counted(cast):
    cycle(cast.lan)
    entry(cast.lan, "3", datetime.date(2023, 12, 31))
    entry(cast.lan, "4", datetime.date(2024, 1, 1))
    entry(cast.lan, "5", datetime.date(2028, 12, 31))
    entry(cast.lan, "6", datetime.date(2029, 1, 1))

    stand = standing(cast.lan, datetime.date(2026, 11, 21))

    assert (stand.hours, stand.outside) == (Decimal(9), Decimal(9))
    assert stand.ends_on == datetime.date(2028, 12, 31)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2024-01-01", "2028-12-31"),
        ("2024-02-29", "2029-02-28"),
        ("2025-03-01", "2030-02-28"),
        ("2024-12-31", "2029-12-30"),
    ],
)
def test_a_cycle_lasts_five_years_to_the_day(cast, start, end):
    assert str(cycle(cast.lan, datetime.date.fromisoformat(start)).ends_on) == end


def test_a_practitioner_without_cycle_gets_one_with_the_first_credit(cast):
    run = make.ready(cast.bach_mai)
    cast.lan.profession.cme_required = True
    cast.lan.profession.save()

    post_credit(make.completed(cast.lan, run))

    assert Cycle.current(cast.lan, datetime.date(2026, 11, 12)).ends_on == datetime.date(2028, 12, 31)


def test_somebody_far_behind_in_the_last_half_year_is_at_risk(cast):
    cycle(cast.lan)
    entry(cast.lan, "83")

    assert standing(cast.lan, datetime.date(2028, 8, 1)).is_at_risk
    assert not standing(cast.lan, datetime.date(2028, 5, 1)).is_at_risk
    entry(cast.lan, "1")
    assert not standing(cast.lan, datetime.date(2028, 8, 1)).is_at_risk


def test_without_a_cycle_all_hours_are_kept(cast):
    entry(cast.lan, "3")

    stand = standing(cast.lan)
    assert (stand.hours, stand.target, stand.remaining, stand.is_reached) == (Decimal(3), None, 0, False)


def certified(cast, person=None):
    """A sealed, credited certificate of Bạch Mai, and its enrolment."""
    enrolment = make.completed(person or cast.lan, make.ready(cast.bach_mai))
    post_credit(enrolment)
    return seal(issue_for(enrolment)), enrolment


def test_rule_10_revoking_voids_the_credit_and_keeps_code_and_number(cast):
    certificate, enrolment = certified(cast)

    revoke(certificate, by=cast.dao.user, reason="Cấp nhầm người.")
    revoke(certificate, by=cast.dao.user, reason="Cấp nhầm người.")

    certificate.refresh_from_db()
    assert certificate.state == "revoked"
    assert CreditEntry.objects.of(cast.lan).posted().hours() == 0
    assert cast.lan.credit_entries.get().void_reason == "Cấp nhầm người."
    assert [e.event for e in certificate.log.all()] == ["issued", "sealed", "revoked"]
    # Neither job brings it back.
    assert issue_for(enrolment) == certificate
    assert post_credit(enrolment).state == "void"
    # The number is not given to anybody else.
    assert issue_for(make.completed(cast.minh, enrolment.run)).sequence == 2


def test_rule_11_a_corrected_name_makes_a_new_certificate_and_both_codes_answer(cast):
    old, _enrolment = certified(cast)
    cast.lan.full_name = "Nguyễn Thị Làn"
    cast.lan.save()

    new = supersede(old, by=cast.dao.user, reason="Sai dấu trong tên.")

    old.refresh_from_db()
    assert (old.state, old.replacement, new.state) == ("superseded", new, "issued")
    assert old.said["holder"]["name"] == "Nguyễn Thị Lan"
    assert new.said["holder"]["name"] == "Nguyễn Thị Làn"
    assert (new.sequence, old.code != new.code) == (2, True)
    assert supersede(old, by=cast.dao.user, reason="Sai dấu trong tên.") == new
    posted = CreditEntry.objects.of(cast.lan).posted().get()
    assert posted.certificate == new
    assert posted.replaces.certificate == old
    with media.storage().open(old.file) as file:
        assert len(file.read()) == old.file_size


def test_only_a_signer_of_the_issuer_ends_a_certificate(cast):
    certificate, _enrolment = certified(cast)

    for person in (cast.hang, cast.hoa, cast.lan, cast.admin, cast.mo):
        with pytest.raises(NotAllowed):
            revoke(certificate, by=person.user, reason="Vì tôi muốn thế.")
    assert Certificate.objects.valid().count() == 1


def test_whoever_issued_by_hand_cannot_revoke(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    certificate = issue_for(enrolment, by=cast.dao.user)

    with pytest.raises(NotAllowed):
        revoke(certificate, by=cast.dao.user, reason="Cấp nhầm người.")


def test_ending_needs_a_reason(cast):
    certificate, _enrolment = certified(cast)

    with pytest.raises(ReasonMissing):
        revoke(certificate, by=cast.dao.user, reason="  . ")


def test_a_revoked_certificate_is_not_replaced_nor_a_replaced_one_revoked(cast):
    first, _enrolment = certified(cast)
    second = supersede(first, by=cast.dao.user, reason="Sai dấu trong tên.")
    with pytest.raises(AlreadyEnded):
        revoke(first, by=cast.dao.user, reason="Cấp nhầm người.")
    other = people.person("Hoàng Đình Cảnh", login="canh")
    people.role(other, "certificate_signer", cast.bach_mai)
    revoke(second, by=other.user, reason="Cấp nhầm người.")
    with pytest.raises(AlreadyEnded):
        supersede(second, by=other.user, reason="Sai dấu trong tên.")


def test_voiding_and_replacing_are_safe_twice(cast):
    wrong = entry(cast.lan, "3")
    new = replace_entry(wrong, by=None, reason="Sai số giờ.", hours=Decimal(4))

    assert replace_entry(wrong, by=None, reason="Sai số giờ.", hours=Decimal(9)) == new
    assert void_entry(wrong, by=None, reason="Khác").void_reason == "Sai số giờ."
    assert CreditEntry.objects.of(cast.lan).posted().hours() == 4


def test_hours_are_cut_and_never_rounded_up():
    rule = Rule(code="X", value=Decimal("0.333"), mode="per_period")

    assert rule.hours_for(Decimal(2)) == Decimal("0.66")
    rule.cap_per_item = Decimal("0.5")
    assert rule.hours_for(Decimal(2)) == Decimal("0.50")


def test_the_database_refuses_a_void_entry_without_reason(cast):
    posted = entry(cast.lan, "3")

    with pytest.raises(IntegrityError), transaction.atomic():
        CreditEntry.objects.filter(pk=posted.pk).update(state="void", void_at=clock.now())
