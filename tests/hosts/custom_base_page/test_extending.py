"""The ways in that ``docs/extending.md`` names, taken by a host with all four apps."""

from django.db import transaction
from django.test import Client
from django.urls import reverse

from certificates import signing
from certificates.actions import issue_for, make_key, seal
from certificates.facts import code_message, read_mark
from certificates.models import Certificate, SigningKey
from lms import media, queue
from lms.models import Job, Message
from tests.factories import certificates as make
from tests.hosts.custom_base_page import wishes


def browser_of(person) -> Client:
    """Signed in by Django's own backend, the host's only one."""
    client = Client()
    client.force_login(person.user)
    return client


def test_a_signal_promises_the_hosts_own_job_and_its_event_tells_the_learner_once(cast):
    issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))

    queue.run_due()
    queue.enqueue("hospital.lend_a_book", Certificate.objects.get().pk)
    queue.run_due()

    told = Message.objects.get(event="library-due")
    assert (told.person, told.subject) == (cast.lan, "Until 31/03/2027: Netter")


def test_what_is_undone_promises_the_host_nothing(cast):
    enrolment = make.completed(cast.lan, make.ready(cast.bach_mai))

    with transaction.atomic():
        issue_for(enrolment)
        assert Job.objects.filter(kind="hospital.lend_a_book").exists()
        transaction.set_rollback(True)

    assert not Job.objects.filter(kind="hospital.lend_a_book").exists()


def test_what_was_told_is_read_in_the_inbox_in_the_hosts_clothes(cast):
    issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))
    queue.run_due()

    inbox = browser_of(cast.lan).get(reverse("lms:inbox"))

    assert 'data-host="yes"' in inbox.text
    assert "Until 31/03/2027: Netter" in inbox.text


def test_the_host_draws_the_certificate_and_its_card_signs_the_code(cast, settings):
    settings.LMS_CERTIFICATES_RENDERER = "tests.hosts.custom_base_page.wishes.render"
    settings.LMS_CERTIFICATES_SIGNER = "tests.hosts.custom_base_page.wishes.Card"
    key = make_key(SigningKey.Purpose.CODES, public_key=wishes.CARD)

    paper = seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))

    start, number, mark = media.storage().open(paper.file).read().decode().split()
    assert (start, number) == ("%PDF", paper.number)
    kid, signature = read_mark(mark)
    assert kid == key.kid
    assert signing.verifies(key, signature, code_message(kid, paper.said))


def test_what_waits_in_the_hosts_library_stands_on_the_front_page_for_whom_it_concerns(cast, admin_client):
    assert "3 books are due" in admin_client.get("/admin/").text
    office = browser_of(cast.hang).get("/admin/")
    assert office.status_code == 200
    assert "3 books are due" not in office.text
