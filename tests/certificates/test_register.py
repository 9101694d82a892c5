"""The register in the database: append-only by triggers, signed every minute, checked by others."""

import shutil
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from certificates import checks, guards
from certificates.actions import declare_compromised, issue_for, make_key, post_credit, register, seal
from certificates.models import Checkpoint, LogEntry, SigningKey
from certificates.offline.check_register import Register
from certificates.transparency import read_note
from lms import clock, media, queue
from lms.models import Job
from lms.verify import breaches
from tests.factories import certificates as make
from tests.factories.cast import person
from tests.factories.certificates import revoke
from tests.kept import repeated

LOG, CHECKPOINTS = guards.LOG, guards.CHECKPOINTS


@pytest.fixture(autouse=True)
def keys(settings, tmp_path_factory, monkeypatch):
    """A folder for private keys, for other processes too; always at one place, see ``tests.kept``."""
    folder = tmp_path_factory.getbasetemp() / "keys"
    shutil.rmtree(folder, ignore_errors=True)
    settings.LMS_CERTIFICATES_KEYS_FOLDER = folder
    monkeypatch.setenv("LMS_CERTIFICATES_KEYS_FOLDER", str(folder))


@repeated
def held(cast) -> list:
    """Three certificates, one revoked."""
    run = make.ready(cast.bach_mai)
    found = []
    for person_ in (cast.lan, cast.minh, cast.my):
        enrolment = make.completed(person_, run)
        post_credit(enrolment)
        found.append(seal(issue_for(enrolment)))
    revoke(found[2], by=cast.dao.user, reason="Cấp nhầm người.")
    return found


@pytest.fixture
def papers(cast):
    """Three certificates, one revoked, and a key that signs checkpoints."""
    found = held(cast)
    make_key("checkpoints")
    return found


def exported() -> Register:
    """What the council reads."""
    return Register(register.export_lines(register.take_checkpoint()))


def alarms() -> set[str]:
    """The names of the broken invariants of the register."""
    return {name.partition(".")[2] for name, _breach in breaches("lms_certificates")}


# --- append-only -----------------------------------------------------------------------------------

STATEMENTS = [
    f"UPDATE {LOG} SET reason = 'khác'",
    f"UPDATE {LOG} SET leaf_hash = '{'0' * 64}'",
    f'UPDATE {LOG} SET "index" = "index" + 1',
    f'UPDATE {LOG} SET "index" = NULL',
    f"DELETE FROM {LOG}",
    f"UPDATE {CHECKPOINTS} SET root = ''",
    f"DELETE FROM {CHECKPOINTS}",
    f"INSERT OR REPLACE INTO {LOG} SELECT * FROM {LOG}",
    f"INSERT OR REPLACE INTO {CHECKPOINTS} SELECT * FROM {CHECKPOINTS}",
    f"TRUNCATE {LOG}",
    f"TRUNCATE {CHECKPOINTS}",
]


def spoken(statement: str) -> bool:
    """Whether the database of this run knows the statement at all."""
    other = {"sqlite": "TRUNCATE", "postgresql": "INSERT OR REPLACE"}[connection.vendor]
    return not statement.startswith(other)


@pytest.mark.parametrize("statement", [one for one in STATEMENTS if spoken(one)])
def test_the_database_refuses_to_change_the_register(papers, statement):
    register.take_checkpoint()
    before = list(LogEntry.objects.values()), list(Checkpoint.objects.values())
    # PostgreSQL truncates nothing whose foreign keys are still to be checked, trigger or not.
    connection.check_constraints()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert (list(LogEntry.objects.values()), list(Checkpoint.objects.values())) == before


def test_without_its_triggers_the_database_would_change_it_and_that_is_found(papers):
    guards.remove(connection)

    LogEntry.objects.update(reason="khác")

    assert LogEntry.objects.filter(reason="khác").count() == 7
    assert alarms() == {"guards"}
    assert [error.id for error in checks.check_guards(None, databases=["default"])] == [
        "lms_certificates.E005"
    ]
    call_command("lms_register", "guard")
    assert alarms() == set()
    assert checks.check_guards(None, databases=["default"]) == []


# --- checkpoints -----------------------------------------------------------------------------------


def test_a_checkpoint_places_every_entry_once_and_signs_the_tree(papers):
    taken = register.take_checkpoint()

    assert list(LogEntry.objects.order_by("pk").values_list("index", flat=True)) == list(range(7))
    head, _key, _signature = read_note(taken.note)
    assert (head.size, head.root.hex()) == (7, taken.root)
    assert exported().findings == []
    assert alarms() == set()


