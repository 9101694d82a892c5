"""The desk where courses leave and arrive: who may, what each sees, what a crash leaves, what expires."""

import datetime
import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageLogEntry

from content.archive import open_archive
from content.models import Quiz
from courses.actions import archives
from courses.actions.unpacking import import_course, seed_of
from courses.models import Course, LessonPage
from lms import clock, media, queue
from lms.models import Facility, Job, RoleAssignment
from tests import kept
from tests.cast import Cast
from tests.factories import archives as make
from tests.factories import content as stuff
from tests.factories import courses as pages
from tests.kept import repeated

DAY = datetime.timedelta(hours=25)


def url(name, *args):
    return reverse(f"lms_courses_admin:{name}", args=args)


def files() -> set[str]:
    """Every private file but finished exports and archives sent in."""
    top = Path(media.storage().location)
    found = {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith("course-archives/")}


@pytest.fixture(autouse=True)
def _no_file_of_another_test():
    make.forget_files()


@pytest.fixture
@repeated
def small(cast):
    """A course of Bạch Mai with one lesson to read."""
    return pages.rules(pages.course_page(cast.bach_mai, kinds=("reading",), slug="nho"))


@pytest.fixture
def data(small):
    return make.packed(small)


def send(client, facility, data: bytes, name="khoa-hoc.zip"):
    """Post an archive as the form does."""
    file = ContentFile(data, name)
    return client.post(url("import_course"), {"facility": facility.pk, "file": file})


# --- out


def test_the_office_exports_and_fetches_a_course(cast, small):
    client = cast.client(cast.hang)

    assert client.post(url("archive", small.pk)).url == url("archive", small.pk)
    waiting = client.get(url("archive", small.pk))
    assert waiting["Refresh"] == "3"
    queue.run_due()
    ready = client.get(url("archive", small.pk))
    assert "Refresh" not in ready
    assert url("archive_file", small.pk) in ready.content.decode()

    answer = client.get(url("archive_file", small.pk))
    got = open_archive(io.BytesIO(b"".join(answer.streaming_content)), most_bytes=make.MOST)
    assert got.digest == make.opened(make.packed(small)).digest
    assert "attachment" in answer["Content-Disposition"]
    assert PageLogEntry.objects.get(action="lms_courses.export").user == cast.hang.user


def test_nobody_else_fetches_it_not_even_a_colleague_of_the_office(cast, small):
    from tests.factories import cast as people

    make.exported(small, by=cast.hang.user)
    colleague = people.person("Bùi Thị Quý", login="quy", works_at=cast.bach_mai)
    people.role(colleague, RoleAssignment.Role.PROGRAMME_MANAGER, cast.bach_mai)

    for who in (cast.ung, cast.thang, cast.trong, cast.lan, colleague):
        assert cast.client(who).get(url("archive_file", small.pk)).status_code in {302, 403, 404}


def test_trainers_and_appraisers_find_no_export(cast, small):
    for who in (cast.ung, cast.thang, cast.dao):
        assert cast.client(who).get(url("archive", small.pk)).status_code == 404
        assert cast.client(who).post(url("archive", small.pk)).status_code == 404
        assert url("archive", small.pk) not in cast.client(who).get(url("course", small.pk)).content.decode()
    assert not Job.objects.filter(kind=archives.EXPORT).exists()


def test_an_export_wants_a_fresh_proof_of_who_one_is(cast, small):
    from tests.website.test_recent import grow_old

    client = grow_old(cast.client(cast.hang))

    asked = client.post(url("archive", small.pk))

    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert not Job.objects.filter(kind=archives.EXPORT).exists()


def test_what_another_hospital_owns_is_not_taken_out_with_the_course(cast, small):
    quiz = stuff.quiz(cast.viet_duc, [stuff.question(cast.viet_duc, "VD-9")], title="Của Việt Đức")
    page = LessonPage.objects.get(translation_key=small.lessons.get().key)
    page.activity, page.quiz = "quiz", quiz
    pages.publish(page)

    job = make.exported(small, by=cast.hang.user)

    assert job.state == "dead"
    assert archives.export_of(small, by=cast.hang.user) == ""
    assert "Của Việt Đức" in cast.client(cast.hang).get(url("archive", small.pk)).content.decode()
    assert Quiz.objects.get() == quiz


