"""Several activities of one person on one certificate: put together, credited, ended and explained row by row."""

import io
import json
import zipfile

import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from certificates.actions import (
    approve_batch,
    evidence_pack,
    freeze_batch,
    freeze_by_person,
    issue_for,
    post_credit,
    seal,
)
from certificates.actions.batches import BatchRefused
from certificates.actions.readiness import NotReady
from certificates.models import Batch, Certificate, Issuer
from certificates.pending import certifiable, uncertified
from certificates.permissions import NotAllowed
from lms import media
from lms.verify import breaches
from tests.factories import cast as people
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede
from tests.kept import repeated

TITLES = ["Kiểm soát nhiễm khuẩn", "Nhận biết đột quỵ", "Siêu âm tim tại giường"]
HOURS = ["8", "4", "1.5"]
REASON = "Ghi nhầm đơn vị công tác."


@pytest.fixture
@repeated
def world(cast):
    """Lan completed three credited courses of Bạch Mai, Minh two; the issuer issues in batches."""
    make.ready(cast.bach_mai)
    Issuer.objects.update(issues_automatically=False)
    cast.issuer = Issuer.objects.get()
    cast.runs = [
        make.run(cast.bach_mai, title=title, periods=hours)
        for title, hours in zip(TITLES, HOURS, strict=True)
    ]
    cast.hers = [make.completed(cast.lan, run) for run in cast.runs]
    cast.his = [make.completed(cast.minh, run) for run in cast.runs[:2]]
    for one in cast.hers + cast.his:
        post_credit(one)
    other = people.person("Hoàng Đình Cảnh", login="canh")
    people.role(other, "certificate_signer", cast.bach_mai)
    cast.second = other
    return cast


def sound() -> bool:
    """Whether register and ledger hold together."""
    checks = ("numbers", "facts", "files", "log", "credit")
    return not [one for name in checks for one in breaches(f"lms_certificates.{name}")]


def together(world, enrolments) -> list[Certificate]:
    """The enrolments certified by the two offices, one certificate for each person."""
    batch = freeze_by_person(world.issuer, by=world.hang.user, enrolments=[one.pk for one in enrolments])
    return list(approve_batch(batch, by=world.dao.user).certificates.order_by("sequence"))


def test_each_person_gets_one_certificate_with_a_row_and_the_hours_of_each_activity(world):
    lan, minh = together(world, world.hers + world.his)

    assert (lan.holder, minh.holder) == (world.lan, world.minh)
    assert [row["content"] for row in lan.rows] == TITLES
    assert [row["hours"] for row in lan.rows] == ["8.00", "4.00", "1.50"]
    assert {row["rule"]["code"] for row in lan.rows} == {"COURSE_LEARNER"}
    assert (str(lan.hours), lan.said["total"], str(minh.hours)) == ("13.50", "13.50", "12.00")
    assert lan.said["legal_basis"].count("1284/QĐ-BM") == 1
    assert [(f"{one.hours}", one.certificate) for one in world.lan.credit_entries.order_by("pk")] == [
        (row["hours"], lan) for row in lan.rows
    ]
    with media.storage().open(seal(lan).file) as file:
        text = " ".join(PdfReader(io.BytesIO(file.read())).pages[0].extract_text().split())
    assert all(title in text for title in TITLES)
    seal(minh)
    assert sound()


def test_whoever_checks_sees_every_row(world):
    [lan] = together(world, world.hers)

    page = world.client().get(lan.path).text
    told = world.client().get(f"/api/v1/certificates/{lan.code}").json()

    assert all(title in page for title in TITLES)
    assert [(row["content"], row["hours"]) for row in told["activities"]] == [
        (row["content"], row["hours"]) for row in lan.rows
    ]
    assert all(title in world.client(world.lan).get("/certificates/").text for title in TITLES)
    assert all(
        title in world.client(world.dao).get(f"/admin/lms-certificates/inspect/{lan.pk}/").text
        for title in TITLES
    )


def test_the_evidence_explains_each_activity(world):
    [lan] = together(world, world.hers)

    with zipfile.ZipFile(io.BytesIO(evidence_pack(lan))) as archive:
        told = {
            name: json.loads(archive.read(f"{name}.json")) for name in ("completion", "release", "register")
        }

    origins = [f"enrolment:{one.pk}" for one in world.hers]
    assert [one["certifies"] for one in told["completion"]] == origins
    assert [one["title"]["vi"] for one in told["release"]] == TITLES
    assert [one["for"] for one in told["register"]["credit"]] == origins


