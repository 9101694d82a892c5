"""Finding the facility somebody means among a thousand, with or without diacritics."""

from datetime import date

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone

from lms import names
from lms.models import Facility

SHOWN = 8
"""How many suggestions fit a phone."""


def facilities_like(text: str, on: date | None = None) -> QuerySet[Facility]:
    """Facilities in force whose name, abbreviation or former name contains every word of *text*.

    Exact names first, then names that begin with the text.
    """
    on = on or timezone.localdate()
    folded = names.fold(text)
    found = Facility.objects.in_force(on).matching(text)
    rank = Case(
        When(name_folded=folded, then=Value(0)),
        When(name_folded__startswith=folded, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.annotate(rank=rank).order_by("rank", "name", "pk")
