"""What learners, training offices, signers and verifiers see, and who is refused."""

import datetime

import pytest

from certificates.actions import issue_for, post_credit, seal
from certificates.models import Batch, BulkCheck, Certificate, CreditEntry, Issuer, RuleSet
from courses.actions import attendance
from courses.actions.progress import mark_read
from courses.actions.sessions import cancel_session, end_session, join_site, use
from courses.actions.settling import settle
from courses.models import Run
from lms import clock
from lms.models import AccessLog, Person
from lms.verify import breaches
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.factories import live
from tests.factories.certificates import revoke, supersede
from tests.factories.live import moment
from tests.kept import repeated

NEW = {"purpose": "Hồ sơ gia hạn GPHN", "title": "Đợt 11/2026"}


@pytest.fixture
@repeated
def world(cast):
    """Lan and Minh completed a class of Bạch Mai; both hold sealed certificates."""
    cast.run = make.ready(cast.bach_mai)
    cast.papers = []
    for person in (cast.lan, cast.minh):
        enrolment = make.completed(person, cast.run)
        post_credit(enrolment)
        cast.papers.append(seal(issue_for(enrolment)))
    return cast


def test_the_holder_finds_the_certificate_and_opens_the_file(world):
    client, paper = world.client(world.lan), world.papers[0]

    assert paper.number in client.get("/certificates/").content.decode()
    response = client.get(f"/certificates/{paper.uuid}/file/")
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert (
        "filename*=utf-8''Gi%E1%BA%A5y%20ch%E1%BB%A9ng%20nh%E1%BA%ADn%2000001-2026"
        in response["Content-Disposition"]
    )


@pytest.mark.parametrize("who", ["minh", "khanh", "hoa", "trong", "ha", "mo"])
def test_nobody_else_gets_the_file(world, who):
    client = world.client(getattr(world, who))

    assert client.get(f"/certificates/{world.papers[0].uuid}/file/").status_code == 404
    assert world.papers[0].number not in client.get("/certificates/").content.decode()


def test_a_visitor_is_asked_to_sign_in(world):
    for path in ("", "credits/", f"{world.papers[0].uuid}/file/", "batches/", "desk/"):
        response = world.client().get(f"/certificates/{path}")
        assert (response.status_code, "login" in response.url) == (302, True)


def test_the_training_office_of_the_issuer_gets_the_file_and_is_logged(world):
    assert world.client(world.hang).get(f"/certificates/{world.papers[0].uuid}/file/").status_code == 200
    assert AccessLog.objects.filter(user=world.hang.user, person=world.lan).exists()


def test_a_file_not_made_yet_is_announced(cast):
    paper = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))

    response = cast.client(cast.lan).get(f"/certificates/{paper.uuid}/file/")

    assert response.status_code == 202
    assert paper.number in response.content.decode()


def never_draw(facts):
    """A renderer that says so when it is asked."""
    raise AssertionError("a download drew a certificate")


def test_a_download_draws_nothing_however_often_it_is_asked_for(world, settings):
    settings.LMS_CERTIFICATES_RENDERER = f"{__name__}.never_draw"
    client, paper = world.client(world.lan), world.papers[0]

    for _time in range(20):
        for rest in ("file/", "evidence.zip"):
            assert client.get(f"/certificates/{paper.uuid}/{rest}").status_code == 200
    with pytest.raises(AssertionError, match="drew"):
        seal(issue_for(make.completed(world.my, world.run)))


def test_empty_lists_say_how_they_fill(cast):
    client = cast.client(cast.khanh)

    assert "empty" in client.get("/certificates/").content.decode()
    assert "empty" in client.get("/certificates/credits/").content.decode()


def test_a_login_without_person_sees_empty_lists(cast):
    user = people.user("ban_le")
    from django.test import Client

    client = Client()
    client.force_login(user, backend="website.accounts.backends.PasswordBackend")
    assert client.get("/certificates/").status_code == 200
    assert client.get("/certificates/credits/").status_code == 200


def test_the_ledger_keeps_void_entries_apart(world):
    make.scheme()
    supersede(world.papers[0], by=world.dao.user, reason="Sai dấu trong tên.")

    response = world.client(world.lan).get("/certificates/credits/")

    assert len(response.context["inside"]) == 1
    assert len(response.context["void"]) == 1
    assert "Sai dấu trong tên." in response.content.decode()


def test_a_ledger_holds_ones_own_credit_only(world):
    mine, theirs = (
        {
            entry.pk
            for part in ("inside", "outside")
            for entry in world.client(who).get("/certificates/credits/").context[part]
        }
        for who in (world.lan, world.minh)
    )

    assert mine == set(CreditEntry.objects.of(world.lan).values_list("pk", flat=True)) != set()
    assert not mine & theirs


