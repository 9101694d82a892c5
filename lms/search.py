"""The folding search backend: "dot quy" finds "Đột quỵ" on SQLite and PostgreSQL, in the admin too.

Both the index and the query are folded in Python, so that no database extension is needed and
both databases give the same results. Run ``manage.py wagtail_update_index`` after switching to it.
"""

import threading
from functools import cache

from django.db import connection
from modelsearch.backends import database as stock
from modelsearch.backends.base import EmptySearchResults
from modelsearch.query import And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText

from lms.names import fold

MOST_WORDS = 20
_making = threading.Lock()


def searchable(text: str) -> str:
    """Return *text* folded, with a space for whatever is neither letter nor digit.

    The two databases would cut "008071/ĐL-CCHN" into words differently; this way they cannot.
    """
    return " ".join("".join(char if char.isalnum() else " " for char in fold(text)).split())


def _asked(text: str) -> str:
    return " ".join(searchable(text).split()[:MOST_WORDS])


def folded(query):
    """Return a search query with its words folded; one without words finds nothing."""
    if isinstance(query, str):
        return _asked(query)
    if isinstance(query, PlainText):
        text = _asked(query.query_string)
        return PlainText(text, operator=query.operator, boost=query.boost) if text else Not(MatchAll())
    if isinstance(query, Phrase):
        text = _asked(query.query_string)
        return Phrase(text) if text else Not(MatchAll())
    if isinstance(query, Fuzzy):
        return Fuzzy(_asked(query.query_string), operator=query.operator, unaccent=query.unaccent)
    if isinstance(query, (And, Or)):
        return type(query)([folded(part) for part in query.subqueries])
    if isinstance(query, Not):
        return Not(folded(query.subquery))
    if isinstance(query, Boost):
        return Boost(folded(query.subquery), query.boost)
    return query


class FoldingIndexer:
    """Folds every value that goes into the index."""

    def prepare_value(self, value):
        return searchable(super().prepare_value(value))


class FoldingCompiler:
    """Folds the words of every query."""

    def __init__(self, queryset, query, *args, **kwargs):
        super().__init__(queryset, folded(query), *args, **kwargs)


class FoldingBackend:
    """Answers nothing to a query without words, where the stock backends fail."""

    def _search(self, compiler, query, model_or_queryset, **kwargs):
        if isinstance(query, str) and not searchable(query):
            return EmptySearchResults()
        return super()._search(compiler, query, model_or_queryset, **kwargs)


@cache
def _backend_class(vendor: str):
    """Return the folding kind of the database's backend; makes it once for the process."""
    if vendor == "postgresql":
        from modelsearch.backends.database.postgres import postgres as module

        base = module.PostgresSearchBackend
    else:
        from modelsearch.backends.database.sqlite import sqlite as module

        base = module.SQLiteSearchBackend
    # The stock index looks its indexer up in its module; there is no other seam.
    if not issubclass(module.ObjectIndexer, FoldingIndexer):
        module.ObjectIndexer = type("ObjectIndexer", (FoldingIndexer, module.ObjectIndexer), {})
    compilers = {
        name: type(f"Folding{name}", (FoldingCompiler, getattr(base, name)), {})
        for name in ("query_compiler_class", "autocomplete_query_compiler_class")
    }
    return type("SearchBackend", (FoldingBackend, base), compilers)


def SearchBackend(params):
    """Return the folding backend for the default database, or the stock one on a database without full text."""
    usual = stock.SearchBackend(params)
    if not type(usual).__module__.endswith(("postgres.postgres", "sqlite.sqlite")):
        return usual
    with _making:
        backend = _backend_class(connection.vendor)
    # PostgreSQL's default configuration drops English stop words: "an", "do", "to" are Vietnamese words.
    return backend({"SEARCH_CONFIG": "simple", **params})
