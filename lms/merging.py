"""How each kind of row takes it when its person turns out to be another: the registry that every app fills.

By default a row simply moves. An app whose rows may not stand twice declares in its ``merging.py``
what becomes of them.
"""

from collections.abc import Callable, Iterator

from django.db.models import Field, Model

from lms.models import DistinctPersons, MessageWish, Person, PersonMerge

LEFT_ALONE = (PersonMerge, DistinctPersons)
"""What was found out about two records stays as it was found."""


class MergeRefused(Exception):
    """Two records cannot become one, or one cannot become two again; the message says why and what to do."""


Settler = Callable[[Model, Person], dict | None]

_SETTLERS: dict[type[Model], Settler] = {}


def settles(model: type[Model]):
    """Declare ``f(row, kept)``: what else changes about *row* when it moves to *kept*.

    It reads only and returns those changes by column name; None leaves the row with the merged
    record; MergeRefused stops the merge.
    """

    def declare(function: Settler) -> Settler:
        _SETTLERS[model] = function
        return function

    return declare


@settles(MessageWish)
def _wish(row: MessageWish, kept: Person):
    # What the kept record says holds.
    return None if MessageWish.objects.filter(person=kept).exists() else {}


def settle(row: Model, kept: Person) -> dict | None:
    """Return what else changes about *row* when it moves to *kept*, or None where it stays."""
    settler = _SETTLERS.get(type(row))
    return settler(row, kept) if settler else {}


def columns() -> Iterator[tuple[type[Model], Field]]:
    """Yield every model of every installed app that names a person, with the column that does."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not (
            relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        ):
            continue
        model = relation.related_model
        if model not in LEFT_ALONE and model._meta.managed and not model._meta.proxy:
            yield model, relation.field