def test_nothing_new_needs_no_new_checkpoint(papers):
    assert register.take_checkpoint() == register.take_checkpoint()
    assert Checkpoint.objects.count() == 1


def test_the_tree_grows_on_from_the_checkpoint_before(cast, papers):
    register.take_checkpoint()
    revoke(papers[0], by=cast.dao.user, reason="Cấp nhầm người.")
    kept = exported()
    revoke(papers[1], by=cast.dao.user, reason="Cấp nhầm người.")
    register.take_checkpoint()
    now = exported()
    now.compare(kept)

    assert now.findings == []
    assert sorted(now.notes) == [7, 8, 9]
    assert now.state(papers[1].shown_code)[0] == ("issued", "sealed", "revoked")
    assert now.state(papers[1].code)[1] == papers[1].file_sha256


def test_without_a_key_the_register_is_written_and_nothing_is_signed(cast):
    issue_for(make.completed(cast.lan, make.ready(cast.bach_mai)))

    assert register.take_checkpoint() is None
    assert LogEntry.objects.filter(index__isnull=True).count() == 1
    with pytest.raises(CommandError, match="lms_keys"):
        call_command("lms_register", "export", "never.jsonl")


def test_the_export_carries_no_name(cast, papers):
    text = "".join(register.export_lines(register.take_checkpoint()))

    for secret in (cast.lan.full_name, papers[0].code, "Cấp nhầm", str(papers[0].uuid)):
        assert secret not in text


def test_keys_rotate_and_old_checkpoints_stay_good(cast, papers):
    register.take_checkpoint()
    with clock.at(clock.now() + timedelta(seconds=2)):
        make_key("checkpoints")
        revoke(papers[0], by=cast.dao.user, reason="Cấp nhầm người.")
        read = exported()

    assert read.findings == []
    assert len(read.fingerprints()) == 2
    assert alarms() == set()


def test_a_site_that_moves_to_another_address_keeps_its_register(cast, papers, settings):
    kept = exported()
    settings.LMS_CERTIFICATES_BASE_URL = "https://hoc.benhvien.example"
    revoke(papers[0], by=cast.dao.user, reason="Cấp nhầm người.")
    now = exported()
    now.compare(kept)

    assert now.findings == []
    assert now.origin == kept.origin
    assert alarms() == set()


def test_checkpoints_are_taken_every_minute_by_the_worker(papers):
    queue.tick()
    queue.run_due()

    assert Checkpoint.objects.get().size == 7


# --- what somebody does behind our back --------------------------------------------------------------

ATTACKS = {
    "an entry changed": f'UPDATE {LOG} SET leaf = (SELECT leaf FROM {LOG} WHERE "index" = 0) WHERE "index" = 2',
    "an entry and its hash changed": (
        f'UPDATE {LOG} SET leaf = (SELECT leaf FROM {LOG} WHERE "index" = 0), '
        f'leaf_hash = (SELECT leaf_hash FROM {LOG} WHERE "index" = 0) WHERE "index" = 2'
    ),
    "an entry deleted": f'DELETE FROM {LOG} WHERE "index" = 2',
    "the last entry deleted": f'DELETE FROM {LOG} WHERE "index" = 6',
    "a checkpoint's root changed": f"UPDATE {CHECKPOINTS} SET root = '{'0' * 64}'",
    "a checkpoint's size changed": f"UPDATE {CHECKPOINTS} SET size = 6",
    "a checkpoint's note changed": f"UPDATE {CHECKPOINTS} SET note = ''",
    "all checkpoints deleted": f"DELETE FROM {CHECKPOINTS}",
    "a certificate revived": "UPDATE lms_certificates_certificate SET state='issued', ended_at=NULL, end_reason=''",
    "a certificate renumbered": "UPDATE lms_certificates_certificate SET number = number || 'x'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_lms_verify_finds_raw_sql(papers, attack):
    register.take_checkpoint()
    guards.remove(connection)
    connection.cursor().execute(ATTACKS[attack])
    guards.install(connection)

    assert alarms() & {"log", "checkpoints"}


def test_an_entry_changed_by_raw_sql_is_named_by_the_councils_check(papers):
    kept = exported()
    guards.remove(connection)
    connection.cursor().execute(ATTACKS["an entry changed"])
    read = exported()
    read.compare(kept)

    assert ("changed", 2, "") in read.findings


def test_a_backup_of_yesterday_is_noticed_before_anything_is_signed(cast, papers):
    """The rows go back, the note beside the database does not."""
    register.take_checkpoint()
    point = transaction.savepoint()
    revoke(papers[0], by=cast.dao.user, reason="Cấp nhầm người.")
    kept = exported()
    transaction.savepoint_rollback(point)

    assert "checkpoints" in alarms()
    revoke(papers[1], by=cast.dao.user, reason="Cấp nhầm người.")
    with pytest.raises(register.RegisterDiffers, match="8"):
        register.take_checkpoint()
    assert Checkpoint.objects.count() == 1

    # Settled by people; the site goes on, and the council's check names the entry that differs.
    call_command("lms_register", "restored")
    assert alarms() == set()
    read = exported()
    read.compare(kept)
    assert [(word, place) for word, place, _detail in read.findings] == [("changed", 7), ("forked", 7)]


@pytest.mark.parametrize(
    ("column", "days", "found"),
    [
        ("compromised_at", None, True),
        ("compromised_at", 9, True),
        ("compromised_at", -9, False),
        ("valid_from", -400, True),
    ],
)
def test_the_life_of_a_key_is_not_rewritten_behind_a_council_that_kept_an_export(papers, column, days, found):
    register.take_checkpoint()
    lost = clock.now()
    declare_compromised(SigningKey.objects.get(), at=lost, reason="Máy chủ bị xâm nhập.")
    kept = exported()
    SigningKey.objects.update(**{column: days and lost + timedelta(days=days)})

    read = exported()
    read.compare(kept)

    assert ("life" in {word for word, _place, _detail in read.findings}) is found


def test_what_a_key_signed_outside_its_life_is_a_breach(cast):
    key = make_key("documents")
    seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))
    assert "keys" not in alarms()

    SigningKey.objects.filter(pk=key.pk).update(valid_from=clock.now() + timedelta(days=1))

    assert "keys" in alarms()


