"""From completions to papers in a folder: the training office builds, a signer approves, the worker seals, the office takes the ZIP."""

import io
import zipfile

import pytest
from django.urls import reverse

from certificates.models import Certificate, Issuer
from lms.models import Person
from lms.queue import enqueue
from tests.browser.conftest import DESK, PHONE
from tests.factories.cast import person


@pytest.fixture
def completions(site):
    """Two people of the open class who completed it; of a third nobody knows the birth date."""
    cast, course = site.cast, site.course
    Issuer.objects.filter(pk=course.issuer.pk).update(issues_automatically=False)
    names = ("Sùng A Chinh", "Hoàng Thị Nhài", "Tẩn Láo Tả")
    people = [person(name, works_at=cast.bac_ha) for name in names]
    Person.objects.filter(pk=people[2].pk).update(birth_date=None, birth_year=None)
    enrolments = [course.enrol(one) for one in people]
    course.complete_all(enrolments)
    yield names
    Person.objects.filter(pk=people[2].pk).update(birth_year=1990)
    Issuer.objects.filter(pk=course.issuer.pk).update(issues_automatically=True)
    # The site is shared: nobody is left who completed and has neither certificate nor job.
    for one in enrolments:
        enqueue("lms_certificates.issue", one.pk)
    site.work()
    assert Certificate.objects.filter(holder__in=people, state="issued").count() == len(people)


def test_a_batch_is_built_by_one_approved_by_another_sealed_and_taken_home(site, visit, completions):
    office = visit(site.cast.hang, size=DESK)
    office.go(reverse("lms_certificates:build_batch", args=[site.course.run.pk]))
    first_row = office.page.locator("tbody tr").first.inner_text()
    assert "Tẩn Láo Tả" in first_row
    assert office.say("cannot be issued").lower() in first_row.lower()
    office.look()
    office.press("Freeze the list for approval")
    batch = office.page.url
    assert office.page.get_by_role("button", name="Phê duyệt").count() == 0

    # The signer reads it on the phone.
    signer = visit(site.cast.dao, size=PHONE)
    signer.go(batch)
    assert "Sùng A Chinh" in signer.page.locator("main").inner_text()
    signer.look()
    signer.page.get_by_role("button", name="Phê duyệt").click()
    signer.page.wait_for_load_state()
    papers = list(Certificate.objects.filter(batch__isnull=False).order_by("sequence"))
    assert {one.said["holder"]["name"] for one in papers} >= set(completions[:2])

    site.work()
    office.go(batch)
    office.look()
    with office.page.expect_download() as fetched:
        office.page.get_by_role("link", name=office.say("All files as ZIP")).click()
    with zipfile.ZipFile(io.BytesIO(fetched.value.path().read_bytes())) as archive:
        files = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert len(files) == len(papers)
        assert all(archive.read(name).startswith(b"%PDF") for name in files)
