"""Erasing a person: what goes everywhere, what the register keeps, and what stands in the way."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from wagtail.log_actions import log

from certificates.actions import issue_for, seal
from certificates.models import Certificate, CreditEntry
from courses.actions.attempts import start
from courses.actions.attendance import take_back, tick
from courses.models import AttemptAnswer, Enrolment, Observation, Presence, WatchRecord
from lms import actions, clock
from lms.actions import RequestRefused
from lms.models import Consent, DataRequest, Erasure, Message, Person
from lms.queue import run_due
from tests.factories import cast as make
from tests.factories.programme import programme_a
from tests.kept import repeated
from website.accounts.consents import PRIVACY_VERSION

NAME = "Nguyễn Thị Chìmyến"
CANARIES = {
    "name": NAME,
    "folded name": "chimyen",
    "phone": "0912999777",
    "e-mail": "chim.yen@example.vn",
    "login": "tendangnhapyen",
    "licence": "009988/LCA-CCHN",
    "department": "khoayenlao",
    "message": "loinhanyen",
    "request": "yeucauyen",
    "reason": "lydoyen",
    "comment": "nhanxetyen",
    "address": "198.51.100.77",
}


@repeated
def planted(cast):
    """A learner with a certificate and traces in every table that has any, each with a word of its own."""
    course = programme_a(cast)
    assert course.issuer
    yen = make.person(
        NAME,
        login=CANARIES["login"],
        works_at=cast.bac_ha,
        licence=CANARIES["licence"],
        phone=CANARIES["phone"],
        email=CANARIES["e-mail"],
    )
    yen.affiliations.update(unit=CANARIES["department"])
    get_user_model().objects.filter(pk=yen.user_id).update(first_name="Chìmyến", email=CANARIES["e-mail"])
    done = course.enrol(yen)
    course.complete(done)
    seal(issue_for(done))
    run_due()
    Observation.objects.filter(enrolment=done).update(comment=CANARIES["comment"])
    start(done, lesson=course.lessons["pretest"], by=yen.user)
    # A second course, still being learnt, with evidence that was taken back.
    other = programme_a(cast, code="DQ-02", title="Phục hồi chức năng", video=course.video)
    learning = other.enrol(yen)
    other.watch(learning)
    row = tick(other.room, person=yen, by=cast.ha.user)
    take_back(row, reason=CANARIES["reason"], by=cast.hang.user)
    give = {"given": True, "text_version": PRIVACY_VERSION}
    actions.give_consent(yen, purpose="account", **give)
    actions.log_access(cast.sen.user, yen, what="record", purpose="kiểm tra")
    log(yen, "wagtail.edit", user=cast.ha.user)
    log(done, "wagtail.edit", user=cast.ha.user)
    Message.objects.create(
        person=yen,
        channel="email",
        address=CANARIES["e-mail"],
        event="test",
        key="k1",
        body=CANARIES["message"],
        created_at=clock.now(),
    )
    Message.objects.create(
        channel="sms",
        address=CANARIES["phone"],
        event="code",
        key="k2",
        body=f"{CANARIES['message']} 2",
        created_at=clock.now(),
    )
    device = cast.client(yen)
    UserSession.objects.create(
        user=yen.user, session_key=device.session.session_key, ip=CANARIES["address"], user_agent="Zalo"
    )
    return yen


def everything_stored() -> dict[str, str]:
    """Every table as text, the facts of the register left out; JSON is searched unescaped too."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            permitted = {"facts"} if table == "lms_certificates_certificate" else set()
            keep = [i for i, column in enumerate(cursor.description) if column[0] not in permitted]
            found[table] = "\n".join(
                _text(row[i]) for row in cursor.fetchall() for i in keep if row[i] is not None
            )
    return found


def _text(value) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def traces() -> set[tuple[str, str]]:
    """(table, canary) of every canary found."""
    forms = {
        name: {word, word.lower(), json.dumps(word)[1:-1], word.replace("/", "")}
        for name, word in CANARIES.items()
    }
    return {
        (table, name)
        for table, text in everything_stored().items()
        for name, words in forms.items()
        if any(word in text for word in words)
    }


def test_nothing_but_the_register_names_who_was_erased(cast, client):
    yen = planted(cast)
    actions.ask(yen, kind="correct", details=CANARIES["request"])
    found = {name for _table, name in traces()}
    assert found == set(CANARIES), "a canary was not planted: the test would prove nothing"
    call_command("lms_verify")

    erased = actions.erase_person(yen, by=cast.admin.user)

    assert traces() == set()
    assert erased.counts["lms.Person"] == 1
    yen = Person.objects.get(pk=yen.pk)
    assert (yen.state, yen.user, yen.birth_date, yen.profession) == ("erased", None, None, None)


def test_the_register_verifies_before_and_after(cast, client):
    yen = planted(cast)
    certificate = Certificate.objects.get()
    facts, file = bytes(certificate.facts), certificate.file_sha256
    call_command("lms_verify")

    actions.erase_person(yen, by=cast.admin.user)
    run_due()

    call_command("lms_verify")
    certificate.refresh_from_db()
    assert (bytes(certificate.facts), certificate.file_sha256) == (facts, file)
    assert certificate.said["holder"]["name"] == NAME
    assert CreditEntry.objects.posted().get().person == certificate.holder
    page = client.get(certificate.path).text
    assert certificate.number in page
    assert "Chìmyến" in page


