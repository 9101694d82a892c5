"""Triggers that keep the log of who looked append-only, whoever holds the database's password for the site.

A row is inserted and stays as it is. It follows its person when two records become one, and only
between those two; after two years it may go. The triggers are put in place after every ``migrate``
and taken away before it on SQLite, which cannot rebuild a table that another's trigger reads.
"""

from django.db import connections

from lms.models import AccessLog, Person

LOG, PERSONS = AccessLog._meta.db_table, Person._meta.db_table
DAYS = 730
"""What the law asks for at least; ``LMS_KEEP_ACCESS_LOG_DAYS`` may ask for more."""
_SAYS = "who looked at whose data is append-only"
_KINDS = {"postgresql": ("keep", "truncate"), "sqlite": ("update", "delete", "replace")}
# The records of one merge, in either direction: undoing it gives the rows back.
_ONE_HUMAN_BEING = f"""EXISTS (
    SELECT 1 FROM "{PERSONS}" WHERE (id = OLD.person_id AND merged_into_id = NEW.person_id)
    OR (id = NEW.person_id AND merged_into_id = OLD.person_id))"""  # noqa: S608 - names of our own tables


def names(vendor: str) -> set[str]:
    """The names of the triggers that must be there."""
    return {f"{LOG}_{kind}" for kind in _KINDS.get(vendor, ())}


def install(connection) -> None:
    """Put the triggers in place, also again; databases other than SQLite and PostgreSQL get none."""
    remove(connection)
    _run(connection, _statements(connection))


def remove(connection) -> None:
    """Take the triggers away: before a table is rebuilt, and for tests that attack."""
    drop = {
        "sqlite": 'DROP TRIGGER IF EXISTS "{}"',
        "postgresql": f'DROP TRIGGER IF EXISTS "{{}}" ON "{LOG}"',
    }
    _run(connection, [drop[connection.vendor].format(name) for name in sorted(names(connection.vendor))])
    if connection.vendor == "postgresql":
        _run(connection, ["DROP FUNCTION IF EXISTS lms_access_log_append_only()"])


def missing(connection) -> set[str]:
    """The triggers that are not there."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }.get(connection.vendor)
    if query is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(query)
        return names(connection.vendor) - {name for (name,) in cursor.fetchall()}


def are_due(connection) -> bool:
    """Whether this database holds the tables that the triggers guard."""
    return {LOG, PERSONS} <= set(connection.introspection.table_names())


def before_migrate(using: str, **kwargs) -> None:
    """Receiver of ``pre_migrate``."""
    if connections[using].vendor == "sqlite":
        remove(connections[using])


def after_migrate(using: str, **kwargs) -> None:
    """Receiver of ``post_migrate``."""
    if are_due(connections[using]):
        install(connections[using])


def _run(connection, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _statements(connection) -> list[str]:
    if connection.vendor == "postgresql":
        return _POSTGRESQL
    if connection.vendor != "sqlite":
        return []
    columns = [field.column for field in AccessLog._meta.concrete_fields if field.name != "person"]
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns)
    young = f"OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{DAYS} days')"
    # INSERT OR REPLACE deletes without asking the trigger of deletions.
    taken = f'EXISTS (SELECT 1 FROM "{LOG}" WHERE id = NEW.id)'  # noqa: S608
    return [
        _sqlite("update", "UPDATE", f"NOT ({same} AND {_ONE_HUMAN_BEING})"),
        _sqlite("delete", "DELETE", young),
        _sqlite("replace", "INSERT", taken),
    ]


def _sqlite(kind: str, event: str, condition: str) -> str:
    return (
        f'CREATE TRIGGER "{LOG}_{kind}" BEFORE {event} ON "{LOG}" FOR EACH ROW WHEN {condition} '
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    )


_POSTGRESQL = [
    f"""
    CREATE FUNCTION lms_access_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '{DAYS} days' THEN
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - 'person_id') = (to_jsonb(NEW) - 'person_id') THEN
            IF {_ONE_HUMAN_BEING} THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f'CREATE TRIGGER "{LOG}_keep" BEFORE UPDATE OR DELETE ON "{LOG}" '
    "FOR EACH ROW EXECUTE FUNCTION lms_access_log_append_only()",
    f'CREATE TRIGGER "{LOG}_truncate" BEFORE TRUNCATE ON "{LOG}" '
    "FOR EACH STATEMENT EXECUTE FUNCTION lms_access_log_append_only()",
]
