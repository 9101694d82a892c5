"""lms_verify finds what somebody changed behind the actions' back, and nothing in an honest history."""

import pytest
from django.db import connection

from certificates import guards, wording
from certificates.actions import issue_for, post_credit, seal
from certificates.models import Certificate, CreditEntry, LogEntry, NumberSeries, Rule
from courses.actions import reviews
from courses.models import Enrolment, Run
from lms import media, queue
from lms.models import Job
from lms.verify import breaches
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede
from tests.kept import repeated


@pytest.fixture
@repeated
def history(cast):
    """An honest history: valid, replaced and revoked certificates with their credit."""
    run = make.ready(cast.bach_mai)
    papers = []
    for person in (cast.lan, cast.minh, cast.my):
        enrolment = make.completed(person, run)
        post_credit(enrolment)
        papers.append(seal(issue_for(enrolment)))
    seal(supersede(papers[1], by=cast.dao.user, reason="Sai dấu trong tên."))
    revoke(papers[2], by=cast.dao.user, reason="Cấp nhầm người.")
    return papers


def found() -> set[str]:
    """The names of the broken invariants of this app."""
    return {name.partition(".")[2] for name, _breach in breaches("lms_certificates")}


def test_an_honest_history_raises_no_alarm(history):
    assert list(breaches("lms_certificates")) == []


def _file(paper, change):
    with media.storage().open(paper.file) as file:
        data = file.read()
    media.save(paper.file, change(data))


@pytest.mark.parametrize(
    ("attack", "alarm"),
    [
        (lambda p: NumberSeries.objects.update(last=9), "numbers"),
        (lambda p: Certificate.objects.filter(pk=p.pk).update(sequence=77), "numbers"),
        (lambda p: Certificate.objects.filter(pk=p.pk).update(hours=99), "facts"),
        (lambda p: Certificate.objects.filter(pk=p.pk).update(number="00009/2026/X"), "facts"),
        (
            lambda p: Certificate.objects.filter(pk=p.pk).update(
                facts=bytes(p.facts).replace(b"Lan", b"Lam")
            ),
            "facts",
        ),
        (lambda p: _file(p, lambda data: data[:-1] + b"x"), "files"),
        (lambda p: media.storage().delete(p.file), "files"),
        (lambda p: LogEntry.objects.filter(certificate=p, event="sealed").delete(), "log"),
        (lambda p: LogEntry.objects.filter(certificate=p).update(leaf=b"{}"), "log"),
        (lambda p: CreditEntry.objects.filter(certificate=p).update(hours=99), "credit"),
        (lambda p: CreditEntry.objects.filter(certificate=p).update(source_key="enrolment:0"), "credit"),
    ],
)
def test_a_change_behind_the_actions_is_found(history, attack, alarm):
    guards.remove(connection)
    attack(history[0])

    assert alarm in found()


def drawn_otherwise(facts: dict) -> bytes:
    """A sheet of a later release."""
    return b"%PDF-1.7 of another shape"


def test_a_file_is_redrawn_only_by_the_template_that_drew_it(history, settings, monkeypatch):
    settings.LMS_CERTIFICATES_RENDERER = f"{__name__}.drawn_otherwise"
    assert found() == {"files"}

    monkeypatch.setattr(wording, "TEMPLATE_VERSION", wording.TEMPLATE_VERSION + 1)
    assert found() == set()


def test_credit_that_outlives_its_certificate_is_found(history):
    CreditEntry.objects.filter(certificate=history[2]).update(state="posted", void_at=None, void_reason="")

    assert "credit" in found()


def test_a_completion_without_certificate_or_reason_is_found(cast):
    make.completed(cast.lan, make.ready(cast.bach_mai))

    assert "completions" in found()


def test_hours_that_were_never_posted_are_found_unless_something_explains_it(history, cast):
    entry = CreditEntry.objects.get(certificate=history[0])
    entry.delete()
    assert found() == {"hours"}

    queue.enqueue("lms_certificates.post_credit", entry.source_key.partition(":")[2])
    assert found() == set()
    Job.objects.update(state=Job.State.DEAD)
    assert found() == {"hours"}
    Rule.objects.all().delete()
    assert found() == set()


def test_a_completion_under_review_or_credited_by_another_class_owes_no_hours(history, cast):
    first = CreditEntry.objects.get(certificate=history[0])
    learnt = Enrolment.objects.get(pk=first.source_key.partition(":")[2])
    again = make.completed(cast.lan, make.run(cast.bach_mai))
    Run.objects.filter(pk=again.run_id).update(release=learnt.run.release)
    other = make.completed(cast.po, learnt.run)
    review = reviews.reconsider(other)
    assert found() == set()

    reviews.decide(review, uphold=True, reason="Đã đối chiếu sổ điểm danh", by=cast.hang.user)
    Job.objects.all().delete()
    assert found() == {"hours", "completions"}