def test_the_list_of_papers_costs_the_same_for_two_and_for_six(world, django_assert_max_num_queries):
    client = world.client(world.lan)
    client.get("/certificates/")
    for _number in range(4):
        issue_for(make.completed(world.lan, make.run(world.bach_mai)))
    with django_assert_max_num_queries(16):
        client.get("/certificates/")


# --- the batch desk


@pytest.fixture
@repeated
def office(cast):
    """A class of Bạch Mai, which issues in batches: three completions, one without birth date."""
    cast.run = make.ready(cast.bach_mai)
    Issuer.objects.update(issues_automatically=False)
    cast.enrolments = [make.completed(person, cast.run) for person in (cast.lan, cast.minh)]
    Person.objects.filter(pk=cast.my.pk).update(birth_date=None, birth_year=None)
    cast.stuck = make.completed(Person.objects.get(pk=cast.my.pk), cast.run)
    return cast


def freeze(office, **data):
    chosen = [row.pk for row in office.enrolments]
    path = f"/certificates/batches/class/{office.run.pk}/"
    return office.client(office.hang).post(path, {"enrolment": chosen, **data})


def test_exceptions_come_first_and_cannot_be_frozen(office):
    page = office.client(office.hang).get(f"/certificates/batches/class/{office.run.pk}/")

    assert [row.enrolment for row, _matters in page.context["exceptions"]] == [office.stuck]
    assert len(page.context["eligible"]) == 2
    freeze(office, enrolment=[office.stuck.pk])
    assert not Batch.objects.exists()


@pytest.fixture
@repeated
def evening(cast):
    """A class of Bạch Mai completed by its reading alone, and its session on 24 November from 14:00 to 15:40."""
    make.issuer(cast.bach_mai, issues_automatically=False)
    make.rules()
    with clock.at(moment("13:50")):
        course = live.course(cast.bach_mai, min_attendance_pct=80)
        reading, lesson = (
            live.lesson(course, kind, periods=n) for kind, n in (("reading", 8), ("session", 2))
        )
        cast.run = live.run(course)
        cast.enrolments = [live.enrolment(cast.run, person) for person in (cast.lan, cast.minh)]
        cast.session = live.session(cast.bach_mai, cast.ung.user)
        use(cast.session, run=cast.run, lesson=lesson)
        cast.room = join_site(cast.session, site=cast.site_bac_ha)
        for enrolment in cast.enrolments:
            mark_read(enrolment, lesson=reading)
    return cast


def desk_at(hour, cast):
    """Whom the batch desk puts first, whom it offers, and its page, at *hour* of that day."""
    with clock.at(moment(hour)):
        page = cast.client(cast.hang).get(f"/certificates/batches/class/{cast.run.pk}/")
    first = [row.enrolment for row, _matters in page.context["exceptions"]]
    return first, [row.enrolment for row in page.context["eligible"]], page.content.decode()


def test_whose_attendance_is_not_settled_yet_is_looked_at_first(evening):
    lan, minh = evening.enrolments
    with clock.at(moment("14:02")):
        attendance.tick(evening.room, person=evening.lan, by=evening.ha.user)
        attendance.override(
            evening.session,
            person=evening.lan,
            since=moment("14:00"),
            until=moment("14:30"),
            reason="Sổ điểm danh",
            by=evening.hang.user,
        )

    during = desk_at("14:30", evening)
    forgotten = desk_at("15:41", evening)
    with clock.at(moment("15:45")):
        end_session(evening.session, by=evening.hang.user)
    waiting = desk_at("16:00", evening)
    with clock.at(moment("16:05")):
        settle(evening.session, by=evening.hang.user)
    settled = desk_at("16:10", evening)

    assert during[:2] == settled[:2] == ([], [lan, minh])
    assert forgotten[:2] == waiting[:2] == ([lan], [minh])
    assert "Điểm danh của 1 buổi trong lớp chưa được chốt." in waiting[2]
    assert f"/learn/sessions/{evening.session.uuid}/attendance/" in waiting[2]
    assert list(breaches("lms_courses.settled")) == []


def test_whose_tick_was_taken_back_or_whose_session_was_cancelled_waits_for_no_list(evening):
    with clock.at(moment("14:02")):
        attendance.tick(evening.room, person=evening.minh, by=evening.ha.user)
        attendance.tick(evening.room, person=evening.lan, by=evening.ha.user)
        attendance.untick(evening.room, person=evening.lan, by=evening.ha.user)

    assert desk_at("16:00", evening)[:2] == (evening.enrolments[1:], evening.enrolments[:1])
    with clock.at(moment("16:05")):
        cancel_session(evening.session, by=evening.hang.user)
    assert desk_at("16:10", evening)[:2] == ([], evening.enrolments)


