"""Rows read and written by constant SQL are those that the model itself would read and write."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms import clock, sql
from lms.models import Job, Person

pytestmark = pytest.mark.django_db


def a_job(**values) -> Job:
    moment = datetime.datetime(2026, 11, 21, 1, 0, 0, 123, tzinfo=datetime.UTC)
    return Job(kind="thu.sql", key="một", run_at=moment, created_at=moment, note="%s ‘đợi’", **values)


def values_of(row) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_added_by_hand_is_the_row_that_was_meant():
    row = sql.add(a_job(attempts=3))

    assert values_of(Job.objects.get(pk=row.pk)) == values_of(row)
    row.attempts = 4
    row.save()
    assert Job.objects.get(kind="thu.sql").attempts == 4


def test_a_row_read_by_hand_is_the_row_of_the_model():
    somebody = Person.objects.create(full_name="Lý Thị Mai")
    for model, row in ((Job, sql.add(a_job())), (Person, somebody)):
        select = f"SELECT * FROM {model._meta.db_table} WHERE id = %s"
        # Twice: the second time the shape of the answer is known.
        for _time in range(2):
            assert values_of(sql.one(model, select, [row.pk])) == values_of(model.objects.get(pk=row.pk))
    assert sql.one(Person, "SELECT full_name, id, 7 AS more FROM lms_person", []).more == 7
    assert sql.one(Person, "SELECT id FROM lms_person WHERE id = %s", [0]) is None


def test_a_column_left_out_comes_when_asked_for(django_assert_num_queries):
    key = sql.add(a_job()).pk
    row = sql.one(Job, "SELECT run_at, id FROM lms_job WHERE id = %s", [key])

    assert row.run_at < clock.now()
    with django_assert_num_queries(1):
        assert row.note == "%s ‘đợi’"


def test_a_list_of_keys_goes_in_by_few_different_statements():
    told = [sql.marks(list(range(count))) for count in range(1, 9)]

    assert {marks.count("%s") for marks, _keys in told} == {1, 2, 4, 8}
    assert told[2] == ("%s, %s, %s, %s", [0, 1, 2, 2])
    assert sql.marks([]) == ("NULL", [])
    keys = [sql.add(a_job()).pk]
    marks, params = sql.marks([*keys, 0, 0])
    found = sql.many(Job, f"SELECT * FROM lms_job WHERE id IN ({marks})", params)
    assert [row.pk for row in found] == keys


def test_a_star_is_sent_as_the_columns_by_name_so_that_a_prepared_statement_outlives_a_new_one():
    row = sql.add(a_job())

    with CaptureQueriesContext(connection) as asked:
        [found] = sql.many(Job, "SELECT j.*, 7 AS seven FROM lms_job j WHERE j.id = %s", [row.pk])

    assert (values_of(found), found.seven) == (values_of(row), 7)
    assert "*" not in asked[0]["sql"]
    assert 'j."lease_token"' in asked[0]["sql"]
