"""The folding search backend: "dot quy" finds "Đột quỵ"."""

from wagtail.search.backends.database import SearchBackend

__all__ = ["SearchBackend"]
