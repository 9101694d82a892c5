"""Texts kept in Vietnamese and English side by side."""

from django.utils.translation import get_language


def pick(vi: str, en: str, language: str | None = None) -> str:
    """Return the text in *language* (the active one by default), else whichever exists."""
    language = language or get_language() or "vi"
    return (en or vi) if language.startswith("en") else (vi or en)
