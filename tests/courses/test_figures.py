"""Evaluators read figures of classes: no name, no count small enough to be one, no other hospital."""

import pytest
from django.urls import reverse

from courses.figures import Shown, lines
from courses.models import Run
from courses.permissions import runs_counted_for
from lms.actions import grant_role
from lms.models import Facility
from tests.factories.cast import person
from tests.factories.programme import programme_a, programme_b
from tests.kept import repeated


@pytest.fixture
@repeated
def programme(cast):
    """A class of Bạch Mai with six learners, five of whom completed."""
    found = programme_a(cast)
    for number in range(6):
        enrolment = found.enrol(person(f"Giàng A Sếnh {number}", works_at=cast.bac_ha))
        if number:
            found.complete(enrolment)
    return found


def test_a_line_counts_who_learns_and_who_completed(programme):
    (line,) = lines(Run.objects.filter(pk=programme.run.pk))

    assert [one.value for one in line.counts[:2]] == [6, 5]


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, None), (4, None), (5, 5), (60, 60)])
def test_a_count_below_five_is_not_told(count, told):
    assert Shown.of(count).value == told


def test_more_classes_cost_no_more_queries(cast, programme, django_assert_num_queries):
    programme_b(cast)
    assert programme_a(cast, code="DQ-02", title="Phục hồi chức năng sau đột quỵ").run

    with django_assert_num_queries(3):
        assert len(lines(Run.objects.all())) >= 2


def test_the_evaluator_of_a_hospital_reads_its_figures_and_no_name(cast, programme):
    text = cast.client(cast.nga).get(reverse("lms_courses_admin:figures")).text

    assert programme.run.code in text
    assert "Giàng A Sếnh" not in text


def test_the_evaluator_of_another_hospital_reads_nothing_of_it(cast, programme):
    text = cast.client(cast.khoi).get(reverse("lms_courses_admin:figures")).text

    assert programme.run.code not in text


def test_who_evaluates_a_project_reads_all_classes(cast, programme):
    project = Facility.objects.create(code="DA-VX", name="Dự án Vươn Xa", kind=Facility.Kind.PROJECT)
    chau = person("Đoàn Bảo Châu", login="chau")
    grant_role(chau.user, role="evaluator", facility=project, by=cast.admin.user)

    assert programme.run in runs_counted_for(chau.user)


def test_a_trainer_has_no_such_page(cast, programme):
    assert cast.client(cast.ung).get(reverse("lms_courses_admin:figures")).status_code == 302
