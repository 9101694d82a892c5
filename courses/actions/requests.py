"""One request of a device is recorded once, however often it is sent; an id that stands for another is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.models import Presence


def recorded(client_id: UUID | None, *, refused: type[Exception], **what) -> Presence | None:
    """The evidence that the request *client_id* brought before, which must be *what* it asks for now.

    An id that brought anything else, to whomever, is ``refused``: a form of the browser's history, or forged.
    """
    if client_id is None or not (rows := Presence.objects.filter(client_id=client_id)).exists():
        return None
    if row := rows.filter(**what).first():
        return row
    raise refused(_already_used())


@contextmanager
def once(client_id: UUID | None, *, refused: type[Exception]) -> Iterator[None]:
    """A transaction in which *client_id* is written; ``refused`` where another request wrote it meanwhile."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if client_id is None or not Presence.objects.filter(client_id=client_id).exists():
            raise
        raise refused(_already_used()) from error


def _already_used() -> str:
    return _(
        "This page was already used to record something else. "
        "Nothing was recorded now; what was recorded before is kept. Open the page again."
    )
