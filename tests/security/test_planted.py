"""Each check taken away, one at a time: some row of the matrix must go red.

Which rows ask which check is noted while the matrix is walked, and the checks are read from the
registry of ``lms.scope`` and from the permission modules: a new one that no row would miss fails here.
"""

from pathlib import Path

import pytest
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.chooser import BrowseView, ChosenMultipleView
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from lms.policies import DatedCollectionPolicy, DatedOwnershipPolicy, DatedPagePolicy
from tests.security.asking import acts, everybody_holds, everywhere, loaders, patched, taken_for
from tests.security.doors import drawn, knock
from tests.security.matrix import MATRIX
from tests.security.wagtail_matrix import COLUMNS, DOORS
from tests.security.world import ROLES

pytestmark = pytest.mark.slow

SHARED = {"lms_certificates.RuleSet", "lms_content.Guideline", "lms.Job"}
"""Rows that belong to no hospital: the role opens all of them, rightly."""

ELSEWHERE = {
    # What only shows a button, and what is asked only once there is data: proved where data is.
    (
        "lms_courses.Course",
        "issue",
    ): "courses/test_workbench.py::test_only_the_training_office_lets_a_lesson_go",
    (
        "lms_courses.Course",
        "learners",
    ): "courses/test_workbench.py::test_an_appraiser_does_not_see_who_learns",
    # Whoever lacks these lacks "view" too, and is stopped before.
    ("website.User", "change"): "website/test_logins.py::test_the_other_hospitals_login_is_not_found",
    ("lms.DataRequest", "change"): "privacy/test_requests.py::test_no_other_office_opens_the_desk",
    ("lms.PeopleImport", "add"): "lms/test_people_screens.py::test_no_list_is_handed_in_for_another_hospital",
    ("lms.PeopleImport", "change"): "lms/test_import.py::test_who_lost_the_office_meanwhile_applies_nothing",
    "courses.runs_counted_for": "courses/test_figures.py::test_the_evaluator_of_another_hospital_reads_nothing_of_it",
    "courses.can": "courses/test_workbench.py::test_an_appraiser_does_not_see_who_learns",
    "courses.get_open_enrolment": "courses/test_pages.py::test_a_lesson_opens_for_its_learner_and_for_nobody_else",
    "lms.can_grant": "lms/test_policies.py::test_a_role_beyond_ones_own_is_not_given",
    "lms.is_staff_role": "lms/test_scope.py::test_the_person_behind_a_login_is_found",
    "certificates.require_builder": "certificates/test_screens.py::test_other_hospitals_and_other_roles_reach_no_batch",
    "certificates.can_approve": "certificates/test_screens.py::test_whoever_builds_cannot_approve_even_as_a_signer",
    "certificates.own_entries": "certificates/test_screens.py::test_a_ledger_holds_ones_own_credit_only",
}
"""Checks that no row can miss, because rows carry no data; each with the test that misses it."""

TRIED = 6
STAND_INS = ("su", "le", "oA", "sA", "ve", "ob", "c1")


def goes_red(world, rows) -> bool:
    """Whether a role gets something else at one of *rows* than the matrix says (an error of ours is no proof)."""
    for name, method in rows[:TRIED]:
        row = MATRIX[name]
        for role, wanted in zip(ROLES, getattr(row, method), strict=True):
            got = knock(world, name, row.arguments, method, (role,))[role].letter
            if got not in {wanted, "E"}:
                return True
    return False


@pytest.mark.parametrize(("label", "act"), [one for one in acts() if one not in ELSEWHERE])
def test_an_act_that_any_role_may_do_is_noticed(world, asked, label, act):
    with everybody_holds(label, act):
        assert goes_red(world, asked.telling((label, act))), (
            f"no row of the matrix misses the roles of {act} on {label}"
        )


@pytest.mark.parametrize("label", sorted({label for label, _act in acts()} - SHARED))
def test_a_policy_that_forgets_the_hospital_is_noticed(world, asked, label):
    rows = asked.telling(*[one for one in acts() if one[0] == label])

    with everywhere(label):
        assert goes_red(world, rows), f"no row of the matrix misses the hospital of {label}"


@pytest.mark.parametrize("name", [one for one in loaders() if one not in ELSEWHERE])
def test_a_loader_that_does_not_look_who_asks_is_noticed(world, asked, name):
    for role in STAND_INS:
        with taken_for(name, world.users[role].user):
            if goes_red(world, asked.telling(name)):
                return
    pytest.fail(f"no row of the matrix misses {name}; asked by {asked.telling(name)[:TRIED]}")


@pytest.mark.parametrize("check", ELSEWHERE)
def test_what_no_row_can_miss_is_missed_by_the_test_that_is_named(check):
    path, _colons, name = ELSEWHERE[check].partition("::")

    assert check in acts() or check in loaders(), "the check is gone: take it off the list"
    assert f"def {name}(" in Path("tests", path).read_text(encoding="utf-8")


EVERYBODYS_PAGES = ("get_all_permissions_for_user", lambda self, user: GroupPagePermission.objects.all())
EVERYBODYS_FILES = (
    "get_all_permissions_for_user",
    lambda self, user: GroupCollectionPermission.objects.all(),
)


@pytest.mark.parametrize(
    ("policy", "fault", "name"),
    [
        (DatedPagePolicy, EVERYBODYS_PAGES, "wagtailadmin_pages:edit"),
        (DatedPagePolicy, EVERYBODYS_PAGES, "wagtailadmin_pages:history"),
        (DatedPagePolicy, EVERYBODYS_PAGES, "wagtailadmin_reports:site_history"),
        (DatedPagePolicy, EVERYBODYS_PAGES, "wagtailadmin_choose_page_search"),
        (DatedOwnershipPolicy, EVERYBODYS_FILES, "wagtaildocs:edit"),
        (DatedOwnershipPolicy, EVERYBODYS_FILES, "wagtaildocs_chooser:choose"),
        (DatedOwnershipPolicy, EVERYBODYS_FILES, "wagtailimages_chooser:choose"),
        (
            DatedCollectionPolicy,
            ("user_has_any_permission", lambda *args: True),
            "wagtailadmin_collections:index",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_a_policy_of_wagtail_that_lets_everybody_through_is_noticed(world, monkeypatch, policy, fault, name):
    monkeypatch.setattr(policy, *fault)
    door = next(one for one in DOORS if one.name == name)

    assert drawn(knock(world, name, door.arguments, "get", COLUMNS)) != door.get


@pytest.mark.parametrize("name", ["_browse", "_chosen_multiple", "_bulk", "_for_superusers"])
def test_a_door_of_wagtail_that_we_closed_is_noticed_when_it_opens(world, name):
    holder, method, argument = {
        "_browse": (BrowseView, "get", "wagtailadmin_choose_page_child"),
        "_chosen_multiple": (ChosenMultipleView, "get", "wagtailadmin_choose_page_chosen_multiple"),
        "_bulk": (BulkAction, "get_context_data", "wagtail_bulk_action"),
        "_for_superusers": (PageTypesUsageReportView, "dispatch", "wagtailadmin_reports:page_types_usage"),
    }[name]
    door = next(one for one in DOORS if one.name == argument)
    words = door.arguments.replace("a.page.pk", "draft.pk")
    closed = drawn(knock(world, argument, words, "get", COLUMNS))

    with patched(holder, method, getattr(holder, method).__wrapped__):
        assert drawn(knock(world, argument, words, "get", COLUMNS)) != closed
