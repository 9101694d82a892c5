"""From a completion to an entry of the register and a sealed file."""

import datetime
from contextlib import ExitStack, contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certificates import jobs
from certificates.actions import issue_for, owing, seal
from certificates.actions.assessing import assess
from certificates.actions.readiness import NotReady
from certificates.facts import canonical, check_code, sha256
from certificates.models import Certificate, CreditEntry, Issuer, LogEntry, NumberSeries, Rule
from certificates.models.issuers import Kind
from certificates.pending import uncertified
from courses.models import Enrolment
from courses.signals import enrolment_completed
from lms import clock, media, queue
from lms.models import FacilityName, Job, Person
from lms.verify import breaches
from tests.factories import certificates as make


def test_a_completion_brings_one_certificate_and_one_credit_entry(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))

    with clock.at(make.NOON):
        enrolment_completed.send(type(enrolment), enrolment=enrolment)
        queue.run_due()

    certificate = Certificate.objects.get()
    assert certificate.number == "00001/2026/GCN-BVBM"
    assert certificate.sealed_at
    assert check_code(certificate.code) == certificate.code
    assert str(cast.lan.credit_entries.get().hours) == "8.00"
    assert cast.lan.credit_entries.get().certificate == certificate
    assert {entry.event for entry in certificate.log.all()} == {"issued", "sealed"}


def test_issuing_twice_changes_nothing(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))

    assert issue_for(enrolment) == issue_for(enrolment)
    assert NumberSeries.objects.get().last == 1
    assert Job.objects.filter(kind="lms_certificates.seal").count() == 1


def test_the_facts_hold_every_printed_word(cast):
    run = make.ready(cast.bach_mai)
    with clock.at(make.NOON):
        said = issue_for(make.completed(cast.lan, run)).said

    assert said["holder"] == {
        "name": "Nguyễn Thị Lan",
        "birth": "08/03/1990",
        "workplace": "Bệnh viện Đa khoa khu vực Bắc Hà",
    }
    assert said["activities"][0]["time"] == "05/10/2026 – 12/11/2026"
    assert said["activities"][0]["responsible"] == "Bệnh viện Bạch Mai"
    assert said["total"] == "8.00"
    assert said["date"] == "2026-11-12"
    assert said["activities"][0]["rule"]["code"] == "COURSE_LEARNER"
    assert "1284/QĐ-BM" in said["legal_basis"]
    assert said["url"].endswith(f"/V/{said['code']}")
    assert said["url"] == said["url"].upper()


def test_the_year_of_a_number_is_that_of_hanoi(cast):
    run = make.ready(cast.bach_mai)
    new_year = datetime.datetime(2026, 12, 31, 17, 30, tzinfo=datetime.UTC)

    with clock.at(new_year - datetime.timedelta(hours=1)):
        old = issue_for(make.completed(cast.lan, run))
    with clock.at(new_year):
        new = issue_for(make.completed(cast.minh, run))

    assert (old.number, new.number) == ("00001/2026/GCN-BVBM", "00001/2027/GCN-BVBM")
    assert new.said["date"] == "2027-01-01"


def test_each_issuer_counts_for_itself(cast):
    one = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    other = issue_for(make.completed(cast.lan, make.ready(cast.viet_duc)))

    assert (one.sequence, other.sequence) == (1, 1)


def test_a_course_without_credit_gets_a_certificate_of_completion(cast):
    make.ready(cast.bach_mai)
    certificate = issue_for(make.completed(cast.lan, make.run(cast.bach_mai, periods="0")))

    assert certificate.kind == "COMPLETION"
    assert certificate.rows[0]["rule"] is None


