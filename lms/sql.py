"""SQL written by hand, for the few requests that hundreds of people send in the same minute."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def many(model: type[Row], sql: str, params: Sequence[Any]) -> list[Row]:
    """Return the rows of *model* that a constant SELECT finds; columns it leaves out come when asked for.

    Django needs ten times as long to build such a SELECT as the database to answer it
    (``docs/decisions/0008-hot-paths.md``).
    """
    return list(model._base_manager.raw(sql, params))


def one(model: type[Row], sql: str, params: Sequence[Any], *, lock: bool = False) -> Row | None:
    """Return the first row that ``many`` would, or None.

    With *lock* it stays locked until the commit; SQLite, whose transactions begin with a lock,
    needs none.
    """
    if lock and connection.features.has_select_for_update:
        sql = f"{sql} {connection.ops.for_update_sql(no_key=True)}"
    return next(iter(many(model, sql, params)), None)


def stored(model: type[Model], name: str, value: Any) -> Any:
    """Return *value* as the database keeps it in the field *name* of *model*, for a parameter by hand."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)
