"""What the office takes away, and what keeps a mistake from becoming five hundred certificates."""

import datetime
import io
import zipfile

import pytest
from openpyxl import load_workbook
from pikepdf import pdfa
from pypdf import PdfReader

from certificates import book
from certificates.actions import approve_batch, freeze_batch, freeze_by_person, issue_for, seal
from certificates.actions.batches import BatchRefused
from certificates.actions.readiness import NotReady
from certificates.facts import sha256
from certificates.models import Batch, Certificate, Issuer, NumberSeries
from certificates.models.issuers import Kind
from courses.models import Run
from courses.signals import enrolment_completed
from lms import clock, media, queue
from lms.models import AccessLog, Job
from lms.verify import breaches
from tests.factories import certificates as make
from tests.factories.certificates import revoke, supersede
from tests.kept import repeated


@pytest.fixture
@repeated
def batch(cast):
    """Lan's and Minh's completions, frozen by the training office of Bạch Mai."""
    cast.run = make.ready(cast.bach_mai)
    Issuer.objects.update(issues_automatically=False)
    cast.enrolments = [make.completed(person, cast.run) for person in (cast.lan, cast.minh)]
    return freeze_batch(cast.run, by=cast.hang.user, enrolments=[one.pk for one in cast.enrolments])


def path(batch, rest="") -> str:
    return f"/certificates/batches/{batch.pk}/{rest}"


def volume(**values) -> str:
    values = {"issuer": Issuer.objects.get().pk, "year": NumberSeries.objects.first().year, **values}
    return "/certificates/book/?" + "&".join(f"{name}={value}" for name, value in values.items())


def content(response) -> bytes:
    assert response.status_code == 200
    return response.getvalue()


def test_the_files_of_a_batch_come_in_one_archive_with_their_list(cast, batch):
    approve_batch(batch, by=cast.dao.user)
    first = seal(batch.certificates.order_by("sequence").first())

    archive = zipfile.ZipFile(io.BytesIO(content(cast.client(cast.hang).get(path(batch, "files.zip")))))
    names = archive.namelist()

    assert len(names) == 2  # one is not sealed yet
    assert names[0].endswith(".pdf")
    assert first.number.replace("/", "-") in names[0]
    assert len(archive.read(names[0])) == first.file_size
    rows = list(load_workbook(io.BytesIO(archive.read("danh-sach.xlsx"))).active.values)
    assert [row[0] for row in rows[1:]] == list(
        batch.certificates.order_by("sequence").values_list("number", flat=True)
    )
    assert AccessLog.objects.filter(user=cast.hang.user, person__in=[cast.lan, cast.minh]).count() == 2


def test_the_sheets_of_a_batch_come_as_one_file_to_print_and_the_signed_ones_stay_as_they_are(cast, batch):
    approve_batch(batch, by=cast.dao.user)
    papers = [seal(one) for one in batch.certificates.order_by("sequence")]

    printed = content(cast.client(cast.hang).get(path(batch, "print.pdf")))
    pages = PdfReader(io.BytesIO(printed)).pages

    assert [one.number in page.extract_text() for one, page in zip(papers, pages, strict=True)] == [
        True,
        True,
    ]
    assert len(printed) < papers[0].file_size + 8_000  # the faces stand once
    assert b"/Sig" not in printed
    for one in papers:
        with media.storage().open(one.file) as file:
            assert sha256(file.read()) == one.file_sha256
    assert AccessLog.objects.filter(user=cast.hang.user, person__in=[cast.lan, cast.minh]).count() == 2


def test_what_has_ended_or_is_not_made_yet_is_not_printed(cast, batch):
    approve_batch(batch, by=cast.dao.user)
    first, second = batch.certificates.order_by("sequence")
    office = cast.client(cast.hang)
    assert office.get(path(batch, "print.pdf")).status_code == 404

    seal(first)
    # As if a colleague had approved: whoever issued cannot also end.
    Certificate.objects.filter(pk=second.pk).update(issued_by=None)
    revoke(seal(Certificate.objects.get(pk=second.pk)), by=cast.dao.user, reason="Cấp nhầm người học")

    [page] = PdfReader(io.BytesIO(content(office.get(path(batch, "print.pdf"))))).pages
    assert first.number in page.extract_text()