def test_somebody_without_birth_date_waits_and_no_number_is_spent(cast):
    run = make.ready(cast.bach_mai)
    Person.objects.filter(pk=cast.lan.pk).update(birth_date=None, birth_year=None)
    enrolment = make.completed(Person.objects.get(pk=cast.lan.pk), run)

    with clock.at(make.NOON):
        enrolment_completed.send(type(enrolment), enrolment=enrolment)
        queue.run_due()

    job = Job.objects.get(kind="lms_certificates.issue")
    assert (job.state, job.attempts) == (Job.State.DEAD, 1)
    assert "Neither the birth date nor the birth year is known." in job.error or "ngày sinh" in job.error
    assert not NumberSeries.objects.filter(last__gt=0).exists()


def test_the_sweep_certifies_whoever_was_mended_since(cast):
    test_somebody_without_birth_date_waits_and_no_number_is_spent(cast)
    cast.lan.birth_date = datetime.date(1990, 3, 8)
    cast.lan.save()

    queue.enqueue("lms_certificates.sweep", "now")
    queue.run_due()

    assert Certificate.objects.get().sequence == 1


@pytest.mark.parametrize("name", ["Nguyễn 😀 Lan", "山田 太郎"])
def test_a_name_that_cannot_be_printed_spends_no_number(cast, name):
    run = make.ready(cast.bach_mai)
    Person.objects.filter(pk=cast.lan.pk).update(full_name=name)

    with pytest.raises(NotReady):
        issue_for(make.completed(Person.objects.get(pk=cast.lan.pk), run))
    assert not NumberSeries.objects.exists()


def test_a_provisional_person_is_not_certified(cast):
    cast.my.state = Person.State.PROVISIONAL
    cast.my.save()

    with pytest.raises(NotReady):
        issue_for(make.completed(cast.my, make.ready(cast.bach_mai)))


def test_an_issuer_of_batches_does_not_issue_by_itself(cast):
    run = make.ready(cast.bach_mai)
    Issuer.objects.update(issues_automatically=False)
    enrolment = make.completed(cast.lan, run)

    enrolment_completed.send(type(enrolment), enrolment=enrolment)
    queue.run_due()

    assert not Certificate.objects.exists()
    with pytest.raises(NotReady):
        issue_for(enrolment)


def test_a_renamed_facility_keeps_the_name_of_the_day(cast):
    run = make.ready(cast.bach_mai)
    FacilityName.objects.create(
        facility=cast.luc_yen, name="Trung tâm Y tế huyện Lục Yên", valid_to=datetime.date(2025, 6, 30)
    )
    make.rules("TT-2024", datetime.date(2023, 1, 1))
    before = datetime.datetime(2024, 5, 2, 9, 0, tzinfo=make.HANOI)
    old = issue_for(make.completed(cast.minh, run, at=before))
    new = issue_for(make.completed(cast.po, run))

    assert old.said["holder"]["workplace"] == "Trung tâm Y tế huyện Lục Yên"
    assert new.said["holder"]["workplace"] == "Trung tâm Y tế khu vực Lục Yên"


def test_a_later_change_of_name_alters_no_old_file(cast):
    certificate = seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))
    cast.lan.full_name = "Nguyễn Thị Hồng Lan"
    cast.lan.save()
    Issuer.objects.update(signatory_name="Người Khác", place="Huế")

    again = seal(Certificate.objects.get(pk=certificate.pk))

    with media.storage().open(again.file) as file:
        assert sha256(file.read()) == certificate.file_sha256 == again.file_sha256
    assert again.said["holder"]["name"] == "Nguyễn Thị Lan"


def test_sealing_twice_writes_one_event(cast):
    certificate = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    stale = Certificate.objects.get(pk=certificate.pk)

    seal(certificate)
    seal(stale)

    assert LogEntry.objects.filter(event="sealed").count() == 1


def test_the_register_leaf_carries_no_name(cast):
    certificate = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    leaf = bytes(certificate.log.get().leaf)

    assert b"Lan" not in leaf
    assert certificate.code.encode() not in leaf
    assert canonical(certificate.said) == bytes(certificate.facts)


