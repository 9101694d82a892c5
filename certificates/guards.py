"""Triggers that keep the register append-only, whoever holds the database's password for the site.

An entry is inserted, then given its place in the tree once; a checkpoint is only inserted. On
SQLite a later migration that rebuilds one of these tables drops its triggers: it must end with
``guards.install``. ``lms_verify`` and a system check name what is missing.
"""

LOG, CHECKPOINTS = "lms_certificates_logentry", "lms_certificates_checkpoint"
_SAYS = "the register is append-only"
_UNIQUE = {LOG: (("id",), ("index",), ("certificate_id", "event")), CHECKPOINTS: (("id",), ("size",))}


def names(vendor: str) -> set[str]:
    """The names of the triggers that must be there."""
    kinds = {"postgresql": ("keep", "truncate"), "sqlite": ("update", "delete", "replace")}.get(vendor, ())
    return {f"{table}_{kind}" for table in (LOG, CHECKPOINTS) for kind in kinds}


def install(connection) -> None:
    """Put the triggers in place, also again; databases other than SQLite and PostgreSQL get none."""
    for statement in (
        _REMOVE[connection.vendor] + _statements(connection) if connection.vendor in _REMOVE else []
    ):
        _run(connection, statement)


def remove(connection) -> None:
    """Take the triggers away: for the way back of the migration, and for tests that attack."""
    for statement in _REMOVE.get(connection.vendor, []):
        _run(connection, statement)


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


def _run(connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _statements(connection) -> list[str]:
    if connection.vendor == "postgresql":
        return _POSTGRESQL
    with connection.cursor() as cursor:
        columns = [row.name for row in connection.introspection.get_table_description(cursor, LOG)]
    # What the sequencer may do: give an index where there is none, and touch nothing else.
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns if name != "index")
    placed = f'OLD."index" IS NULL AND NEW."index" IS NOT NULL AND {same}'
    return [
        _sqlite(LOG, "update", "UPDATE", f"NOT ({placed})"),
        _sqlite(CHECKPOINTS, "update", "UPDATE", "1"),
        *(_sqlite(table, "delete", "DELETE", "1") for table in _UNIQUE),
        # INSERT OR REPLACE deletes without asking the trigger of deletions.
        *(_sqlite(table, "replace", "INSERT", _taken(table)) for table in _UNIQUE),
    ]


def _taken(table: str) -> str:
    keys = (" AND ".join(f'"{name}" = NEW."{name}"' for name in key) for key in _UNIQUE[table])
    return f'EXISTS (SELECT 1 FROM "{table}" WHERE {" OR ".join(f"({key})" for key in keys)})'  # noqa: S608


def _sqlite(table: str, kind: str, event: str, condition: str) -> str:
    return (
        f'CREATE TRIGGER "{table}_{kind}" BEFORE {event} ON "{table}" FOR EACH ROW WHEN {condition} '
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    )


_POSTGRESQL = [
    f"""
    CREATE FUNCTION lms_certificates_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = '{LOG}' THEN
            IF (to_jsonb(OLD) ->> 'index') IS NULL AND (to_jsonb(NEW) ->> 'index') IS NOT NULL
               AND (to_jsonb(OLD) - 'index') = (to_jsonb(NEW) - 'index') THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f'CREATE TRIGGER "{table}_keep" BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION lms_certificates_append_only()"
        for table in _UNIQUE
    ),
    *(
        f'CREATE TRIGGER "{table}_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION lms_certificates_append_only()"
        for table in _UNIQUE
    ),
]

_REMOVE = {
    "sqlite": [f'DROP TRIGGER IF EXISTS "{name}"' for name in sorted(names("sqlite"))],
    "postgresql": [
        *(
            f'DROP TRIGGER IF EXISTS "{table}_{kind}" ON "{table}"'
            for table in _UNIQUE
            for kind in ("keep", "truncate")
        ),
        "DROP FUNCTION IF EXISTS lms_certificates_append_only()",
    ],
}