def test_an_exception_leads_to_the_record_for_whoever_may_complete_it_and_names_who_may_to_the_others(office):
    path, record = f"/certificates/batches/class/{office.run.pk}/", f"edit/{office.my.pk}/"
    said = "Người quản trị đơn vị công tác bổ sung hồ sơ."

    before = office.client(office.hang).get(path).content.decode()
    workplace = office.my.affiliations.get().facility
    people.role(office.hang, "org_admin", workplace)
    after = office.client(office.hang).get(path).content.decode()

    assert (said in before, record in before) == (True, False)
    assert (said in after, record in after) == (False, True)


def test_who_holds_the_certificate_of_this_version_already_leads_to_it(office):
    paper = issue_for(office.enrolments[0], by=office.dao.user)
    run = Run.objects.create(release=office.run.release, code="KSNK-01.K2")
    make.completed(office.lan, run)

    page = office.client(office.hang).get(f"/certificates/batches/class/{run.pk}/").content.decode()

    assert f"/admin/lms-certificates/inspect/{paper.pk}/" in page


def test_who_waits_in_a_batch_is_not_offered_again_and_exceptions_stand_beside_it(office):
    freeze(office)
    client = office.client(office.hang)

    page = client.get(f"/certificates/batches/class/{office.run.pk}/")
    batch = client.get(f"/certificates/batches/{Batch.objects.get().pk}/")

    assert page.context["eligible"] == []
    assert [row.enrolment for row in page.context["waiting"]] == office.enrolments
    assert [row.enrolment for row, _matters in batch.context["left_out"]] == [office.stuck]


def test_a_batch_is_frozen_by_one_and_approved_by_another(office):
    freeze(office)
    freeze(office)
    batch = Batch.objects.get()
    path = f"/certificates/batches/{batch.pk}/"

    office.client(office.hang).post(path)
    assert not Certificate.objects.exists()
    page = office.client(office.dao).get(path)
    [(first, last)] = page.context["numbers"]
    assert (first[:6], last[:6]) == ("00001/", "00002/")
    assert UNCHECKED in page.content.decode()
    office.client(office.dao).post(path)
    office.client(office.dao).post(path)

    assert sorted(Certificate.objects.values_list("sequence", flat=True)) == [1, 2]
    assert set(Certificate.objects.values_list("batch", flat=True)) == {batch.pk}
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == ("issued", office.dao.user)


def test_whoever_builds_cannot_approve_even_as_a_signer(office):
    people.role(office.hang, "certificate_signer", office.bach_mai)
    freeze(office)

    office.client(office.hang).post(f"/certificates/batches/{Batch.objects.get().pk}/")

    assert not Certificate.objects.exists()


def test_a_change_after_freezing_needs_a_new_batch(office):
    freeze(office)
    office.lan.full_name = "Nguyễn Thị Làn"
    office.lan.save()

    office.client(office.dao).post(f"/certificates/batches/{Batch.objects.get().pk}/")

    assert not Certificate.objects.exists()
    assert Batch.objects.get().state == "frozen"


@pytest.mark.parametrize("who", ["trong", "hoa", "lan", "ha", "mo", "ung"])
def test_other_hospitals_and_other_roles_reach_no_batch(office, who):
    freeze(office)
    client = office.client(getattr(office, who))

    assert client.get(f"/certificates/batches/class/{office.run.pk}/").status_code == 404
    assert client.get(f"/certificates/batches/{Batch.objects.get().pk}/").status_code == 404
    overview = client.get("/certificates/batches/")
    assert overview.status_code == (200 if who == "trong" else 404)
    assert office.run.code not in overview.content.decode()


# --- the verifier's list


def check(world, text, who="mo", **data):
    return world.client(getattr(world, who)).post("/certificates/desk/", {**NEW, "list": text, **data})