def test_the_database_refuses_a_second_certificate_for_one_completion(cast):
    certificate = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    values = {f.attname: getattr(certificate, f.attname) for f in Certificate._meta.concrete_fields}
    for name in ("id", "uuid"):
        values.pop(name)

    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(**values | {"code": "X" * 18})
    other = issue_for(make.completed(cast.minh, make.run(cast.bach_mai)))
    with pytest.raises(IntegrityError), transaction.atomic():
        other.activities.update(origin_key=certificate.activities.get().origin_key)


@pytest.mark.parametrize(
    "pattern",
    [
        "{seq}",
        "{year}-{issuer}",
        "{seq}/{year}/{secret}",
        "{seq",
        "{issuer.pk}{seq}{year}",
        "{seq:05d}/{year}/GCN-{issuer}",
    ],
)
def test_a_number_pattern_that_may_repeat_or_break_is_refused(cast, pattern):
    from django.core.exceptions import ValidationError

    issuer = make.issuer(cast.bach_mai)
    issuer.number_pattern = pattern
    with pytest.raises(ValidationError):
        issuer.full_clean()


def test_a_pattern_that_names_the_kind_is_taken(cast):
    issuer = make.issuer(cast.bach_mai)
    for issuer.number_pattern in ("{seq:05d}/{year}/{kind}-{issuer}", "{kind}/{issuer}/{year}-{seq}"):
        issuer.full_clean()


def test_two_kinds_of_one_issuer_never_print_one_number(cast):
    """Each kind is numbered from 1 every year; what is printed tells them apart."""
    credited = issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    plain = issue_for(make.completed(cast.minh, make.run(cast.bach_mai, title="Định hướng", rule_code="")))

    assert (credited.kind, plain.kind) == (Kind.CME, Kind.COMPLETION)
    assert credited.sequence == plain.sequence == 1
    assert (credited.number, plain.number) == ("00001/2026/GCN-BVBM", "00001/2026/GCNHT-BVBM")


def test_a_pattern_from_before_repeats_no_number(cast):
    """What was issued stays; another kind waits until the pattern names it."""
    run = make.ready(cast.bach_mai)
    Issuer.objects.update(number_pattern="{seq:05d}/{year}/GCN-{issuer}")

    assert issue_for(make.completed(cast.lan, run)).number == "00001/2026/GCN-BVBM"
    with pytest.raises(NotReady, match="{kind}"):
        issue_for(make.completed(cast.minh, make.run(cast.bach_mai, title="Định hướng", rule_code="")))


def sweep():
    """What the sweep of this moment asks for is done."""
    queue.enqueue("lms_certificates.sweep", "now")
    queue.run_due()


def test_the_sweep_credits_whoever_waited_for_a_rule_once_the_table_has_it(cast):
    make.issuer(cast.bach_mai)
    table = make.rules(values={"CASE_MEETING": ("fixed", "1")})
    enrolment = make.completed(cast.lan, make.run(cast.bach_mai))
    with clock.at(make.NOON):
        enrolment_completed.send(type(enrolment), enrolment=enrolment)
        queue.run_due()
    dead = Job.objects.filter(state=Job.State.DEAD)
    both = ["lms_certificates.issue", "lms_certificates.post_credit"]
    assert sorted(dead.values_list("kind", flat=True)) == both

    sweep()
    assert (dead.count(), CreditEntry.objects.count()) == (2, 0), "nothing is tried that cannot succeed"
    Rule.objects.create(ruleset=table, code="COURSE_LEARNER", mode="per_period", value=1)
    sweep()
    sweep()

    posted = CreditEntry.objects.get()
    assert (str(posted.hours), posted.certificate) == ("8.00", Certificate.objects.get())
    assert not dead.exists(), "a failure that was mended is no alarm any more"