def test_a_file_that_cannot_be_taken_apart_is_named_and_the_zip_offered(cast, batch, settings):
    settings.LMS_CERTIFICATES_RENDERER = "tests.certificates.test_office.no_pdf"
    approve_batch(batch, by=cast.dao.user)
    [first, _second] = [seal(one) for one in batch.certificates.order_by("sequence")]

    answer = cast.client(cast.hang).get(path(batch, "print.pdf"), follow=True)

    assert first.number in answer.text
    assert "ZIP" in answer.text


def no_pdf(facts) -> bytes:
    """What a host's own drawing may bring."""
    return b"%PDF-1.7 " + facts["number"].encode()


@pytest.mark.parametrize("who", ["hoa", "lan", "ha", "mo", "ung"])
def test_nobody_else_takes_a_batch_or_a_book_away(cast, batch, who):
    approve_batch(batch, by=cast.dao.user)
    client = cast.client(getattr(cast, who))

    for address in (
        path(batch, "files.zip"),
        path(batch, "print.pdf"),
        volume(),
        path(batch, f"draft/{cast.enrolments[0].pk}/"),
    ):
        assert client.get(address).status_code in {403, 404}


def test_the_desk_offers_the_volumes_of_ones_own_issuer_only(cast, batch):
    approve_batch(batch, by=cast.dao.user)

    assert "/certificates/book/?issuer=" in cast.client(cast.hang).get("/certificates/batches/").text
    page = cast.client(cast.trong).get("/certificates/batches/")
    assert page.status_code == 200
    assert "/certificates/book/" not in page.text


def test_the_book_tells_every_number_also_the_ended_ones(cast, batch):
    approve_batch(batch, by=cast.dao.user)
    lan, minh = batch.certificates.order_by("sequence")
    issued = seal(issue_for(make.completed(cast.my, cast.run), batch=batch))
    second = cast.dao.user
    # As if a colleague had approved: whoever issued cannot also end.
    Certificate.objects.filter(pk__in=[lan.pk, minh.pk]).update(issued_by=None)
    revoke(Certificate.objects.get(pk=minh.pk), by=second, reason="Cấp nhầm người.")
    new = supersede(Certificate.objects.get(pk=lan.pk), by=second, reason="Sai dấu trong tên.")

    rows = list(load_workbook(io.BytesIO(content(cast.client(cast.hang).get(volume())))).active.values)[1:]

    assert [row[0] for row in rows] == [lan.number, minh.number, issued.number, new.number]
    assert rows[0][8].startswith(f"Thay bằng {new.number}")
    assert rows[1][8].endswith("Cấp nhầm người.")
    assert rows[2][8] == "Có hiệu lực"
    pdf = content(cast.client(cast.hang).get(volume(**{"as": "pdf"})))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert "SỔ CẤP GIẤY CHỨNG NHẬN THAM GIA CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC NĂM" in text
    assert minh.said["holder"]["name"] in text


@pytest.mark.parametrize(
    "values", [{"year": "26"}, {"kind": "x"}, {"issuer": "9" * 30}, {"issuer": "²"}, {"year": "abcd"}]
)
def test_a_volume_that_does_not_exist_is_not_found(cast, batch, values):
    approve_batch(batch, by=cast.dao.user)

    assert cast.client(cast.hang).get(volume(**values)).status_code == 404


def test_a_book_of_many_pages_repeats_its_heading_and_is_pdf_a():
    cells = [
        "00001/2026/GCN-X",
        "05/02/2026",
        "Nguyễn Thị Lan",
        "08/03/1990",
        "Trạm Y tế 😀 xã",
        "Kiểm soát " * 9,
    ]
    rows = [[*cells, "8", "000G40-R40M30-E209ZT", "Có hiệu lực", ""]] * 60
    data = book.as_pdf(rows, facility="Bệnh viện Bạch Mai", title="Sổ cấp GCN năm 2026", made_at=make.NOON)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]

    assert len(pages) > 2
    assert all("Nơi công tác" in page for page in pages)
    assert all(f"trang {number}" in page for number, page in enumerate(pages, start=1))
    assert "Trạm Y tế ? xã" in " ".join(" ".join(pages).split())
    assert pdfa.validate_written(io.BytesIO(data), "2b").findings == []
    assert PdfReader(io.BytesIO(book.as_pdf([], facility="X", title="Y", made_at=make.NOON))).pages


