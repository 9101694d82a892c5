"""The public plan of a provider, as the circular asks: which classes, when, for whom, by which decision."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from courses.actions.runs import close_run, open_run
from courses.models import Run
from courses.plan import plan_of
from lms import clock
from tests.factories import cast as people
from tests.factories import courses as make
from tests.kept import repeated


def in_days(days):
    return clock.today() + datetime.timedelta(days=days)


@pytest.fixture
@repeated
def release(cast):
    page = make.course_page(cast.bach_mai, "Đột quỵ não tại tuyến cơ sở", kinds=("reading", "reading"))
    return make.issued(cast, page, audience=[people.profession("dieu_duong")])


def opened(cast, release, code, **values):
    return open_run(release, code=code, by=cast.hang.user, **values)


def codes(facility):
    return [line.run.code for line in plan_of(facility)]


def test_a_visitor_reads_everything_the_circular_asks_for(cast, client, release):
    until = clock.now() + datetime.timedelta(days=20)
    opened(cast, release, "LOP-A", starts_on=in_days(30), ends_on=in_days(40), seats=24, enrol_until=until)

    html = client.get(make.provider(cast.bach_mai).url).content.decode()
    plan = html[html.index('id="plan"') :]

    for text in (
        "Đột quỵ não tại tuyến cơ sở", "LOP-A", "2 giờ tín chỉ", "tự học", "Điều dưỡng", "24 chỗ",
        f"{in_days(30):%m/%Y}", f"{in_days(30):%d/%m/%Y}", f"{in_days(40):%d/%m/%Y}",
        f"{localtime(until):%d/%m/%Y}",
        release.decision_number,
    ):  # fmt: skip
        assert text.lower() in plan.lower(), text


def test_classes_stand_by_month_and_those_without_a_date_last(cast, client, release):
    opened(cast, release, "LOP-3")
    opened(cast, release, "LOP-2", starts_on=in_days(70))
    opened(cast, release, "LOP-1", starts_on=in_days(5))

    assert codes(cast.bach_mai) == ["LOP-1", "LOP-2", "LOP-3"]
    months = [line.month for line in plan_of(cast.bach_mai)]
    assert months == [in_days(5).replace(day=1), in_days(70).replace(day=1), None]


def test_what_is_over_or_closed_is_no_plan_and_what_runs_is(cast, release):
    opened(cast, release, "CU", starts_on=in_days(-40), ends_on=in_days(-1))
    opened(cast, release, "DANG-HOC", starts_on=in_days(-4), ends_on=in_days(4))
    close_run(opened(cast, release, "DONG"), by=cast.hang.user)

    assert codes(cast.bach_mai) == ["DANG-HOC"]


def test_a_plan_names_the_classes_of_its_own_hospital_only(cast, release):
    opened(cast, release, "LOP-A")

    assert codes(cast.viet_duc) == []


def test_a_course_that_was_taken_down_is_no_longer_announced(cast, release):
    opened(cast, release, "LOP-A")
    type(release.course).objects.update(is_open=False)

    assert codes(cast.bach_mai) == []


def test_how_one_gets_in_is_said(cast, release):
    now, day = clock.now(), datetime.timedelta(days=1)
    opened(cast, release, "A-MO")
    opened(cast, release, "B-SAP-MO", enrol_from=now + day)
    opened(cast, release, "C-HET-HAN", enrol_until=now - day)
    opened(cast, release, "D-DU", seats=1)
    Run.objects.filter(code="D-DU").update(seats_taken=1)

    assert [line.enrolment for line in plan_of(cast.bach_mai)] == ["open", "later", "over", "full"]


def test_a_long_plan_is_turned_over_and_loses_no_class(cast, client, release):
    for number in range(35):
        opened(cast, release, f"LOP-{number:02}")
    url = make.provider(cast.bach_mai).url

    first = client.get(url).content.decode()
    second = client.get(url, {"plan": 2}).content.decode()

    assert "?plan=2#plan" in first
    for number in range(35):
        assert (f"LOP-{number:02}" in first[first.index('id="plan"') :]) != (
            f"LOP-{number:02}" in second[second.index('id="plan"') :]
        )


def test_more_classes_cost_no_more_queries(cast, release):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            plan_of(cast.bach_mai)
        return len(queries)

    opened(cast, release, "LOP-A")
    plan_of(cast.bach_mai)
    one = cost()
    for number in range(9):
        opened(cast, release, f"LOP-{number}")

    assert len(plan_of(cast.bach_mai)) == 10
    assert cost() == one <= 4