def test_one_activity_is_certified_once_whatever_is_asked_afterwards(world):
    [lan] = together(world, world.hers[:2])

    assert issue_for(world.hers[0], by=world.dao.user) == lan
    with pytest.raises(NotReady, match=lan.number):
        issue_for(*world.hers[1:], by=world.dao.user)
    with pytest.raises(BatchRefused):
        freeze_batch(world.runs[0], by=world.hang.user, enrolments=[world.hers[0].pk])
    third = issue_for(world.hers[2], by=world.dao.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        third.activities.update(origin_key=lan.rows[0]["origin"])
    assert Certificate.objects.count() == 2


def test_kinds_and_people_are_not_mixed_on_one_sheet(world):
    plain = make.completed(world.lan, make.run(world.bach_mai, title="Định hướng", rule_code="", periods="0"))

    with pytest.raises(BatchRefused, match="giờ tín chỉ"):
        freeze_by_person(world.issuer, by=world.hang.user, enrolments=[world.hers[0].pk, plain.pk])
    with pytest.raises(NotReady, match="khác nhau"):
        issue_for(world.hers[0], world.his[1], by=world.dao.user)
    assert not Batch.objects.exists()


def test_who_builds_no_batches_here_freezes_nothing(world):
    for who in (world.trong, world.lan, world.mo):
        with pytest.raises(NotAllowed):
            freeze_by_person(world.issuer, by=who.user, enrolments=[one.pk for one in world.hers])


def test_a_revoked_certificate_frees_its_activities_and_two_people_issue_them_anew(world):
    [old] = together(world, world.hers)
    revoke(old, by=world.second.user, reason=REASON)

    assert world.lan.credit_entries.posted().hours() == 0
    assert issue_for(world.hers[0]) == old, "nothing comes back by itself"
    assert not uncertified().filter(person=world.lan).exists()
    assert certifiable().filter(person=world.lan).count() == 3
    page = world.client(world.hang).get(f"/certificates/batches/issuer/{world.issuer.pk}/").text
    assert REASON in page

    [two] = together(world, world.hers[:2])
    one = approve_batch(
        freeze_batch(world.runs[2], by=world.hang.user, enrolments=[world.hers[2].pk]), by=world.dao.user
    ).certificates.get()

    assert (len(two.rows), len(one.rows)) == (2, 1)
    posted = world.lan.credit_entries.posted()
    assert [entry.replaces.certificate for entry in posted] == [old] * 3
    assert {entry.certificate for entry in posted} == {two, one}
    assert posted.hours() == 13.5
    for paper in (old, two, one):
        seal(paper)
    assert sound()


def test_what_was_revoked_after_the_freezing_needs_a_new_batch(world):
    waits = freeze_batch(world.runs[0], by=world.hang.user, enrolments=[world.hers[0].pk])
    [paper] = together(world, world.hers)
    revoke(paper, by=world.second.user, reason=REASON)

    with pytest.raises(BatchRefused):
        approve_batch(waits, by=world.dao.user)


def test_a_replaced_certificate_hands_every_activity_on(world):
    [old] = together(world, world.hers)
    world.lan.full_name = "Nguyễn Thị Làn"
    world.lan.save()

    new = supersede(old, by=world.second.user, reason="Sai dấu trong tên.")

    assert [row["origin"] for row in new.rows] == [row["origin"] for row in old.rows]
    assert not old.activities.filter(stands=True).exists()
    assert new.activities.filter(stands=True).count() == 3
    assert {entry.certificate for entry in world.lan.credit_entries.posted()} == {new}
    assert world.lan.credit_entries.posted().hours() == 13.5


def test_the_office_puts_them_together_on_a_page_of_its_own(world):
    client, path = world.client(world.hang), f"/certificates/batches/issuer/{world.issuer.pk}/"

    assert path in client.get("/certificates/batches/").text
    page = client.get(path)
    assert [len(rows) for rows in page.context["people"]] == [3, 2]
    client.post(path, {"enrolment": [one.pk for one in world.hers]})
    batch = Batch.objects.get()
    assert [len(rows) for rows in client.get(path).context["people"]] == [2], "who waits is not offered again"
    shown = world.client(world.dao).get(f"/certificates/batches/{batch.pk}/").text
    assert all(title in shown for title in TITLES)
    draft = world.client(world.dao).get(f"/certificates/batches/{batch.pk}/draft/{world.hers[2].pk}/")
    assert "MẪU" in PdfReader(io.BytesIO(draft.content)).pages[0].extract_text()


@pytest.mark.parametrize("who", ["trong", "hoa", "lan", "mo", "ung"])
def test_no_other_hospital_and_no_other_role_opens_that_page(world, who):
    path = f"/certificates/batches/issuer/{world.issuer.pk}/"

    assert world.client(getattr(world, who)).get(path).status_code == 404


@pytest.mark.parametrize(
    "change", ["hours = 9", "origin_key = 'enrolment:0'", "stands = FALSE", "content = 'x'"]
)
def test_a_row_changed_behind_our_back_is_found(world, change):
    together(world, world.hers)
    assert not list(breaches("lms_certificates.facts"))

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE lms_certificates_certificateactivity SET {change} WHERE position = 2")

    assert list(breaches("lms_certificates.facts"))
