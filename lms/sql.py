"""SQL written by hand, for the few requests that hundreds of people send in the same minute."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model, Value

Row = TypeVar("Row", bound=Model)


def many(model: type[Row], sql: str, params: Sequence[Any]) -> list[Row]:
    """Return the rows of *model* that a constant SELECT finds; columns it leaves out come when asked for.

    Django needs ten times as long to build such a SELECT as the database to answer it
    (``docs/decisions/0008-hot-paths.md``). *params* are as the database keeps them (``stored``); a
    column that is no field of *model* becomes a plain attribute of the row; ``*`` is every field.
    """
    database, sql = connections[DEFAULT_DB_ALIAS], _spelled(model, sql)
    with database.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchall()
        if not found:
            return []
        shape = _shape(database, model, sql, cursor.description)
    return [shape.row(database, values) for values in found]


_STAR = re.compile(r"\bSELECT (\w+\.)?\*")


@cache
def _spelled(model: type[Model], sql: str) -> str:
    """*sql* with its columns by name: a statement that PostgreSQL has prepared outlives a column that is added."""
    columns = [connection.ops.quote_name(field.column) for field in model._meta.concrete_fields]
    return _STAR.sub(
        lambda found: "SELECT " + ", ".join(f"{found[1] or ''}{column}" for column in columns), sql, count=1
    )


def marks(keys: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return what stands between the brackets of IN for *keys*, and its parameters.

    Filled up to a power of two with the last key, so that few different statements come to be.
    """
    if not keys:
        return "NULL", []
    filled = [*keys, *[keys[-1]] * ((1 << (len(keys) - 1).bit_length()) - len(keys))]
    return ", ".join(["%s"] * len(filled)), filled


def one(
    model: type[Row], sql: str, params: Sequence[Any], *, lock: bool = False, share: str = ""
) -> Row | None:
    """Return the first row that ``many`` would, or None.

    With *lock* it stays locked until the commit. With *share* the row of the table of that name cannot
    change until then, and others may share it meanwhile. SQLite, whose transactions begin with a lock,
    needs neither.
    """
    if connection.features.has_select_for_update and (lock or share):
        sql = f"{sql} {f'FOR SHARE OF {share}' if share else connection.ops.for_update_sql(no_key=True)}"
    return next(iter(many(model, sql, params)), None)


def add(row: Row) -> Row:
    """Insert *row*, whose every field is set, and return it with its key: a ``save()`` that tells no signals."""
    database, meta = connections[DEFAULT_DB_ALIAS], row._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(field.column for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    params = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    insert = f"INSERT INTO {meta.db_table} ({names}) VALUES ({marks}) RETURNING {meta.pk.column}"  # noqa: S608
    with database.cursor() as cursor:
        cursor.execute(insert, params)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def rows(sql: str, params: Sequence[Any], kinds: Sequence[Field]) -> list[tuple]:
    """Return what a constant SELECT of several tables finds, each column as a field of *kinds* reads it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchall()
    if not found:
        return []
    read = [Value(None, output_field=kind) for kind in kinds]
    ways = [[*connection.ops.get_db_converters(one), *one.get_db_converters(connection)] for one in read]
    return [tuple(map(_converted, values, read, ways)) for values in found]


def _converted(value: Any, column, ways) -> Any:
    for convert in ways:
        value = convert(value, column, connection)
    return value


def stored(model: type[Model], name: str, value: Any) -> Any:
    """Return *value* as the database keeps it in the field *name* of *model*, for a parameter by hand."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)


class _Shape(NamedTuple):
    """How the columns of one constant SELECT become a row of its model."""

    model: type[Model]
    names: list[str]
    positions: list[int]
    others: list[tuple[int, str]]
    converters: list[tuple[int, list[Callable], Any]]

    def row(self, database, values: Sequence[Any]):
        values = list(values)
        for position, converters, column in self.converters:
            for convert in converters:
                values[position] = convert(values[position], column, database)
        row = self.model.from_db(database.alias, self.names, [values[at] for at in self.positions])
        for position, name in self.others:
            setattr(row, name, values[position])
        return row


def _shape(database, model: type[Model], sql: str, description) -> _Shape:
    """The shape of *sql*, worked out once for each connection, whose converters it keeps."""
    shapes = database.__dict__.setdefault("lms_shapes", {})
    if (model, sql) not in shapes:
        shapes[model, sql] = _work_out(database, model, [column[0] for column in description])
    return shapes[model, sql]


def _work_out(database, model: type[Model], columns: list[str]) -> _Shape:
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    converters = []
    for field in fields:
        column = field.get_col(model._meta.db_table)
        found = database.ops.get_db_converters(column) + column.get_db_converters(database)
        if found:
            converters.append((columns.index(field.column), found, column))
    known = {field.column for field in fields}
    return _Shape(
        model=model,
        names=[field.attname for field in fields],
        positions=[columns.index(field.column) for field in fields],
        others=[(at, name) for at, name in enumerate(columns) if name not in known],
        converters=converters,
    )