def test_a_draft_is_a_sample_and_spends_no_number(cast, batch):
    response = cast.client(cast.dao).get(path(batch, f"draft/{cast.enrolments[0].pk}/"))
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()

    assert "MẪU" in text
    assert cast.lan.full_name in text
    assert not NumberSeries.objects.exists()
    assert cast.client(cast.dao).get(path(batch, "draft/999999/")).status_code == 404


def test_a_list_longer_than_the_issuer_allows_is_not_frozen(cast, batch):
    Issuer.objects.update(most_at_once=1)
    Batch.objects.all().delete()

    with pytest.raises(BatchRefused, match="1"):
        freeze_batch(cast.run, by=cast.hang.user, enrolments=[one.pk for one in cast.enrolments])
    assert not Batch.objects.exists()


def test_an_issuer_that_is_switched_off_issues_nothing_from_that_moment_on(cast, batch):
    waiting = make.completed(cast.my, cast.run)
    Issuer.objects.update(is_active=False, issues_automatically=True)

    with pytest.raises(BatchRefused):
        approve_batch(batch, by=cast.dao.user)
    with pytest.raises(NotReady):
        issue_for(waiting)
    enrolment_completed.send(type(waiting), enrolment=waiting)
    queue.run_due()
    assert not Certificate.objects.exists()

    Issuer.objects.update(is_active=True, issues_automatically=False)
    approve_batch(batch, by=cast.dao.user)
    assert Certificate.objects.count() == 2


def test_a_batch_names_nobody_twice_for_the_same_release(cast, batch):
    again = make.completed(cast.lan, make.run(cast.bach_mai))
    Run.objects.filter(pk=again.run_id).update(release=cast.run.release)
    issuer, both = batch.issuer, [cast.enrolments[0].pk, again.pk]

    with pytest.raises(BatchRefused, match="hai lần"):
        freeze_by_person(issuer, by=cast.hang.user, enrolments=both)
    apart = freeze_by_person(issuer, by=cast.hang.user, enrolments=[again.pk])
    approve_batch(batch, by=cast.dao.user)
    with pytest.raises(BatchRefused):
        approve_batch(apart, by=cast.dao.user)
    assert Certificate.objects.count() == 2


def test_what_goes_beyond_a_day_s_share_or_its_last_day_waits_and_is_no_breach(cast):
    run = make.ready(cast.bach_mai)
    Issuer.objects.update(most_in_a_day=2, automatic_until=datetime.date(2026, 11, 13))
    people = [cast.lan, cast.minh, cast.my, cast.khanh]
    enrolments = [make.completed(person, run, at=make.NOON) for person in people]

    def work(days: int) -> int:
        with clock.at(make.NOON + datetime.timedelta(days=days, minutes=5)):
            queue.enqueue("lms_certificates.sweep", f"{days}")
            queue.run_due()
            assert list(breaches("lms_certificates.completions")) == []
        return Certificate.objects.count()

    with clock.at(make.NOON):
        for enrolment in enrolments[:3]:
            enrolment_completed.send(type(enrolment), enrolment=enrolment)
        queue.run_due()
    assert Certificate.objects.count() == 2
    assert not Job.objects.filter(state=Job.State.DEAD).exists()
    assert work(0) == 2
    with clock.at(make.NOON), pytest.raises(NotReady):
        issue_for(enrolments[2])
    page = cast.client(cast.hang).get("/admin/lms-waiting/").content.decode()
    assert cast.my.full_name in page

    # The next day goes on; after the last one only a batch does.
    Issuer.objects.update(most_in_a_day=1)
    assert (work(1), work(2)) == (3, 3)
    with clock.at(make.NOON + datetime.timedelta(days=2)):
        rest = [one.pk for one in enrolments if not Certificate.objects.for_origin(f"enrolment:{one.pk}")]
        approve_batch(freeze_batch(run, by=cast.hang.user, enrolments=rest), by=cast.dao.user)
    assert Certificate.objects.count() == 4


def test_an_issuer_allows_issuing_by_itself_beforehand_or_nothing_is_issued(cast):
    assert not Issuer(facility=cast.bach_mai).issues_automatically


def test_two_kinds_have_two_books(cast, batch):
    approve_batch(batch, by=cast.dao.user)
    rows = list(
        load_workbook(
            io.BytesIO(content(cast.client(cast.hang).get(volume(kind=Kind.COMPLETION.value))))
        ).active.values
    )

    assert len(rows) == 1
