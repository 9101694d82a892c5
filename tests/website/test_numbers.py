"""A number that no database holds is asked for: nothing is there, and nothing breaks."""

import pytest
from django.db import DataError, connection
from django.http import HttpResponse

from website.middleware import impossible_numbers


@pytest.mark.parametrize("key", ["owner", "edited_by"])
def test_a_filter_of_the_page_list_by_an_impossible_number_finds_nothing(cast, key):
    client = cast.client(cast.admin)
    client.raise_request_exception = False

    # PostgreSQL compares with any number and finds nothing; SQLite cannot take it.
    wanted = 404 if connection.vendor == "sqlite" else 200
    assert client.get("/admin/pages/", {key: "9" * 30}).status_code == wanted
    assert client.get("/admin/pages/", {key: cast.admin.user.pk}).status_code == 200


@pytest.mark.parametrize("fault", [OverflowError("x"), DataError("x")])
def test_only_a_number_that_was_asked_for_is_taken_for_the_reason(db, rf, fault):
    guard = impossible_numbers(lambda request: HttpResponse())

    assert guard.process_exception(rf.get("/?n=1"), fault) is None
    assert guard.process_exception(rf.get("/?n=99999999999"), ValueError("x")) is None
    assert guard.process_exception(rf.get("/?n=99999999999"), fault).status_code == 404
