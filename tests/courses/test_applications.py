"""Applications that others approve: the chain, its clocks, deputies, codes, and bringing others in."""

import datetime
import io

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from courses.actions import applications, bringing, class_codes, runs
from courses.actions.applications import DecisionRefused, apply_for, decide
from courses.actions.class_codes import NoSuchCode, enrol_by_code, find_code, make_code
from courses.actions.enrolments import EnrolmentRefused, NotInAudience, RunNotSelfService, enrol, withdraw
from courses.models import Application, ApplicationDecision, Deputy, Enrolment, Run
from courses.permissions import to_decide
from lms import clock, queue, spreadsheets
from lms.actions import check_import, hand_in, start_import
from lms.models import AccessLog, Message, PeopleImport, Person, RoleAssignment
from lms.verify import breaches
from tests.factories import cast as people
from tests.factories import live
from tests.factories.live import moment
from tests.kept import repeated

State, Step = Application.State, Application.Step
DAY = datetime.timedelta(days=1)


@pytest.fixture
@repeated
def run(cast):
    """A class that needs the line manager's and the office's approval; Sau leads Bắc Hà, Hằng the office."""
    course = live.course(cast.bach_mai)
    live.lesson(course, "reading", periods="1")
    made = live.run(course)
    Run.objects.filter(pk=made.pk).update(mode=Run.Mode.APPROVAL)
    for who in (cast.sau, cast.hang, cast.lu):
        assert who.user
    made.refresh_from_db()
    return made


@pytest.fixture
def asked(cast, run):
    with clock.at(moment("08:00")):
        return apply_for(run, person=cast.lan, by=cast.lan.user)


def again(row):
    return Application.objects.get(pk=row.pk)


# --- the chain -------------------------------------------------------------------------------------


def test_nobody_enrols_without_approval_but_everybody_may_apply(cast, run):
    with pytest.raises(RunNotSelfService, match=run.code):
        enrol(run, person=cast.lan, by=cast.lan.user)

    asked = apply_for(run, person=cast.lan, by=cast.lan.user)

    assert (asked.state, asked.step) == (State.PENDING, Step.MANAGER)
    assert apply_for(run, person=cast.lan, by=cast.lan.user) == asked
    assert Message.objects.get(event="to-approve").person == cast.sau


def test_the_manager_then_the_office_approve_and_the_seat_is_hers_without_pressing(cast, run, asked):
    asked = decide(asked, approve=True, by=cast.sau.user)
    assert (asked.state, asked.step) == (State.PENDING, Step.OFFICE)

    asked = decide(asked, approve=True, by=cast.hang.user)
    queue.run_due()

    asked = again(asked)
    assert (asked.state, asked.enrolment.person) == (State.ENROLLED, cast.lan)
    assert list(asked.decisions.values_list("step", "outcome", "by")) == [
        ("manager", "approved", cast.sau.user.pk),
        ("office", "approved", cast.hang.user.pk),
    ]
    assert Message.objects.filter(person=cast.lan, event="enrolled").exists()


def test_deciding_twice_changes_nothing_more(cast, asked):
    decide(asked, approve=True, by=cast.sau.user)
    decide(asked, approve=False, by=cast.hang.user, reason="Hết kinh phí năm nay")

    same = decide(asked, approve=True, by=cast.hang.user)

    assert same.state == State.REFUSED
    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationDecision.objects.create(
            application=asked, step="office", outcome="approved", by=cast.hang.user, at=clock.now()
        )


def test_a_refusal_gives_its_reason_to_the_person(cast, asked):
    with pytest.raises(DecisionRefused):
        decide(asked, approve=False, by=cast.sau.user, reason=" ")

    refused = decide(asked, approve=False, by=cast.sau.user, reason="Khoa đang thiếu người trực")

    assert refused.state == State.REFUSED
    assert "Khoa đang thiếu người trực" in Message.objects.get(event="application-ended").body


def test_after_a_refusal_one_may_apply_again_and_both_stay_on_record(cast, run, asked):
    decide(asked, approve=False, by=cast.sau.user, reason="Khoa đang thiếu người trực")

    second = apply_for(run, person=cast.lan, by=cast.lan.user)

    assert second != asked
    assert run.applications.count() == 2