def test_of_learning_only_what_a_certificate_rests_on_stays(cast):
    yen = planted(cast)
    seats = Enrolment.objects.get(person=yen, state="active").run

    actions.erase_person(yen, by=cast.admin.user)

    kept = Enrolment.objects.get(person=yen)
    assert kept.state == "completed"
    assert not WatchRecord.objects.filter(enrolment=kept).exists()
    assert not AttemptAnswer.objects.filter(attempt__enrolment=kept).exists()
    assert not Presence.objects.filter(person=yen).exists()
    seats.refresh_from_db()
    assert seats.seats_taken == 0


def test_others_lose_nothing(cast):
    yen = planted(cast)
    message = Message.objects.create(
        person=cast.lan, channel="inbox", event="x", key="lan", body="Chào chị Lan", created_at=clock.now()
    )
    lan = {field.name: getattr(cast.lan, field.attname) for field in Person._meta.concrete_fields}
    session = cast.client(cast.lan)

    actions.erase_person(yen, by=cast.admin.user)

    again = Person.objects.get(pk=cast.lan.pk)
    assert {field.name: getattr(again, field.attname) for field in Person._meta.concrete_fields} == lan
    assert Message.objects.filter(pk=message.pk).exists()
    assert session.get("/me/").status_code == 200


def test_a_second_erasure_changes_nothing(cast):
    yen = planted(cast)
    first = actions.erase_person(yen, by=cast.admin.user)
    before = everything_stored()

    assert actions.erase_person(yen, by=cast.admin.user) == first
    assert everything_stored() == before


def test_records_merged_into_the_person_are_erased_with_it(cast):
    old = make.person("Nguyễn Thị Chìmyến Cũ", phone="0912888777", works_at=cast.bac_ha)
    yen = make.person(NAME, works_at=cast.bac_ha)
    old.state, old.merged_into = Person.State.MERGED, yen
    old.save()

    actions.erase_person(yen, by=cast.admin.user)

    old.refresh_from_db()
    assert (old.full_name, old.phone, old.state) == ("(đã xóa)", "", "merged")


def test_who_holds_an_office_is_told_which_must_end_first(cast):
    with pytest.raises(RequestRefused) as refused:
        actions.erase_person(cast.ha, by=cast.admin.user)

    assert "Bắc Hà" in str(refused.value)
    cast.ha.refresh_from_db()
    assert cast.ha.full_name == "Nguyễn Thị Thu Hà"


def test_after_the_office_has_ended_the_acts_stay_and_the_name_goes(cast):
    room = programme_a(cast).room
    row = tick(room, person=cast.lan, by=cast.ha.user)
    actions.end_role(cast.ha.user.role_assignments.get(), by=cast.admin.user)

    actions.erase_person(cast.ha, by=cast.admin.user)

    row.refresh_from_db()
    assert row.recorded_by.username.startswith("erased-")
    assert not row.recorded_by.is_active
    assert not row.recorded_by.has_usable_password()


def test_the_erased_can_no_longer_sign_in_with_any_device(cast):
    yen = make.person(NAME, login="chimyen", works_at=cast.bac_ha)
    device = cast.client(yen)
    assert device.get("/me/").status_code == 200

    actions.erase_person(yen, by=cast.admin.user)

    assert device.get("/me/").status_code == 302


def test_consent_stays_as_proof_without_a_name(cast):
    yen = planted(cast)
    actions.erase_person(yen, by=cast.admin.user)

    assert Consent.objects.get(person=yen).text_version == PRIVACY_VERSION


def test_a_restored_backup_is_erased_again_by_the_list_of_uuids(cast, tmp_path):
    yen = planted(cast)
    lists = str(tmp_path / "erasures.json")
    Erasure.objects.create(person_uuid=yen.uuid, at=clock.now())
    call_command("lms_reapply_erasures", write=lists)
    Erasure.objects.all().delete()  # the backup was older than the erasure
    assert NAME not in (tmp_path / "erasures.json").read_text()

    call_command("lms_reapply_erasures", read=lists)

    assert traces() == set()
    call_command("lms_reapply_erasures", read=lists)
    assert Erasure.objects.count() == 1


def test_the_words_of_a_request_go_and_that_it_was_made_stays(cast):
    yen = make.person(NAME, login="chimyen", works_at=cast.bac_ha)
    row = actions.ask(yen, kind="erase", details=CANARIES["request"])

    actions.erase_on_request(row, by=cast.admin.user)

    row = DataRequest.objects.get(pk=row.pk)
    assert (row.state, row.details) == ("done", "")
    assert row.person.state == "erased"


def test_who_was_erased_is_told_by_e_mail(cast, mailoutbox, django_capture_on_commit_callbacks):
    yen = make.person(NAME, login="chimyen", works_at=cast.bac_ha, email="chim@example.vn")
    row = actions.ask(yen, kind="erase")

    with django_capture_on_commit_callbacks(execute=True):
        actions.erase_on_request(row, by=cast.admin.user)

    assert mailoutbox[-1].to == ["chim@example.vn"]


@pytest.mark.race
def test_the_database_file_holds_nothing_either(race_db, race_cast):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps deleted rows in a file of ours")
    yen = planted(race_cast)
    secret = CANARIES["message"].encode()

    def on_disk() -> bool:
        from pathlib import Path

        return any(
            secret in path.read_bytes()
            for path in Path(race_db.name).parent.glob(Path(race_db.name).name + "*")
        )

    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert on_disk()

    actions.erase_person(yen, by=race_cast.admin.user)

    assert not on_disk()
