"""What is forgotten when: nothing younger than its period, nothing a certificate rests on, nothing in a dry run."""

import datetime
import io

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certificates.actions import issue_for, seal
from courses.models import Attempt, AttemptAnswer, WatchRecord
from lms import actions, clock, media, retention
from lms.models import AccessLog, DataRequest, Invitation, Message, PeopleImport
from lms.queue import run_due
from tests.cast import Cast
from tests.factories import cast as make
from tests.factories.programme import programme_a

DAY = datetime.timedelta(days=1)


def rule(name: str) -> retention.Rule:
    return next(one for one in retention.rules() if one.name == name)


def looked(cast, days_ago: float):
    with clock.at(clock.now() - days_ago * DAY):
        return actions.log_access(cast.sen.user, cast.lan, what="the whole record", purpose=str(days_ago))


def test_the_access_log_is_kept_two_years(cast):
    looked(cast, 729)
    looked(cast, 731)

    assert retention.apply(rule("lms.access_log")) == 1
    assert AccessLog.objects.get().purpose == "729"


def test_a_dry_run_counts_and_changes_nothing(cast):
    looked(cast, 800)
    out = io.StringIO()

    call_command("lms_retention", "--dry-run", stdout=out)

    assert "lms.access_log: 1 due" in out.getvalue()
    assert AccessLog.objects.count() == 1


def test_the_command_and_the_job_do_the_same(cast):
    looked(cast, 800)
    call_command("lms_retention", stdout=io.StringIO())
    assert not AccessLog.objects.exists()

    looked(cast, 800)
    from lms.queue import tick

    tick()
    run_due()
    assert not AccessLog.objects.exists()


def test_periods_are_settings(cast, settings):
    settings.LMS_KEEP_ACCESS_LOG_DAYS = 1000
    looked(cast, 999)
    looked(cast, 1001)

    assert retention.apply(rule("lms.access_log")) == 1


def test_of_an_old_message_stays_that_it_was_sent(cast):
    row = Message.objects.create(
        person=cast.lan,
        channel="email",
        address="lan@example.vn",
        event="reminder",
        key="k",
        subject="Nhắc",
        body="Chị Lan ơi",
        created_at=clock.now() - 181 * DAY,
    )

    assert retention.apply(rule("lms.messages")) == 1
    row.refresh_from_db()
    assert (row.body, row.address, row.event) == ("", "", "reminder")
    assert retention.apply(rule("lms.messages")) == 0


def test_files_of_imports_and_copies_go_and_their_rows_stay(cast):
    for name in ("imports/x.csv", "exports/x.zip"):
        media.save(name, b"x")
    handed = PeopleImport.objects.create(
        facility=cast.bac_ha,
        original_name="x.csv",
        file="imports/x.csv",
        sha256="0" * 64,
        created_at=clock.now() - 31 * DAY,
    )
    asked = actions.ask(cast.lan, kind="export")
    DataRequest.objects.filter(pk=asked.pk).update(
        state="done", closed_at=clock.now() - 8 * DAY, file="exports/x.zip"
    )

    call_command("lms_retention", stdout=io.StringIO())

    assert not media.storage().exists("imports/x.csv")
    assert not media.storage().exists("exports/x.zip")
    handed.refresh_from_db()
    asked.refresh_from_db()
    assert (handed.file, asked.file) == ("", "")


def test_where_an_invitation_was_sent_is_forgotten(cast):
    row = Invitation.objects.create(
        person=cast.my,
        facility=cast.bac_ha,
        code_hash="x",
        sent_to="0912",
        created_at=clock.now() - 130 * DAY,
        expires_at=clock.now() - 100 * DAY,
    )

    retention.apply(rule("lms.invitations"))

    row.refresh_from_db()
    assert row.sent_to == ""


# --- learning


@pytest.fixture
def course(cast):
    made = programme_a(cast)
    assert made.issuer
    return made


def test_of_an_old_sign_in_stays_the_network_and_not_the_address(cast):
    cast.client(cast.lan)
    for number, (ip, days) in enumerate(
        [("203.0.113.77", 31), ("2001:db8:1:2::7", 31), ("203.0.113.78", 29)]
    ):
        row = UserSession.objects.create(user=cast.lan.user, ip=ip, session_key=f"k{number}", user_agent="x")
        UserSession.objects.filter(pk=row.pk).update(created_at=clock.now() - days * DAY)

    assert retention.apply(rule("website.session_addresses")) == 2

    kept = {row.ip for row in UserSession.objects.filter(session_key__startswith="k")}
    assert kept == {"203.0.113.0", "2001:db8:1::", "203.0.113.78"}
    assert retention.apply(rule("website.session_addresses")) == 0