def test_whoever_lost_the_role_meanwhile_gets_no_file(cast, small):
    job = archives.ask_export(small, by=cast.hang.user)
    RoleAssignment.objects.filter(user=cast.hang.user).delete()

    queue.run(job.pk)

    assert archives.export_of(small, by=cast.hang.user) == ""


def test_an_export_expires(cast, small):
    make.exported(small, by=cast.hang.user)
    name = archives.export_of(small, by=cast.hang.user)

    with clock.at(clock.now() + DAY):
        assert cast.client(cast.hang).get(url("archive_file", small.pk)).status_code == 404
        queue.run_due()

    assert name
    assert not media.storage().exists(name)


# --- in


def test_the_office_sends_a_course_in_sees_what_it_makes_and_imports_it(cast, data):
    make.english_home(cast.viet_duc)
    client = cast.client(cast.trong)

    there = send(client, cast.viet_duc, data).url
    assert client.get(there)["Refresh"] == "3"
    queue.run_due()
    before = Course.objects.count()
    report = client.get(there).content.decode()
    assert "2 trang" in report
    assert "Nhập khóa học này" in report
    assert Course.objects.count() == before

    client.post(there)
    queue.run_due()
    course = Course.objects.get(facility=cast.viet_duc)
    assert url("course", course.pk) in client.get(there).content.decode()
    assert PageLogEntry.objects.filter(action="lms_courses.import", user=cast.trong.user).count() == 1
    assert client.get(url("course", course.pk)).status_code == 200


def test_the_same_archive_pressed_twice_says_so_and_makes_one_course(cast, data):
    pages.provider(cast.viet_duc)
    client = cast.client(cast.trong)
    token = make.sent_in(cast.viet_duc, data, by=cast.trong.user)

    for _press in range(2):
        client.post(url("import_report", token))
        queue.run_due()
    again = client.post(url("import_report", token), follow=True).content.decode()

    assert "đã được nhập rồi" in again
    assert Course.objects.filter(facility=cast.viet_duc).count() == 1
    client.post(url("import_report", token), {"again": "1"})
    queue.run_due()
    assert Course.objects.filter(facility=cast.viet_duc).count() == 2
    assert len(archives.imported_from(token)) == 2


@pytest.mark.parametrize("bad", [b"", b"%PDF-1.4\n", b"PK\x03\x04rest"])
def test_what_is_no_archive_is_refused_at_the_door(cast, bad):
    pages.provider(cast.viet_duc)

    answer = send(cast.client(cast.trong), cast.viet_duc, bad)

    assert answer.status_code == 422
    assert not Job.objects.filter(kind=archives.CHECK).exists()


def test_an_archive_that_cannot_be_taken_is_told_and_deleted(cast):
    pages.provider(cast.viet_duc)
    data = make.written("Khóa giả", surveys=[{"key": "surveys-1"}])
    token = make.sent_in(cast.viet_duc, data, by=cast.trong.user)

    said = cast.client(cast.trong).get(url("import_report", token)).content.decode()

    assert "surveys.json" in said
    assert not media.storage().exists(f"course-archives/in/{token}.zip")
    cast.client(cast.trong).post(url("import_report", token))
    assert not Job.objects.filter(kind=archives.IMPORT).exists()


def test_one_imports_only_for_a_hospital_where_one_is_the_office(cast, data):
    pages.provider(cast.bach_mai)
    answer = send(cast.client(cast.trong), cast.bach_mai, data)

    assert answer.status_code == 422
    for who in (cast.ung, cast.thang, cast.lan):
        assert send(cast.client(who), cast.bach_mai, data).status_code in {302, 403, 404}
    assert not Job.objects.filter(kind=archives.CHECK).exists()


def test_the_report_is_only_for_whoever_sent_the_course_in(cast, data):
    pages.provider(cast.viet_duc)
    token = make.sent_in(cast.viet_duc, data, by=cast.trong.user)

    for who in (cast.hoa, cast.hang, cast.tam):
        assert cast.client(who).get(url("import_report", token)).status_code in {302, 403, 404}
        assert cast.client(who).post(url("import_report", token)).status_code in {302, 403, 404}
    for wrong in ("1", "1-1-x", f"{cast.viet_duc.pk}-{cast.trong.user.pk}-" + "0" * 31):
        assert cast.client(cast.trong).get(url("import_report", wrong)).status_code == 404


