"""The demonstration loaded for real: what stands when the site opens, and that a second load changes nothing."""

import os
import socket
from contextlib import closing
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.core.management import CommandError, call_command

from certificates import permissions
from certificates.actions.batches import candidates
from certificates.actions.readiness import origin_of
from certificates.credit import standing
from certificates.models import Batch, BulkCheck, Certificate
from content.models.videos import TRANSCODE
from courses.models import Attempt, Enrolment, Presence, Release, Run, Session
from lms import clock, messages, queue
from lms.actions import add_person
from lms.models import Job, Person, TeleSite
from tests import databases
from website.demo import lectures, load, people, places, register, rooms
from website.management.commands import demo


def hours(username: str) -> Decimal:
    """What the credit ledger says of somebody today."""
    return standing(people.person(username), clock.today()).hours


def the_batch_desk_has_work() -> None:
    """One batch waits for another signer than its builder; exceptions and late completions wait beside it."""
    run = Run.objects.get(code="DQ-01.K1")
    assert run.enrolments.filter(state="completed").count() == run.enrolments.count() == 20
    waiting = Batch.objects.get(state="frozen")
    assert not waiting.issuer.issues_automatically
    assert waiting.built_by == people.user("daotao.bachmai")
    assert permissions.can_approve(people.user("kyten.bachmai"), waiting)
    assert len(waiting.origin_keys) == 5
    assert Batch.objects.get(state="issued").certificates.count() == 8
    left = [one for one in candidates(run) if origin_of(one.enrolment) not in waiting.origin_keys]
    assert [one.is_exception for one in left] == [True] * 5 + [False] * 2
    # Nobody knows when one was born, and nobody confirmed who the other is.
    assert sum(bool(one.assessment.problems) for one in left) == 2


def checked_by(username: str) -> set[str]:
    """The answers on the one list of a verifier."""
    check = BulkCheck.objects.get(by=people.user(username))
    return {result["answer"] for result in check.results}


@pytest.mark.slow
@pytest.mark.race
def test_the_demonstration_stands_and_a_second_load_changes_nothing(race_db, settings):
    settings.LMS_COURSES_ALLOW_UNREVIEWED = True
    settings.LMS_CERTIFICATES_SAMPLE = True
    # Its lectures are looked at elsewhere: in every size they cost this test a third more time.
    settings.LMS_CONTENT_LADDER, settings.LMS_CONTENT_SLIDES = ["audio", "240p"], False
    said = []

    load.load("fast", out=said.append)

    assert len(said) > 5
    queue.run(Job.objects.get(kind="website.demo_class", key=register.WAITING).pk)
    assert Person.objects.filter(is_fictional=True).count() >= 300
    assert not Person.objects.filter(is_fictional=False).exists()
    assert TeleSite.objects.count() == 40
    assert set(Certificate.objects.values_list("state", flat=True)) == {"issued", "superseded", "revoked"}
    assert not Certificate.objects.filter(is_sample=False).exists()
    assert Session.objects.going_on(clock.now()).filter(state="live").count() == 1
    assert Enrolment.objects.filter(state="withdrawn").count() == 1
    assert Person.objects.filter(state="provisional").count() == 2
    stuck = Enrolment.objects.get(person=people.person("hocvien.thacba"), run__code="DQ-01.K2")
    tries = Attempt.objects.filter(enrolment=stuck, lesson__purpose="posttest")
    assert [(one.passed, one.allowance) for one in tries] == [(False, 3), (False, 3)]
    the_batch_desk_has_work()
    assert checked_by("kiemtra.hoidong") == {"revoked", "superseded", "unknown", "differs", "match"}
    # What happened in the past is dated in the past.
    assert Certificate.objects.filter(issued_at__gt=clock.now()).count() == 0
    assert Presence.objects.filter(recorded_at__gt=clock.now()).count() == 0

    before = databases.digests()
    load.load("fast", out=said.append, again=True)

    assert {name for name, value in databases.digests().items() if value != before[name]} == set()

    for key in rooms.past_keys(near=False):
        rooms.hold_past(key)
    assert hours("giangvien.bachmai") == Decimal(140)
    assert hours("hocvien.taphin") == Decimal("31.5")

    assert Release.objects.filter(state="issued").count() == 2
    assert Job.objects.filter(kind="website.demo_course", state="queued").count() == 4
    call_command("lms_verify", verbosity=0)


