"""Addresses that the page editor makes from Vietnamese titles: folded, never with letters left out."""

from functools import cache

from django.db import models
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.widgets.slug import SlugInput

from lms.names import fold

LATIN = range(0xC0, 0x1F00)
"""Where Unicode keeps Latin letters with marks."""


@cache
def formatters() -> tuple[tuple[str, str], ...]:
    """For the editor's script: sets of letters with marks, and the plain letter to write for each set.

    Worked out once: each class of a page form asks, and it folds thousands of letters.
    """
    marked: dict[str, str] = {}
    for letter in map(chr, LATIN):
        if (plain := fold(letter)) in {*"adeiouy"}:
            marked[plain] = marked.get(plain, "") + letter
    return ("[\u0300-\u036f]", ""), *((f"[{letters}]", plain) for plain, letters in marked.items())


def register() -> None:
    """Let the slug fields of page forms fold Vietnamese; called once when the app is ready."""
    register_form_field_override(
        models.SlugField, override=lambda db_field: {"widget": SlugInput(formatters=[*formatters()])}
    )