def test_an_archive_that_nobody_imports_expires(cast, data):
    pages.provider(cast.viet_duc)
    token = make.sent_in(cast.viet_duc, data, by=cast.trong.user)

    with clock.at(clock.now() + DAY):
        queue.run_due()
        assert (
            "Tệp không còn ở đây" in cast.client(cast.trong).get(url("import_report", token)).content.decode()
        )

    assert not media.storage().exists(f"course-archives/in/{token}.zip")
    assert not media.storage().exists(f"course-archives/in/{token}.json")
    assert not ModelLogEntry.objects.filter(action="lms_courses.import").exists()


# --- crashes and races


def run_it(job: int) -> None:
    """Run one job; called in another process."""
    queue.run(job)


def naive(path: str, facility: int) -> None:
    """Import under names made up anew each time: what it would be without names that follow from the archive."""
    import uuid

    from courses.actions import unpacking

    unpacking.seed_of = lambda *args: uuid.uuid4()
    by = RoleAssignment.objects.get(facility=facility, role="programme_manager").user
    with Path(path).open("rb") as file:
        archive = open_archive(file, most_bytes=make.MOST)
        unpacking.import_course(Facility.objects.get(pk=facility), archive=archive, by=by)


@pytest.fixture
def rich(race_db):
    """The cast of a race, with a course of everything that was sent in to Việt Đức and checked."""
    cast = Cast()

    def build():
        data = make.packed(make.rich_course(cast))
        make.english_home(cast.viet_duc)
        return data, make.sent_in(cast.viet_duc, data, by=cast.trong.user)

    made = kept.world(cast, ("rich",), build)
    before = files()
    yield cast, *made
    # One archive gives its files the same names in each copy of this world.
    for name in files() - before:
        Path(media.storage().location, name).unlink()


def expired(job: Job) -> None:
    """Let the lease of a killed worker run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - DAY)


@pytest.mark.race
@pytest.mark.parametrize("point", ["archive.stored", "archive.made", "archive.paged", "job.worked"])
def test_an_import_killed_anywhere_is_whole_after_the_next_try(race_db, rich, point):
    cast, _data, token = rich
    before = files()
    job = archives.start_import(token, by=cast.trong.user)

    race_db.crash_at(point, run_it, job.pk)
    if point != "job.worked":
        assert not Course.objects.filter(facility=cast.viet_duc).exists()
    expired(job)
    queue.run(job.pk)

    assert Course.objects.filter(facility=cast.viet_duc).count() == 1
    # One recording, one picture, one document, and nothing of the first try beside them.
    assert len(files() - before) == 3


@pytest.mark.race
def test_what_a_killed_import_left_goes_with_the_archive(race_db, rich):
    cast, _data, token = rich
    before = files()
    job = archives.start_import(token, by=cast.trong.user)
    race_db.crash_at("archive.paged", run_it, job.pk)
    assert len(files() - before) == 3
    Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD)

    with clock.at(clock.now() + DAY):
        archives.drop_archive(token)

    assert files() == before


@pytest.mark.race
def test_names_made_up_anew_would_leave_files_that_nobody_knows(race_db, rich, tmp_path):
    cast, data, _token = rich
    before = files()
    path = tmp_path / "a.zip"
    path.write_bytes(data)

    race_db.crash_at("archive.made", naive, str(path), cast.viet_duc.pk)
    assert race_db.run_python(naive, str(path), cast.viet_duc.pk).returncode == 0

    assert len(files() - before) == 6


@pytest.mark.race
def test_two_imports_at_once_make_one_course(race_db, rich):
    cast, data, _token = rich
    before = files()

    def go(_number):
        archive = open_archive(io.BytesIO(data), most_bytes=make.MOST)
        return import_course(cast.viet_duc, archive=archive, by=cast.trong.user)[0].pk

    got = race_db.threads(2, go)

    assert len(set(got)) == 1, got
    course = Course.objects.get(facility=cast.viet_duc)
    assert got[0] == course.pk
    assert course.key == seed_of(make.opened(data).digest, cast.viet_duc)
    assert len(files() - before) == 3


@pytest.mark.race
def test_an_export_killed_before_it_is_kept_leaves_no_file(race_db, rich):
    cast, _data, _token = rich
    course = Course.objects.get(facility=cast.bach_mai)
    job = archives.ask_export(course, by=cast.hang.user)

    race_db.crash_at("archive.packed", run_it, job.pk)
    assert archives.export_of(course, by=cast.hang.user) == ""
    expired(job)
    queue.run(job.pk)

    assert archives.export_of(course, by=cast.hang.user)