def test_nobody_approves_for_themselves(cast, run):
    own = apply_for(run, person=cast.sau, by=cast.sau.user)

    # Sau leads the unit alone, so her application begins at the office.
    assert own.step == Step.OFFICE
    people.role(cast.sau, "programme_manager", cast.bach_mai)
    with pytest.raises(DecisionRefused):
        decide(own, approve=True, by=cast.sau.user)
    assert own not in to_decide(cast.sau.user)


def test_a_manager_decides_about_the_own_unit_and_only_at_the_own_step(cast, run, asked):
    assert list(to_decide(cast.sau.user)) == [asked]
    assert list(to_decide(cast.lu.user)) == []
    assert list(to_decide(cast.hang.user)) == []

    decide(asked, approve=True, by=cast.sau.user)

    assert list(to_decide(cast.sau.user)) == []
    assert list(to_decide(cast.hang.user)) == [asked]
    assert list(to_decide(cast.trong.user)) == []


def test_what_was_decided_is_listed_for_the_own_unit_and_the_own_office_only(cast, run, asked):
    decide(asked, approve=False, by=cast.sau.user, reason="Khoa đang thiếu người trực")

    for who, listed in ((cast.sau, [asked]), (cast.hang, [asked]), (cast.lu, []), (cast.trong, [])):
        page = cast.client(who).get(reverse("lms_courses:approvals"), {"show": "refused"})
        assert list(page.context["page"]) == listed


def test_where_nobody_leads_the_unit_the_office_decides_at_once(cast, run):
    asked = apply_for(run, person=cast.khanh, by=cast.khanh.user)

    assert asked.step == Step.OFFICE


@pytest.mark.parametrize(("chain", "steps"), [("office", ["office"]), ("manager", ["manager"])])
def test_a_class_may_need_one_approval_only(cast, run, chain, steps):
    Run.objects.filter(pk=run.pk).update(chain=chain)
    asked = apply_for(run, person=cast.lan, by=cast.lan.user)

    decide(asked, approve=True, by=cast.sau.user if steps == ["manager"] else cast.hang.user)
    queue.run_due()

    assert again(asked).state == State.ENROLLED
    assert [one.step for one in asked.decisions.all()] == steps


# --- clocks and deputies ---------------------------------------------------------------------------


def test_after_three_working_days_of_silence_the_office_decides_instead(cast, asked):
    # Asked on a Tuesday: the third working day is Friday.
    assert asked.due_at.astimezone(live.HANOI).date() == datetime.date(2026, 11, 27)
    with clock.at(moment("2026-11-27 23:00")):
        assert applications.overdue() == ([], [])
    with clock.at(moment("2026-11-28 08:00")):
        queue.tick()
        queue.run_due()

        passed = again(asked)
        assert (passed.state, passed.step) == (State.PENDING, Step.OFFICE)
        assert applications.pass_on(asked).step == Step.OFFICE
    assert asked.decisions.get().outcome == "passed_on"


def test_silence_of_the_office_reminds_and_never_approves(cast, asked):
    decide(asked, approve=True, by=cast.sau.user)
    with clock.at(moment("2026-12-20 08:00")):
        applications.pass_on(asked)

    assert again(asked).state == State.PENDING
    assert Message.objects.filter(event="to-approve", person=cast.hang).count() == 2


def test_a_deputy_decides_on_the_days_of_the_absence_and_in_whose_stead_is_kept(cast, asked):
    with clock.at(moment("08:30")):
        applications.name_deputy(
            cast.sau.user,
            deputy=cast.ha.user,
            valid_from=datetime.date(2026, 11, 24),
            valid_to=datetime.date(2026, 11, 26),
        )
    address = reverse("lms_courses:decide_application", args=[asked.pk])
    with clock.at(moment("2026-11-27 09:00")):
        assert list(to_decide(cast.ha.user)) == []
        assert cast.client(cast.ha).post(address, {"answer": "approve"}).status_code == 404
    with clock.at(moment("2026-11-26 09:00")):
        assert list(to_decide(cast.ha.user)) == [asked]
        assert list(to_decide(cast.xuan.user)) == []
        cast.client(cast.ha).post(address, {"answer": "approve"})

    decision = asked.decisions.get()
    assert (decision.by, decision.instead_of) == (cast.ha.user, cast.sau.user)