def test_of_old_watching_stays_how_much_and_not_which_parts(cast, course):
    enrolment = course.complete(course.enrol(cast.lan))
    record = WatchRecord.objects.get(enrolment=enrolment)
    WatchRecord.objects.update(bits=b"\xaa", credited=4, updated_at=clock.now() - 366 * DAY)

    assert retention.apply(rule("lms_courses.watching")) == 1

    record.refresh_from_db()
    assert (bytes(record.bits), record.credited, record.position) == (b"\x0f", 4, 0)
    assert retention.apply(rule("lms_courses.watching")) == 0


def test_who_still_learns_goes_on_where_he_stopped(cast, course):
    enrolment = course.enrol(cast.lan)
    course.watch(enrolment)
    WatchRecord.objects.update(updated_at=clock.now() - 400 * DAY)

    assert retention.apply(rule("lms_courses.watching")) == 0


def test_questions_and_answers_go_after_five_years_and_the_score_stays(cast, course):
    enrolment = course.complete(course.enrol(cast.lan))
    attempt = Attempt.objects.get(enrolment=enrolment)
    Attempt.objects.update(finished_at=clock.now() - 1827 * DAY)

    assert retention.apply(rule("lms_courses.attempts")) == 1

    again = Attempt.objects.get(pk=attempt.pk)
    assert (again.frozen, again.pct, again.passed) == ({}, attempt.pct, True)
    assert not AttemptAnswer.objects.filter(attempt=attempt).exists()


def test_evidence_of_a_certificate_is_left_whole_while_the_authority_may_ask(cast, course):
    enrolment = course.complete(course.enrol(cast.lan))
    certificate = seal(issue_for(enrolment))
    Attempt.objects.update(finished_at=clock.now() - 3000 * DAY)
    WatchRecord.objects.update(updated_at=clock.now() - 3000 * DAY)

    call_command("lms_retention", stdout=io.StringIO())

    attempt = Attempt.objects.get(enrolment=enrolment)
    assert attempt.frozen
    assert attempt.answers.count() == 5
    call_command("lms_verify", only="lms_courses")

    type(certificate).objects.update(issued_at=clock.now() - 1830 * DAY)
    assert retention.apply(rule("lms_courses.attempts")) == 1


def test_everything_still_verifies_after_all_was_forgotten(cast, course):
    seal(issue_for(course.complete(course.enrol(cast.lan))))
    course.watch(course.enrol(cast.minh))
    run_due()

    with clock.at(clock.now() + 4000 * DAY):
        call_command("lms_retention", stdout=io.StringIO())

    call_command("lms_verify")


class Ages(TestCase):
    """Rows of any age against every period."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 3000), min_size=1, max_size=8), st.integers(1, 2500))
    def test_nothing_younger_than_its_period_ever_goes(self, ages, period):
        cast = Cast()
        lan = make.person("Nguyễn Thị Lan", works_at=cast.bac_ha)
        now = clock.now()
        for number, age in enumerate(ages):
            moment = now - age * DAY
            AccessLog.objects.create(person=lan, what="x", at=moment)
            Message.objects.create(
                person=lan,
                channel="inbox",
                event="x",
                key=f"{lan.pk}-{number}",
                body="Chào",
                created_at=moment,
            )
        keep = {"LMS_KEEP_ACCESS_LOG_DAYS": period, "LMS_KEEP_MESSAGE_TEXT_DAYS": period}

        with self.settings(**keep), clock.at(now):
            for name in ("lms.access_log", "lms.messages"):
                retention.apply(rule(name))

        looks = AccessLog.objects.filter(person=lan)
        two_years = max(period, 730)
        assert sorted((now - row.at).days for row in looks) == sorted(age for age in ages if age <= two_years)
        said = Message.objects.filter(person=lan).exclude(body="")
        kept = sorted(age for age in ages if age <= period)
        assert sorted((now - row.created_at).days for row in said) == kept
