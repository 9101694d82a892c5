"""The log of who looked: nobody rewrites it, and what the law asks of it is still done."""

import datetime

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.deletion import ProtectedError

from lms import actions, checks, clock, guards, retention
from lms.models import AccessLog, Person
from lms.verify import breaches
from tests.factories import cast as make

LOG = guards.LOG
DAY = datetime.timedelta(days=1)


@pytest.fixture
def look(cast):
    """Sen looked at the record of Lan a year ago."""
    with clock.at(clock.now() - 365 * DAY):
        return actions.log_access(cast.sen.user, cast.lan, what="the whole record", purpose="đổi lịch")


def rows() -> list[dict]:
    return list(AccessLog.objects.order_by("pk").values())


STATEMENTS = [
    f"UPDATE {LOG} SET purpose = 'khác'",
    f"UPDATE {LOG} SET what = 'khác'",
    f"UPDATE {LOG} SET user_id = NULL",
    f"UPDATE {LOG} SET at = '2001-01-01 00:00:00'",
    f"UPDATE {LOG} SET person_id = (SELECT max(id) FROM lms_person)",
    f"DELETE FROM {LOG}",
    f"INSERT OR REPLACE INTO {LOG} SELECT * FROM {LOG}",
    f"TRUNCATE {LOG}",
]


def spoken(statement: str) -> bool:
    """Whether the database of this run knows the statement at all."""
    other = {"sqlite": "TRUNCATE", "postgresql": "INSERT OR REPLACE"}[connection.vendor]
    return not statement.startswith(other)


@pytest.mark.parametrize("statement", [one for one in STATEMENTS if spoken(one)])
def test_the_database_refuses_to_rewrite_who_looked(cast, look, statement):
    make.person("Giàng Thị Mỷ", works_at=cast.bac_ha)
    before = rows()
    # PostgreSQL truncates nothing whose foreign keys are still to be checked, trigger or not.
    connection.check_constraints()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert rows() == before


def test_without_its_triggers_it_could_be_rewritten_and_that_is_found_and_mended(look):
    guards.remove(connection)

    assert AccessLog.objects.update(purpose="khác") == 1
    assert [name for name, _breach in breaches("lms.guards")] == ["lms.guards"] * len(
        guards.names(connection.vendor)
    )
    assert [error.id for error in checks.check_guards(None, databases=["default"])] == ["lms.W012"]
    guards.after_migrate(using="default")
    assert list(breaches("lms.guards")) == []
    assert checks.check_guards(None, databases=["default"]) == []


def test_neither_the_login_that_looked_nor_the_record_is_deleted_under_it(cast, look):
    for row in (cast.sen.user, Person.objects.get(pk=cast.lan.pk)):
        with pytest.raises(ProtectedError):
            row.delete()


def test_looks_follow_a_person_through_a_merge_and_back(cast, look):
    twin = make.person("Nguyễn Thị Lan", birth_date=cast.lan.birth_date, works_at=cast.bac_ha)
    merge = actions.merge_persons(cast.lan, into=twin, by=cast.admin.user, reason="cùng một người")
    assert AccessLog.objects.get().person == twin

    actions.undo_merge(merge, by=cast.admin.user)

    assert rows()[0]["person_id"] == cast.lan.pk
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AccessLog.objects.update(person=twin)


def test_a_merge_that_was_written_rows_first_is_taken_back_too(cast, look):
    twin = make.person("Nguyễn Thị Lan", birth_date=cast.lan.birth_date, works_at=cast.bac_ha)
    merge = actions.merge_persons(cast.lan, into=twin, by=cast.admin.user, reason="cùng một người")
    merge.moved["steps"].sort(key=lambda step: step[0] == "lms.person")
    merge.save()

    actions.undo_merge(merge, by=cast.admin.user)

    assert AccessLog.objects.get().person == cast.lan


def test_a_person_who_looked_and_was_looked_at_is_erased_and_the_log_stays(cast, look):
    before = rows()

    actions.erase_person(cast.lan, by=cast.admin.user)

    assert rows() == before


def test_no_setting_forgets_who_looked_before_two_years_are_over(cast, look, settings):
    settings.LMS_KEEP_ACCESS_LOG_DAYS = 30
    rule = next(one for one in retention.rules() if one.name == "lms.access_log")

    assert retention.apply(rule) == 0
    assert AccessLog.objects.count() == 1


def test_migrating_again_leaves_the_triggers_in_place(look):
    call_command("migrate", "lms", verbosity=0)

    assert guards.missing(connection) == set()


def test_a_site_that_never_had_the_triggers_gets_them_by_migrating_with_its_checks(look):
    guards.remove(connection)

    call_command("migrate", "lms", verbosity=0, skip_checks=False)

    assert guards.missing(connection) == set()