def test_one_failed_job_is_the_alarm_not_one_a_minute(cast, papers):
    register.take_checkpoint()
    head = register.kept()
    media.save(register.kept_name(), Checkpoint.objects.get().note.replace("\n7\n", "\n9\n").encode())
    assert head is not None
    for minute in range(3):
        with clock.at(clock.now() + timedelta(minutes=minute)):
            queue.tick()
            queue.run_due()

    assert Job.objects.filter(kind="lms_certificates.checkpoint", state=Job.State.DEAD).count() == 1


# --- by many, and killed -----------------------------------------------------------------------------


def some_papers(world, count: int) -> None:
    """Certificates issued and not yet placed."""
    run = make.ready(world.bach_mai)
    for number in range(count):
        issue_for(make.completed(person(f"Vàng Thị Sáo {number}", works_at=world.bac_ha), run))


@pytest.mark.race
def test_many_workers_take_checkpoints_without_gap_or_fork(race_db, race_cast):
    make_key("checkpoints")
    some_papers(race_cast, 3)
    found = race_db.threads(6, lambda _n: register.take_checkpoint() and None)

    assert [one for one in found if isinstance(one, Exception) and "locked" not in str(one)] == []
    assert sorted(LogEntry.objects.values_list("index", flat=True)) == [0, 1, 2]
    assert Checkpoint.objects.count() == 1
    assert exported().findings == []


@pytest.mark.race
@pytest.mark.parametrize("point", ["checkpoint.begins", "checkpoint.placed", "checkpoint.committed"])
def test_a_killed_worker_leaves_a_register_that_goes_on(race_db, race_cast, point):
    make_key("checkpoints")
    some_papers(race_cast, 2)
    race_db.crash_at(point, take)
    register.take_checkpoint()

    assert sorted(LogEntry.objects.values_list("index", flat=True)) == [0, 1]
    assert exported().findings == []


def take() -> None:
    """What the killed worker did."""
    register.take_checkpoint()


# --- screens -----------------------------------------------------------------------------------------


def test_a_verifier_takes_home_the_export_and_the_program_that_checks_it(cast, papers):
    register.take_checkpoint()
    client = cast.client(cast.mo)

    page = client.get("/certificates/register/").content.decode()
    assert register.fingerprints()[0][1] in page
    lines = client.get("/certificates/register/register.jsonl").getvalue().decode().splitlines()
    assert Register(lines).findings == []
    program = client.get("/certificates/register/check_register.py").content.decode()
    assert "import argparse" in program
    assert "certificates" not in program.split('"""')[2].split("import sys")[0]


def test_before_the_first_checkpoint_the_screen_says_what_it_waits_for(cast):
    client = cast.client(cast.mo)

    assert "Chưa có điểm chốt" in client.get("/certificates/register/").content.decode()
    assert client.get("/certificates/register/register.jsonl").status_code == 404


@pytest.mark.parametrize("path", ["", "register.jsonl", "check_register.py"])
def test_learners_have_no_business_with_the_export(cast, papers, path):
    register.take_checkpoint()

    assert cast.client(cast.lan).get(f"/certificates/register/{path}").status_code == 404