def test_a_deputy_of_who_lost_the_office_decides_nothing(cast, asked):
    today = clock.today()
    applications.name_deputy(cast.sau.user, deputy=cast.ha.user, valid_from=today, valid_to=today)
    assert list(to_decide(cast.ha.user)) == [asked]

    for role in RoleAssignment.objects.filter(user=cast.sau.user):
        role.valid_from, role.valid_to = today - 9 * DAY, today - DAY
        role.save()

    assert list(to_decide(cast.ha.user)) == []


def test_one_is_not_ones_own_deputy_and_a_deputy_can_be_ended(cast):
    today = clock.today()
    with pytest.raises(DecisionRefused):
        applications.name_deputy(cast.sau.user, deputy=cast.sau.user, valid_from=today, valid_to=today)
    with pytest.raises(DecisionRefused):
        applications.name_deputy(
            cast.sau.user, deputy=cast.ha.user, valid_from=today, valid_to=today - datetime.timedelta(days=1)
        )
    row = applications.name_deputy(cast.sau.user, deputy=cast.ha.user, valid_from=today, valid_to=today)

    applications.end_deputy(row)

    assert not Deputy.objects.exists()


# --- codes -----------------------------------------------------------------------------------------


@pytest.fixture
def invited(cast, run):
    Run.objects.filter(pk=run.pk).update(mode=Run.Mode.INVITATION)
    run.refresh_from_db()
    return run


def code_of(run, cast, *, days=7, **values):
    values = {"expires_at": clock.now() + datetime.timedelta(days=days), **values}
    return make_code(run, by=cast.hang.user, **values)


def test_a_class_by_invitation_opens_to_who_has_the_code_only(cast, invited):
    with pytest.raises(RunNotSelfService, match="mã mời"):
        enrol(invited, person=cast.lan, by=cast.lan.user)
    with pytest.raises(EnrolmentRefused):
        apply_for(invited, person=cast.lan, by=cast.lan.user)
    code = code_of(invited, cast, most=1)

    found = find_code(f" {code.code[:4].lower()} {code.code[4:]} ")
    first = enrol_by_code(found, person=cast.lan, by=cast.lan.user)

    assert enrol_by_code(found, person=cast.lan, by=cast.lan.user) == first
    with pytest.raises(NoSuchCode):
        enrol_by_code(code, person=cast.minh, by=cast.minh.user)
    assert Enrolment.objects.count() == 1


def test_a_code_that_is_old_withdrawn_or_mistyped_opens_nothing_and_says_what_to_do(cast, invited):
    old, gone = code_of(invited, cast, days=1), code_of(invited, cast)
    class_codes.withdraw_code(gone, by=cast.hang.user)

    for text in (gone.code, "AAAAAAAA", "", "x" * 500):
        with pytest.raises(NoSuchCode):
            find_code(text)
    with clock.at(clock.now() + datetime.timedelta(days=2)), pytest.raises(NoSuchCode, match="mã mới"):
        find_code(old.code)


def test_an_invited_person_gets_in_line_where_the_class_is_full(cast, invited):
    Run.objects.filter(pk=invited.pk).update(seats=1)
    code = code_of(invited, cast)
    enrol_by_code(code, person=cast.lan, by=cast.lan.user)

    waiting = enrol_by_code(code, person=cast.minh, by=cast.minh.user)

    assert (waiting.state, waiting.place) == (State.WAITING, 1)
    assert list(breaches("lms_courses.seats")) == []


