"""Rows as plain JSON by their columns, so that a column added later travels without being named here."""

import datetime
import decimal
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from content.archive import Unusable


def plain_fields(model: type[models.Model], *, leave: Iterable[str] = ()) -> list[models.Field]:
    """The columns of *model* that are words, numbers or dates: no key, no link to another row, none of *leave*."""
    left = set(leave)
    return [
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.is_relation or field.name in left)
    ]


def to_plain(row: models.Model, fields: Iterable[models.Field]) -> dict[str, Any]:
    """The values of *fields* as JSON has them."""
    return {field.name: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date | datetime.time | uuid.UUID):
        return value.isoformat() if not isinstance(value, uuid.UUID) else str(value)
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return value


def from_plain(values: dict[str, Any], fields: Iterable[models.Field], *, where: str) -> dict[str, Any]:
    """What a row is made of, each value as its column holds it; a column that is not named keeps its default.

    Raises Unusable for a column that this site does not know and for a value that does not fit.
    """
    known = {field.name: field for field in fields}
    if unknown := sorted(set(values) - set(known)):
        raise Unusable("unknown_field", where=where, name=str(unknown[0])[:60])
    found = {}
    for name, value in values.items():
        field = known[name]
        if not _may_be(field, value):
            raise Unusable("invalid", where=where, name=str(field.verbose_name), why=str(value)[:60])
        try:
            found[name] = field.to_python(value)
        except (ValidationError, TypeError, ValueError, ArithmeticError) as error:
            raise _invalid(where, name, error) from error
    return found


def _may_be(field: models.Field, value: Any) -> bool:
    """Whether JSON of this type can be meant for *field*; to_python alone makes text of anything."""
    if value is None:
        return field.null
    if isinstance(field, models.JSONField):
        return True
    if isinstance(field, models.BooleanField):
        return isinstance(value, bool)
    if isinstance(field, models.IntegerField | models.FloatField):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def checked(row: models.Model, *, where: str, exclude: Iterable[str] = ()) -> models.Model:
    """*row*, if its own rules accept it; Unusable names the first column that they do not."""
    skip = {field.name for field in row._meta.concrete_fields if field.is_relation} | set(exclude)
    try:
        row.clean_fields(exclude=skip)
    except ValidationError as error:
        name, why = next(iter(error.message_dict.items()))
        raise _invalid(where, name, why[0]) from error
    return row


def _invalid(where: str, name: str, why: object) -> Unusable:
    said = "; ".join(why.messages) if isinstance(why, ValidationError) else str(why)
    return Unusable("invalid", where=where, name=name, why=said[:200])