def test_a_list_is_answered_with_exceptions_first(world):
    one, two = world.papers
    revoke(two, by=world.dao.user, reason="Cấp nhầm người.")
    text = "\n".join(
        [
            "Số giấy;Họ tên;Giờ",
            f"{one.number};Nguyễn Thị Lan;8",
            f"{one.number.lower()};Nguyen Thi Lan;8",
            f"{one.shown_code};Nguyễn Thị Lan;10",
            f"{two.number};Trần Văn Minh;8",
            "99999/2026/GCN-BVBM;Ai Đó;6",
            f"{one.number};Ngu\u0079e\u0302\u0303n Thi\u0323 Lan;8,00",
        ]
    )

    response = check(world, text)
    page = world.client(world.mo).get(response.url)

    assert [(row["row"], row["answer"]) for row in page.context["rows"]] == [
        (4, "revoked"),
        (5, "unknown"),
        (2, "differs"),
        (3, "differs"),
        (6, "differs"),
        (1, "match"),
    ]
    assert "dòng 1" in page.context["rows"][4]["notes"][-1]
    assert "Nguyen Thi Lan" in page.context["rows"][2]["notes"][0]
    assert AccessLog.objects.filter(user=world.mo.user, person=world.lan, purpose=NEW["purpose"]).count() == 1


def test_the_result_goes_home_as_a_file_without_formulas(world):
    response = check(
        world, '"=HYPERLINK(""http://x"")";@name;1\n' + f"{world.papers[0].number};Nguyễn Thị Lan;8"
    )
    file = world.client(world.mo).get(response.url + "result.csv")

    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK" in file.content.decode()
    assert "\n=HYPERLINK" not in file.content.decode()


def test_a_purpose_is_required(world):
    assert check(world, world.papers[0].number, purpose=" ").status_code == 422
    assert not BulkCheck.objects.exists()
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("text", ["", "\n\n", ";;;\n;;", "x\n" * 10002])
def test_a_list_that_cannot_be_checked_says_why(world, text):
    response = check(world, text)

    assert response.status_code == 422
    assert "note bad" in response.content.decode()