@pytest.mark.race
@pytest.mark.parametrize("is_right", [True, False])
def test_a_code_for_five_lets_five_in(race_db, race_cast, is_right):
    course = live.course(race_cast.bach_mai)
    live.lesson(course, "reading", periods="1")
    run = live.run(course)
    Run.objects.filter(pk=run.pk).update(mode=Run.Mode.INVITATION)
    code = code_of(run, race_cast, most=5)
    crowd = [people.person(f"Sùng Thị Dợ {n}") for n in range(12)]

    def come(number):
        if is_right:
            return enrol_by_code(code, person=crowd[number], by=None)
        if code.__class__.objects.get(pk=code.pk).used < 5:
            made = enrol(code.run, person=crowd[number], by=None, is_invited=True)
            code.__class__.objects.filter(pk=code.pk, used__lt=5).update(used=code.used + 1)
            return made
        return None

    race_db.threads(12, come)

    assert (Enrolment.objects.count() == 5) is is_right


# --- bringing others in ----------------------------------------------------------------------------


@pytest.fixture
def open_class(cast, run):
    Run.objects.filter(pk=run.pk).update(mode=Run.Mode.COORDINATOR, seats=2)
    run.refresh_from_db()
    return run


def test_a_coordinator_enrols_people_and_those_without_a_seat_wait(cast, open_class):
    third = people.person("Vàng Seo Páo", works_at=cast.bac_ha)

    found = bringing.bring_all(open_class, people=[cast.lan, cast.my, third], by=cast.ha.user)

    assert [bool(one.enrolment) for one in found] == [True, True, False]
    assert found[2].application.place == 1
    assert bringing.bring(open_class, person=cast.lan, by=cast.ha.user) == found[0].enrolment
    withdraw(found[0].enrolment, by=cast.lan.user)
    queue.run_due()
    assert again(found[2].application).state == State.ENROLLED


def test_who_is_refused_keeps_nobody_else_out(cast, open_class):
    open_class.release.course.audience.set([people.profession("y_sy")])

    found = bringing.bring_all(open_class, people=[cast.lan, cast.my], by=cast.ha.user)

    assert ("Y sỹ" in found[0].refusal, bool(found[1].enrolment)) == (True, True)


def test_a_coordinator_gets_nobody_past_an_approval_nor_into_a_class_by_invitation(cast, run):
    asked = bringing.bring(run, person=cast.lan, by=cast.ha.user)
    assert asked.state == State.PENDING
    Run.objects.filter(pk=run.pk).update(mode=Run.Mode.INVITATION)
    run.refresh_from_db()
    with pytest.raises(EnrolmentRefused):
        bringing.bring(run, person=cast.my, by=cast.ha.user)
    assert bringing.bring(run, person=cast.my, by=cast.hang.user).person == cast.my


def sheet(*rows):
    header = ["Họ và tên", "Ngày sinh", "Số GPHN/CCHN", "Điện thoại"]
    data = spreadsheets.write_rows(header, rows, title="Lớp")
    return SimpleUploadedFile("lop.xlsx", data)


def test_a_list_is_checked_without_writing_and_then_enrols_whom_it_names(cast, open_class):
    for who in (cast.lan, cast.my, cast.minh, cast.ha):
        assert who.pk
    third = people.person("Vàng Seo Páo", works_at=cast.bac_ha, phone="0912000777")
    file = sheet(
        ["Nguyễn Thị Lan", "08/03/1990", "", ""],
        ["Giàng Thị Mỷ", "", "000901/LCA-CCHN", ""],
        ["Vàng Seo Páo", "", "", "0912000777"],
        ["Trần Văn Minh", "30/07/1985", "", ""],
        ["Người Lạ Mặt", "01/01/1980", "", ""],
        ["=cmd|' /C calc'!A0", "01/01/1980", "", ""],
    )
    before = Person.objects.count()
    row = hand_in(
        cast.bac_ha, file=file, kind=PeopleImport.Kind.CLASS, by=cast.ha.user, subject=str(open_class.pk)
    )

    row = check_import(row)

    assert (row.state, row.rows) == ("checked", 6), row.problem
    assert (row.added, row.changed, row.unchanged, row.refused) == (2, 1, 0, 3)
    assert not Enrolment.objects.exists()

    start_import(row, by=cast.ha.user)
    queue.run_due()
    row.refresh_from_db()

    assert (row.state, row.added, row.changed, row.refused) == ("applied", 2, 1, 3)
    assert set(open_class.enrolments.values_list("person", flat=True)) == {cast.lan.pk, cast.my.pk}
    assert again(open_class.applications.get()).person == third
    assert Person.objects.count() == before
    # Minh works elsewhere, and a list opens no door to him.
    assert list(breaches("lms_courses.seats")) == []


