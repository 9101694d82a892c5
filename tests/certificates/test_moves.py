"""What is certified for somebody who was moved is what the version they completed says."""

from decimal import Decimal

from certificates.actions import issue_for
from courses.actions import moves, progress
from courses.models import Enrolment, Release
from lms import clock, verify
from tests.courses.test_moves import REASON, Reading, next_version
from tests.factories import certificates as make
from tests.factories import live
from tests.factories.live import moment


def test_the_certificate_names_the_hours_and_the_decision_of_the_version_completed(cast):
    with clock.at(moment("08:00")):
        make.issuer(cast.bach_mai)
        make.rules()
        make.scheme()
        reading = Reading(cast)
        type(reading.run).objects.filter(pk=reading.run.pk).update(starts_on="2026-11-23")
        added = live.lesson(reading.course, "reading", periods="2")
        to = next_version(reading.course)
        Release.objects.filter(pk=to.pk).update(decision_number="2026/QĐ-BM")
        reading.run.refresh_from_db()
        moves.move(reading.run, to=to, by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2")
    with clock.at(moment("09:00")):
        for lesson in (reading.lessons[2], added):
            progress.mark_read(reading.lan, lesson=lesson)
        lan = Enrolment.objects.get(pk=reading.lan.pk)
        assert lan.state == Enrolment.State.COMPLETED
        certificate = issue_for(lan)

    assert certificate.hours == Decimal(5)
    assert "2026/QĐ-BM" in str(certificate.said)
    assert [str(breach) for _name, breach in verify.breaches("lms_courses.")] == []
    assert [str(breach) for _name, breach in verify.breaches("lms_certificates.")] == []