def test_a_file_that_is_no_text_is_refused(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("a.xlsx", b"PK\x03\x04\xff\xfe\x00", "application/zip")
    assert check(world, "", file=file).status_code == 422


@pytest.mark.parametrize("who", ["lan", "hang", "dao", "ung", "ha", "sen"])
def test_only_verifiers_see_the_desk(world, who):
    assert world.client(getattr(world, who)).get("/certificates/desk/").status_code == 404
    assert check(world, "x", who).status_code == 404


def test_one_verifier_does_not_see_the_lists_of_another(world):
    url = check(world, world.papers[0].number).url
    other = people.person("Lương Thị Bích", login="bich")
    people.role(other, "verifier", world.department)

    assert world.client(other).get(url).status_code == 404
    assert world.client(world.mo).get(url).status_code == 200


def test_five_hundred_rows_take_a_handful_of_queries(world, django_assert_max_num_queries):
    text = "\n".join(f"{n:05d}/2026/GCN-BVBM;Nguyễn Thị Lan;8" for n in range(1, 501))
    client = world.client(world.mo)
    client.get("/certificates/desk/")
    with django_assert_max_num_queries(25):
        client.post("/certificates/desk/", {**NEW, "list": text})
    assert BulkCheck.objects.get().counts["unknown"] == 498


# --- the admin


@pytest.mark.parametrize("who", ["hang", "dao"])
def test_the_register_is_read_by_those_of_the_issuer(world, who):
    client = world.client(getattr(world, who))

    listing = client.get("/admin/lms-certificates/")
    assert world.papers[0].number in listing.content.decode()
    page = client.get(f"/admin/lms-certificates/inspect/{world.papers[0].pk}/")
    assert world.papers[0].facts_sha256 in page.content.decode()


UNCHECKED = "chưa đối chiếu với Công báo"


def test_staff_reads_that_the_form_was_not_compared_with_the_gazette(world):
    paper, office = world.papers[0], world.client(world.hang)

    for address in ("/admin/lms-certificates/", f"/admin/lms-certificates/inspect/{paper.pk}/"):
        assert UNCHECKED in office.get(address).content.decode()
    for page in (world.client(world.lan).get("/certificates/"), world.client().get(f"/V/{paper.code}")):
        assert page.status_code == 200
        assert UNCHECKED not in page.content.decode()


@pytest.mark.parametrize("query", ["nguyen lan", "00001/2026", "CODE"])
def test_the_register_is_searched_without_accents_by_number_and_by_code(world, query):
    query = world.papers[0].shown_code.lower() if query == "CODE" else query
    html = world.client(world.hang).get("/admin/lms-certificates/", {"q": query}).content.decode()

    assert world.papers[0].number in html
    assert world.papers[1].number not in html


@pytest.mark.parametrize("who", ["trong", "hoa", "lan", "ha"])
def test_another_hospital_reaches_no_certificate(world, who):
    client, pk = world.client(getattr(world, who)), world.papers[0].pk

    assert world.papers[0].number not in client.get("/admin/lms-certificates/").content.decode()
    for act in ("inspect", "revoke", "replace"):
        assert client.get(f"/admin/lms-certificates/{act}/{pk}/").status_code in (302, 403, 404)
        assert client.post(f"/admin/lms-certificates/{act}/{pk}/", {"reason": "Vì thế."}).status_code in (
            302,
            403,
            404,
            405,
        )
    assert Certificate.objects.valid().count() == 2


def test_whoever_issued_reads_that_another_must_end_it(world):
    Certificate.objects.filter(pk=world.papers[0].pk).update(issued_by=world.dao.user)

    page = world.client(world.dao).get(f"/admin/lms-certificates/inspect/{world.papers[0].pk}/").text

    assert "một người ký khác" in page
    assert f"/admin/lms-certificates/revoke/{world.papers[0].pk}/" not in page


def test_one_person_asks_for_an_end_and_a_signer_does_it(world):
    one, two = world.papers
    office, signer = world.client(world.hang), world.client(world.dao)
    revoking, replacing = (
        f"/admin/lms-certificates/{verb}/{paper.pk}/" for verb, paper in [("revoke", one), ("replace", two)]
    )

    # Both were issued by themselves: whoever comes first only asks, also a signer.
    signer.post(replacing, {"reason": "Sai dấu trong tên."})
    signer.post(replacing, {"reason": "Sai dấu trong tên."})
    office.post(revoking, {"reason": "Cấp nhầm người."})
    office.post(revoking, {"reason": "Cấp nhầm người."})
    assert Certificate.objects.valid().count() == 2
    assert one.number in signer.get("/admin/lms-waiting/").text
    assert "Cấp nhầm người." in signer.get(revoking).text

    office.post(replacing, {"take_back": "1"})
    assert two.ending_request is None
    office.post(replacing, {"reason": "Sai dấu trong tên."})
    signer.post(revoking, {"reason": "Cấp nhầm người."})
    response = signer.post(replacing, {"reason": "Sai dấu trong tên."})

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == ("revoked", "superseded")
    assert response.url.endswith(f"/{two.replacement.pk}/")
    assert one.ending_request is None
    assert {one.ended_by, *(row.asked_by for row in one.ending_requests.all())} == {
        world.dao.user,
        world.hang.user,
    }


def test_without_a_reason_nothing_is_revoked(world):
    world.client(world.dao).post(f"/admin/lms-certificates/revoke/{world.papers[0].pk}/", {"reason": " "})

    assert Certificate.objects.valid().count() == 2


@pytest.mark.parametrize("who", ["hang", "admin"])
def test_neither_the_office_nor_the_superuser_revokes(world, who):
    path = f"/admin/lms-certificates/revoke/{world.papers[0].pk}/"
    world.client(getattr(world, who)).post(path, {"reason": "Vì tôi muốn thế."})

    assert Certificate.objects.valid().count() == 2


@pytest.mark.parametrize("path", ["new/", "edit/{}/", "delete/{}/", "copy/{}/"])
def test_no_screen_makes_edits_or_deletes_a_certificate(world, path):
    url = "/admin/lms-certificates/" + path.format(world.papers[0].pk)

    assert world.client(world.admin).get(url).status_code == 404


def test_waiting_completions_are_listed_with_their_reason(office):
    html = office.client(office.hang).get("/admin/lms-waiting/").content.decode()

    assert "Giàng Thị Mỷ" in html
    assert office.client(office.lan).get("/admin/lms-waiting/").status_code in (302, 403)
    assert "Giàng Thị Mỷ" not in office.client(office.trong).get("/admin/lms-waiting/").content.decode()


def test_a_table_of_rules_is_confirmed_once_by_the_administrator(world):
    table = RuleSet.objects.get()
    path = f"/admin/lms-rulesets/inspect/{table.pk}/"

    world.client(world.hang).post(path)
    table.refresh_from_db()
    assert not table.is_verified
    assert world.client(world.hang).get(path).status_code == 200
    world.client(world.admin).post(path)
    table.refresh_from_db()
    assert table.verified_by == world.admin.user
    assert table.verified_at <= datetime.datetime.now(datetime.UTC)


def test_an_issuer_is_changed_only_by_its_own_administrator(world):
    issuer = Issuer.objects.get()

    assert world.client(world.trong).get(f"/admin/lms-issuers/edit/{issuer.pk}/").status_code in (
        302,
        403,
        404,
    )
    assert world.client(world.admin).get(f"/admin/lms-issuers/edit/{issuer.pk}/").status_code == 200