def test_a_list_brings_in_nobody_from_elsewhere_whatever_it_knows_of_them(cast, open_class):
    assert cast.minh
    file = sheet(["Trần Văn Minh", "30/07/1985", "002222/YB-CCHN", "0912000222"])
    row = hand_in(
        cast.bac_ha, file=file, kind=PeopleImport.Kind.CLASS, by=cast.ha.user, subject=str(open_class.pk)
    )

    start_import(check_import(row), by=cast.ha.user)
    queue.run_due()

    row.refresh_from_db()
    assert (row.state, row.added, row.refused) == ("applied", 0, 1)
    assert not Enrolment.objects.exists()


def test_the_same_list_again_finds_everybody_there(cast, open_class):
    rows = [["Nguyễn Thị Lan", "08/03/1990", "", ""]]
    assert cast.lan
    for expected in ((1, 0), (0, 1)):
        row = hand_in(
            cast.bac_ha, file=sheet(*rows), kind=PeopleImport.Kind.CLASS, by=cast.ha.user,
            subject=str(open_class.pk),
        )  # fmt: skip
        start_import(check_import(row), by=cast.ha.user)
        queue.run_due()
        row.refresh_from_db()
        assert (row.added, row.unchanged) == expected


# --- windows and quotas on the move ----------------------------------------------------------------


def test_a_longer_window_and_other_days_are_set_by_the_office(cast, run):
    until = moment("2026-12-01 17:00")
    changed = runs.change_run(run, by=cast.hang.user, enrol_until=until, seats=5)

    assert (changed.enrol_until, changed.seats) == (until, 5)
    with pytest.raises(runs.RunRefused):
        runs.change_run(run, by=cast.hang.user, enrol_from=until, enrol_until=until)


def test_who_is_not_meant_cannot_even_apply_and_is_told_why(cast, run):
    run.release.course.audience.set([people.profession("bac_sy")])

    with pytest.raises(NotInAudience, match="Bác sỹ.*Điều dưỡng"):
        apply_for(run, person=cast.lan, by=cast.lan.user)


# --- screens ---------------------------------------------------------------------------------------


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_manager_sees_what_waits_with_its_age_and_decides_with_one_press(cast, run, asked):
    client = cast.client(cast.sau)

    page = words(client.get(reverse("lms_courses:approvals")))

    assert "Nguyễn Thị Lan" in page
    assert AccessLog.objects.filter(person=cast.lan, user=cast.sau.user).exists()
    client.post(reverse("lms_courses:decide_application", args=[asked.pk]), {"answer": "approve"})
    assert again(asked).step == Step.OFFICE
    assert list(client.get(reverse("lms_courses:approvals")).context["page"]) == []
    answer = cast.client(cast.lan).get(reverse("lms_courses:approvals"))
    assert answer.status_code == 404


def test_an_impossible_day_for_a_deputy_is_told_and_kept(cast, run):
    data = {"person": cast.ha.pk, "valid_from": "2026-12-02", "valid_to": "2026-12-01"}

    answer = cast.client(cast.sau).post(reverse("lms_courses:name_deputy"), data)

    assert answer.status_code == 422
    assert "Ngày cuối ở trước ngày đầu." in words(answer)
    assert "2026-12-02" in words(answer)


def test_the_link_of_an_invitation_shows_the_class_and_enrols_by_one_press(cast, invited):
    code = code_of(invited, cast)
    client = cast.client(cast.lan)

    page = client.get(reverse("lms_courses:join", args=[code.code]))
    assert invited.code in words(page)
    assert not Enrolment.objects.exists()
    wrong = client.post(reverse("lms_courses:join"), {"code": "KKKKKKKK", "enrol": "1"})
    assert (wrong.status_code, "mã mới" in words(wrong)) == (422, True)
    client.post(reverse("lms_courses:join"), {"code": code.code, "enrol": "1"})

    assert Enrolment.objects.get().person == cast.lan


