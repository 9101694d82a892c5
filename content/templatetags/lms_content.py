"""Filters for the texts of questions and for lectures: ``{% load lms_content %}``."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from content import markup

register = template.Library()


@register.filter
def rich(fragment: str) -> SafeString:
    """A question text with its little markup, cleaned once more here."""
    return mark_safe(markup.clean(fragment))  # noqa: S308 - the one place, straight after nh3


@register.filter
def plain(fragment: str) -> str:
    """A question text without markup, escaped by the template like any other."""
    return markup.plain(fragment)


@register.filter
def url_at(form, second: float) -> str:
    """Where a browser without scripts plays *form* of a lecture from *second* on."""
    return form.url_at(second)