@pytest.mark.slow
def test_a_load_that_was_killed_a_moment_ago_holds_up_no_lecture(db, settings):
    settings.LMS_CONTENT_LADDER, settings.LMS_CONTENT_SLIDES = ["audio", "240p"], False
    places.load()
    people.load_named()
    code, number = load._fast_lectures()[0]
    video = lectures.upload(code, number, load.facility_of(code))
    assert queue.claim(Job.objects.get(kind=TRANSCODE).pk), "and nobody ever finishes it"

    load.ready_lecture(code, number)

    video.refresh_from_db()
    assert video.playable


MAIL = "website.demo.mail.EmailBackend"


def test_mail_of_the_demonstration_is_printed_as_it_is_read(capsys, settings):
    settings.EMAIL_BACKEND = MAIL

    assert (
        send_mail("Đã cấp giấy chứng nhận", "Kính gửi Ưng,\nsố 00001/2026", None, ["ung@demo.invalid"]) == 1
    )

    letter = "ung@demo.invalid\nĐã cấp giấy chứng nhận\n\nKính gửi Ưng,\nsố 00001/2026\n"
    assert capsys.readouterr().out.strip("-\n") + "\n" == letter


def test_mail_about_the_history_that_is_loaded_is_not_printed(capsys, settings):
    settings.EMAIL_BACKEND = MAIL

    with messages.untold():
        assert send_mail("Đã được duyệt", "Kính gửi Ưng", None, ["ung@demo.invalid"]) == 0

    assert capsys.readouterr().out == ""


def test_a_port_in_use_is_named_and_nothing_is_changed(settings):
    settings.DEMO = True
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} .* PORT="):
            call_command("demo", port=port)


@pytest.mark.parametrize("what", ["folder", "database", "files"])
def test_data_that_cannot_be_written_is_named_before_anything_starts(settings, tmp_path, monkeypatch, what):
    settings.DEMO, settings.VAR_DIR, settings.STATIC_ROOT = True, tmp_path, tmp_path / "static"
    (tmp_path / "private").mkdir()
    (tmp_path / "db.sqlite3").touch()
    closed = {"folder": tmp_path, "database": tmp_path / "db.sqlite3", "files": tmp_path / "private"}[what]
    # Root may write everywhere, also where the bits of the file say no.
    monkeypatch.setattr("os.access", lambda path, mode: path != closed)

    with pytest.raises(CommandError) as refused:
        call_command("demo", no_serve=True)

    assert str(refused.value).startswith(
        f"{closed} cannot be written to (Permission denied); nothing was started"
    )
    assert "VUONXA_VAR=/a/folder make demo" in str(refused.value)


def test_without_ffmpeg_nothing_is_started(settings, monkeypatch, tmp_path):
    settings.DEMO, settings.VAR_DIR = True, tmp_path / "var"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "ffmpeg"))

    with pytest.raises(CommandError, match="no ffmpeg.*nothing was started.*apt install ffmpeg"):
        call_command("demo", no_serve=True)

    assert not settings.VAR_DIR.exists()


def test_the_command_refuses_a_site_that_is_no_demonstration(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="never touches"):
        call_command("demo", no_serve=True)


@pytest.fixture
def beginning(settings, tmp_path):
    """The demonstration about to begin, with a folder of its own."""
    settings.DEMO, settings.VAR_DIR, settings.STATIC_ROOT = True, tmp_path, tmp_path / "static"
    return demo.Command()


@pytest.mark.parametrize("who", ["a person", "a login"])
def test_a_database_with_people_of_another_site_is_named_and_nothing_in_it_changes(cast, beginning, who):
    if who == "a person":
        add_person("Phạm Thị Lan", facility=cast.bach_mai)
    else:
        get_user_model().objects.create_superuser("quantri")
    before = databases.digests()

    with pytest.raises(
        CommandError, match="did not make; nothing in it was changed.*DATABASE_URL VUONXA_VAR"
    ):
        call_command(beginning, no_serve=True)

    assert databases.digests() == before


def test_whoever_signs_up_in_the_demonstration_does_not_lock_it_out(cast, beginning):
    beginning.prepare()
    add_person("Giàng Thị Mỷ", facility=cast.bach_mai, is_fictional=True)
    add_person("Phạm Thị Lan", facility=cast.bach_mai)

    beginning.prepare()

    assert not load.is_another_site()


def test_ctrl_c_reaches_the_first_process_of_the_demonstration_alone():
    pid = os.fork()
    if pid == 0:
        with_the_terminal = os.getpgrp() != os.getpid()
        demo._watch_parent(os.getppid())
        os._exit(0 if with_the_terminal and os.getpgrp() == os.getpid() else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