def test_whoever_gets_in_before_the_class_begins_reads_on_which_day_its_lessons_open(cast, open_class):
    Run.objects.filter(pk=open_class.pk).update(
        mode="self", seats=None, starts_on=datetime.date(2099, 12, 27), ends_on=None
    )

    answer = cast.client(cast.lan).post(reverse("lms_courses:enrol", args=[open_class.pk]))

    [told] = get_messages(answer.wsgi_request)
    assert "khai giảng, ngày 27/12/2099" in str(told)


def test_a_coordinator_sees_who_of_the_own_site_needs_help_and_enrols_the_ticked(cast, open_class):
    client = cast.client(cast.ha)
    for who in (cast.my, cast.minh):
        assert who.pk
    never = words(client.get(reverse("lms_courses:people") + "?show=never"))
    assert ("Giàng Thị Mỷ" in never, "Trần Văn Minh" in never) == (True, False)

    client.post(
        reverse("lms_courses:enrol_people"), {"run": open_class.pk, "person": [cast.my.pk, cast.minh.pk]}
    )

    assert Enrolment.objects.get().person == cast.my
    with clock.at(clock.now() + datetime.timedelta(days=20)):
        page = words(client.get(reverse("lms_courses:people")))
    assert "Giàng Thị Mỷ" in page
    assert "20 ngày chưa học tiếp" in page


def test_a_list_is_handed_in_for_the_site_of_whoever_sends_it(cast, open_class):
    data = {"run": open_class.pk, "file": sheet(["Nguyễn Thị Lan", "08/03/1990", "", ""])}

    cast.client(cast.ha).post(reverse("lms_courses:send_list"), data)

    assert PeopleImport.objects.get().facility == cast.bac_ha


@pytest.mark.parametrize("sign", ["²", "đ", "9" * 5000])
def test_a_sign_that_is_no_number_names_no_class_and_nobody(cast, open_class, sign):
    client, people_page = cast.client(cast.ha), reverse("lms_courses:people")
    assert cast.my
    enrol_people = reverse("lms_courses:enrol_people")
    remind = reverse("lms_courses_admin:remind", args=[open_class.pk])

    assert client.post(enrol_people, {"run": sign, "person": cast.my.pk}).status_code == 404
    assert client.post(enrol_people, {"run": open_class.pk, "person": sign}).url == people_page
    assert cast.client(cast.hang).post(remind, {"enrolment": sign}).status_code == 404
    assert not Enrolment.objects.exists()


def test_a_list_that_the_disk_does_not_take_is_refused_in_words(cast, open_class, unwritable):
    data = {"run": open_class.pk, "file": sheet(["Nguyễn Thị Lan", "08/03/1990", "", ""])}

    page = cast.client(cast.ha).post(reverse("lms_courses:send_list"), data, follow=True)

    assert "Không lưu được tệp" in page.text
    assert not PeopleImport.objects.exists()


def test_the_sender_reads_on_the_page_which_row_is_not_taken_and_why(cast, open_class):
    client = cast.client(cast.ha)
    data = {"run": open_class.pk, "file": sheet(["Nguyễn Thị Lan", "", "", ""])}
    client.post(reverse("lms_courses:send_list"), data)
    queue.run_due()

    page = client.get(reverse("lms_courses:people_list", args=[PeopleImport.objects.get().pk]))

    assert "2. Nguyễn Thị Lan" in page.text
    assert "không nhận ra ai chỉ bằng tên" in page.text