def test_five_hundred_who_must_wait_keep_nobody_else_from_a_certificate_or_credit(cast):
    """Of the oldest, some have no birth date, some a provider that issues in batches, some no rule."""
    run = make.ready(cast.bach_mai)
    make.issuer(cast.viet_duc, issues_automatically=False)
    undated, batches = make.run(cast.bach_mai, rule_code=""), make.run(cast.viet_duc, rule_code="")
    nowhere = make.run(cast.bach_mai, rule_code="KHONG_CO")
    Person.objects.filter(pk=cast.minh.pk).update(birth_date=None, birth_year=None)
    for number, (person, course) in enumerate([(cast.minh, undated), (cast.my, batches), (cast.po, nowhere)]):
        Enrolment.objects.bulk_create(
            Enrolment(
                run=course,
                person=person,
                episode=episode,
                state=Enrolment.State.COMPLETED,
                enrolled_at=make.NOON - datetime.timedelta(days=20),
                completed_at=make.NOON + datetime.timedelta(seconds=1000 * number + episode),
                completion={},
            )
            for episode in range(1, 502)
        )
    make.completed(cast.lan, run, at=make.NOON + datetime.timedelta(hours=2))

    sweep()

    assert Certificate.objects.get().holder == cast.lan
    assert CreditEntry.objects.of(cast.lan).posted().count() == 1


def test_looking_at_a_hundred_who_must_wait_takes_a_handful_of_queries(cast, django_assert_max_num_queries):
    run = make.ready(cast.bach_mai)
    Person.objects.filter(pk=cast.minh.pk).update(birth_date=None, birth_year=None)
    learnt = [cast.lan, *[Person.objects.get(pk=cast.minh.pk)] * 100]
    for number, person in enumerate(learnt, start=1):
        one = make.completed(person, make.run(cast.bach_mai) if number == 1 else run)
        Enrolment.objects.filter(pk=one.pk).update(episode=number + 1)

    with django_assert_max_num_queries(25):
        [ready] = owing.owed_certificates()
    assert ready.person == cast.lan
    # PostgreSQL is asked for its time as well.
    with django_assert_max_num_queries(3 + (connection.vendor == "postgresql")):
        assert len(list(owing.owed_credit())) == 101
    with CaptureQueriesContext(connection) as naive:
        assert [one for one in uncertified() if assess(one).is_ready] == [ready]
    assert len(naive) > 25


def test_the_sweep_asks_for_a_part_of_many_and_for_the_rest_the_next_time(cast, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    run = make.ready(cast.bach_mai)
    for person in (cast.lan, cast.minh, cast.my):
        make.completed(person, run)

    sweep()
    assert (Certificate.objects.count(), CreditEntry.objects.count()) == (2, 2)
    sweep()
    assert (Certificate.objects.count(), CreditEntry.objects.count()) == (3, 3)


@contextmanager
def waiting_for_the_series_until(moment):
    """The lock on the first series of numbers is only had at *moment*, as behind a large batch."""
    with ExitStack() as stack:

        def wait(execute, sql, params, many, context):
            found = execute(sql, params, many, context)
            if clock.frozen() != moment and sql.startswith("SELECT") and "numberseries" in sql:
                stack.enter_context(clock.at(moment))
            return found

        stack.enter_context(connection.execute_wrapper(wait))
        yield


@pytest.mark.parametrize(
    ("before", "after", "number", "day"),
    [
        ((2026, 11, 12), (2026, 11, 13), "00001/2026/GCN-BVBM", "2026-11-13"),
        ((2026, 12, 31), (2027, 1, 1), "00001/2027/GCN-BVBM", "2027-01-01"),
    ],
)
def test_whoever_waits_for_a_number_over_midnight_gets_it_with_the_day_on_which_it_is_taken(
    cast, before, after, number, day
):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))
    late = datetime.datetime(*before, 23, 59, 59, tzinfo=make.HANOI)
    early = datetime.datetime(*after, 0, 0, 1, tzinfo=make.HANOI)

    with clock.at(late), waiting_for_the_series_until(early):
        paper = issue_for(enrolment)

    assert (paper.number, paper.said["date"], paper.issued_at) == (number, day, early)
    assert paper.log.get().at == early
    assert not list(breaches("lms_certificates.numbers"))