def test_a_head_of_a_unit_looks_but_enrols_nobody(cast, open_class):
    client = cast.client(cast.sau)

    assert client.get(reverse("lms_courses:people")).status_code == 200
    answer = client.post(reverse("lms_courses:enrol_people"), {"run": open_class.pk, "person": [cast.lan.pk]})
    assert answer.status_code == 404
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("count", [3, 40])
def test_the_people_of_a_site_cost_as_many_queries_for_forty_as_for_three(
    cast, open_class, count, django_assert_max_num_queries
):
    Run.objects.filter(pk=open_class.pk).update(seats=None)
    for number in range(count):
        person = people.person(f"Hạng A Chống {number}", works_at=cast.bac_ha)
        enrol(open_class, person=person, by=cast.ha.user)
    client = cast.client(cast.ha)
    address = reverse("lms_courses:people") + "?show=learning"
    client.get(address)

    with django_assert_max_num_queries(45):
        client.get(address)


def test_the_screen_of_a_class_names_who_is_stuck_and_reminds_once_a_day(cast, open_class):
    learner = enrol(open_class, person=cast.lan, by=cast.ha.user)
    client = cast.client(cast.hang)
    with clock.at(clock.now() + datetime.timedelta(days=15)):
        page = words(client.get(reverse("lms_courses_admin:class", args=[open_class.pk])))
        for _twice in range(2):
            client.post(reverse("lms_courses_admin:remind", args=[open_class.pk]), {"enrolment": learner.pk})
            client.post(reverse("lms_courses_admin:remind", args=[open_class.pk]))

    assert "15 ngày chưa học tiếp" in page
    assert Message.objects.filter(event="go-on", person=cast.lan).count() == 1


def test_an_export_holds_no_formula_and_is_logged(cast, open_class):
    villain = people.person('=HYPERLINK("http://x")', works_at=cast.bac_ha)
    enrol(open_class, person=villain, by=cast.ha.user)
    client = cast.client(cast.ung)
    live.staff(open_class.release.course, cast.ung, role="trainer")

    as_csv = client.get(reverse("lms_courses_admin:export_csv", args=[open_class.pk])).content.decode()
    as_xlsx = client.get(reverse("lms_courses_admin:export_xlsx", args=[open_class.pk])).content

    assert "\"'=HYPERLINK" in as_csv
    with spreadsheets.rows_of(io.BytesIO(as_xlsx)) as rows:
        assert list(rows)[1][0].startswith("=HYPERLINK")
    assert AccessLog.objects.filter(person=villain, what="export of a class").exists()


def test_the_office_changes_seats_sets_quotas_and_makes_codes_on_one_screen(cast, open_class):
    client = cast.client(cast.hang)
    where = [open_class.pk]
    too_few = client.post(reverse("lms_courses_admin:change_run", args=where), {"seats": "x"})
    assert too_few.status_code == 422
    client.post(
        reverse("lms_courses_admin:set_quota", args=where),
        {"province": people.province().pk, "seats": 1},
    )
    client.post(
        reverse("lms_courses_admin:make_code", args=where), {"expires_at": "2036-01-01", "note": "Khoa Nội"}
    )

    page = words(client.get(reverse("lms_courses_admin:class", args=where)))

    assert "Lào Cai" in page
    assert "Khoa Nội" in page
    quota = open_class.quotas.get()
    client.post(reverse("lms_courses_admin:drop_quota", args=[quota.pk]))
    assert not open_class.quotas.exists()


ADDRESSES = [
    ("lms_courses:apply", "run"),
    ("lms_courses:accept", "application"),
    ("lms_courses:give_up", "application"),
    ("lms_courses:decide_application", "application"),
    ("lms_courses:name_deputy", None),
    ("lms_courses:enrol_people", None),
    ("lms_courses:send_list", None),
    ("lms_courses_admin:change_run", "run"),
    ("lms_courses_admin:set_quota", "run"),
    ("lms_courses_admin:make_code", "run"),
    ("lms_courses_admin:remind", "run"),
    ("lms_courses_admin:remove_application", "application"),
]


@pytest.mark.parametrize(("name", "what"), ADDRESSES)
def test_a_get_on_a_writing_address_is_not_allowed_and_changes_nothing(cast, run, asked, name, what):
    pks = {"run": run.pk, "application": asked.pk}

    answer = cast.client(cast.hang).get(reverse(name, args=[pks[what]] if what else []))

    assert answer.status_code == 405
    assert again(asked).state == State.PENDING
