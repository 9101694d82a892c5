"""Each check taken away, one at a time: some row of the matrix must go red.

Which rows ask which check is noted while the matrix is walked, and the checks are read from the
registry of ``lms.scope`` and from the permission modules: a new one that no row would miss fails here.
"""

from collections import Counter
from pathlib import Path

import pytest
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.chooser import BrowseView, ChosenMultipleView
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from lms.policies import DatedCollectionPolicy, DatedOwnershipPolicy, DatedPagePolicy
from tests.security.asking import (
    acts,
    everybody_holds,
    everywhere,
    loaders,
    patched,
    places,
    taken_for,
    unlimited_at,
)
from tests.security.doors import REFUSED, drawn, knock
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
    (
        "lms_certificates.TemplateVersion",
        "change",
    ): "certificates/test_templates.py::test_nobody_else_makes_templates",
    # One filter at its place: rows carry no data, and the front page of the administration is Wagtail's.
    "certificates/views/batches.py overview limit": "certificates/test_screens.py::test_other_hospitals_and_other_roles_reach_no_batch",
    "certificates/views/batches.py overview limit 2": "certificates/test_office.py::test_the_desk_offers_the_volumes_of_ones_own_issuer_only",
    "certificates/templates_admin.py Templates.get_context_data limit": "certificates/test_templates.py::test_an_office_lists_the_versions_of_its_own_issuers_only",
    "certificates/views/mending.py _allowed limit": "certificates/test_screens.py::test_an_exception_leads_to_the_record_for_whoever_may_complete_it_and_names_who_may_to_the_others",
    "certificates/viewsets.py Waiting.get_context_data limit": "certificates/test_reviews.py::test_the_signer_of_the_hospital_finds_what_to_end_and_no_other",
    "certificates/viewsets.py Waiting.rows facilities": "certificates/test_screens.py::test_waiting_completions_are_listed_with_their_reason",
    "certificates/waiting.py at_desk facilities": "integration/test_front_page.py::test_a_batch_waits_for_a_signer_who_did_not_build_it",
    "content/permissions.py get_upload_for facilities": "content/test_uploads.py::test_who_went_to_another_hospital_goes_on_with_nothing_of_the_old_one",
    "content/viewsets/uploads.py Uploads.post facilities": "content/test_uploads.py::test_nobody_uploads_for_a_hospital_that_is_not_the_own",
    "content/waiting.py at_desk limit": "integration/test_front_page.py::test_questions_lectures_and_lists_wait_at_their_own_hospital",
    "content/waiting.py at_desk limit 2": "integration/test_front_page.py::test_questions_lectures_and_lists_wait_at_their_own_hospital",
    "courses/actions/bringing.py ClassList.take limit": "courses/test_applications.py::test_a_list_is_checked_without_writing_and_then_enrols_whom_it_names",
    "courses/models/appraisal.py AppraisalTask.awaiting limit": "courses/test_appraisal_workflow.py::test_the_front_page_of_wagtail_shows_the_release_to_whose_turn_it_is_and_to_nobody_elsewhere",
    "courses/making_up.py choices limit": "courses/test_making_up.py::test_the_hub_adds_a_recording_on_the_attendance_desk_and_sees_who_made_up",
    "courses/views/making_up.py add limit": "courses/test_making_up.py::test_the_hub_adds_a_recording_on_the_attendance_desk_and_sees_who_made_up",
    "courses/forms_pathway.py PathwayForm.__init__ facilities": "courses/test_pathways.py::test_the_training_office_writes_publishes_and_closes_one_of_its_own_hospital",
    "courses/permissions.py applications_of facilities": "courses/test_applications.py::test_what_was_decided_is_listed_for_the_own_unit_and_the_own_office_only",
    "courses/permissions.py applications_of facilities 2": "courses/test_applications.py::test_what_was_decided_is_listed_for_the_own_unit_and_the_own_office_only",
    "courses/permissions.py decidable facilities 2": "courses/test_applications.py::test_a_manager_decides_about_the_own_unit_and_only_at_the_own_step",
    "courses/permissions.py people_for facilities": "courses/test_applications.py::test_a_coordinator_sees_who_of_the_own_site_needs_help_and_enrols_the_ticked",
    "courses/permissions.py runs_counted_for facilities": "courses/test_figures.py::test_the_evaluator_of_another_hospital_reads_nothing_of_it",
    "courses/views/copies.py Copy.planned limit": "courses/test_copies.py::test_a_session_of_another_hospitals_hub_is_named_and_left_out",
    "courses/views/people.py enrol facilities": "courses/test_applications.py::test_a_coordinator_sees_who_of_the_own_site_needs_help_and_enrols_the_ticked",
    "courses/views/people.py send_list facilities": "courses/test_applications.py::test_a_list_is_handed_in_for_the_site_of_whoever_sends_it",
    "courses/views/calendar.py session_list limit": "courses/test_sessions.py::test_the_calendar_shows_the_desk_of_a_session_to_its_own_hub_only",
    "courses/waiting.py _releases limit": "integration/test_front_page.py::test_a_version_that_was_handed_in_waits_for_the_appraiser_of_its_hospital",
    "courses/waiting.py _releases limit 2": "integration/test_front_page.py::test_an_appraised_version_waits_for_the_office_of_its_hospital",
    "courses/session_permissions.py get_excuse_for limit": "courses/test_excuses.py::test_a_coordinator_who_left_the_office_reads_no_excuse_any_more",
    "courses/waiting.py at_desk limit 2": "courses/test_excuses.py::test_the_waiting_list_of_the_office_names_the_session_not_the_person",
    "courses/waiting.py at_desk limit": "integration/test_front_page.py::test_questions_lectures_and_lists_wait_at_their_own_hospital",
    "lms/actions/import_facilities.py FacilityList.__init__ facilities": "lms/test_import.py::test_no_facility_is_added_outside_ones_own_tree",
    "lms/actions/import_people.py Known.__init__ limit": "lms/test_import.py::test_somebody_from_elsewhere_comes_over_only_if_all_agrees_and_is_not_changed",
    "lms/actions/import_people.py PeopleList.__init__ facilities": "lms/test_import.py::test_a_list_reaches_no_facility_of_others",
    "lms/actions/imports.py may_import facilities": "lms/test_import.py::test_who_lost_the_office_meanwhile_applies_nothing",
    "lms/breach_admin.py Breach.found limit": "privacy/test_breach.py::test_the_officer_sees_whom_a_breach_touched_in_his_own_house_and_they_are_told",
    "lms/duplicates_admin.py Pair._side facilities": "lms/test_people_screens.py::test_a_comparison_shows_no_workplace_elsewhere",
    "lms/forms.py PersonForm.__init__ facilities": "lms/test_policies.py::test_a_person_is_not_added_at_somebody_elses",
    "lms/forms.py RoleForm.__init__ limit": "lms/test_policies.py::test_no_role_is_given_to_somebody_of_another_hospital",
    "lms/people_admin.py PersonInvite.post facilities": "lms/test_people_screens.py::test_a_slip_names_the_workplace_of_whoever_makes_it",
    "lms/people_admin.py places_with_roles facilities": "lms/test_roles_screen.py::test_the_filter_offers_and_takes_ones_own_facilities_only",
    "lms/person_forms.py person_formsets facilities": "lms/test_people_screens.py::test_a_workplace_is_added_only_at_ones_own_facilities",
    "lms/place_forms.py MoveForm.__init__ limit": "lms/test_people_screens.py::test_a_facility_is_not_put_below_itself_nor_below_what_one_does_not_watch_over",
    "lms/policies.py ScopedPolicy.instances_user_has_any_permission_for limit": "lms/test_policies.py::test_wagtail_is_told_of_ones_own_rows_only",
    "lms/privacy_admin.py PrivacyGroup.get_menu_item.render_with_count limit": "privacy/test_requests.py::test_the_officer_of_another_hospital_sees_nothing_of_it",
    "lms/viewsets.py ScopedChosen.get_objects limit": "lms/test_policies.py::test_choosers_offer_and_take_only_ones_own",
    "lms/viewsets.py ScopedViewSetMixin._guarded.guarded limit 2": "lms/test_policies.py::test_who_may_look_here_and_change_there_changes_nothing_here",
    "lms/wagtail_hooks.py requests_and_jobs limit": "privacy/test_requests.py::test_the_officer_of_another_hospital_sees_nothing_of_it",
    "lms/wagtail_hooks.py requests_and_jobs limit 2": "integration/test_front_page.py::test_a_job_that_failed_for_good_waits_for_the_system_administrator",
    "courses.applications_of": "courses/test_applications.py::test_what_was_decided_is_listed_for_the_own_unit_and_the_own_office_only",
    "courses.givers_of": "courses/test_applications.py::test_a_deputy_decides_on_the_days_of_the_absence_and_in_whose_stead_is_kept",
    "courses.people_for": "courses/test_applications.py::test_a_coordinator_sees_who_of_the_own_site_needs_help_and_enrols_the_ticked",
    "courses.runs_counted_for": "courses/test_figures.py::test_the_evaluator_of_another_hospital_reads_nothing_of_it",
    "courses.can": "courses/test_workbench.py::test_an_appraiser_does_not_see_who_learns",
    "courses.get_open_enrolment": "courses/test_pages.py::test_a_lesson_opens_for_its_learner_and_for_nobody_else",
    "lms.can_grant": "lms/test_policies.py::test_a_role_beyond_ones_own_is_not_given",
    "lms.is_staff_role": "lms/test_scope.py::test_the_person_behind_a_login_is_found",
    "certificates.purpose_of": "certificates/test_dossier.py::test_the_holder_and_a_verifier_with_a_purpose_take_it_too_and_nobody_else",
    "certificates.require_builder": "certificates/test_screens.py::test_other_hospitals_and_other_roles_reach_no_batch",
    "certificates.can_approve": "certificates/test_screens.py::test_whoever_builds_cannot_approve_even_as_a_signer",
    "certificates.own_entries": "certificates/test_screens.py::test_a_ledger_holds_ones_own_credit_only",
}
"""Checks that no row can miss, because rows carry no data; each with the test that misses it."""

TRIED = 6
STAND_INS = ("su", "le", "oA", "sA", "ve", "ob", "c1")


noticed: Counter[str] = Counter()
"""How many faults each role noticed so far: who noticed many is likely to notice the next, and is asked first."""


def goes_red(world, rows) -> bool:
    """Whether a role gets something else at one of *rows* than the matrix says (an error of ours is no proof)."""
    for name, method in rows[:TRIED]:
        row = MATRIX[name]
        wanted = dict(zip(ROLES, getattr(row, method), strict=True))
        for role in sorted(ROLES, key=lambda role: (wanted[role] not in REFUSED, -noticed[role])):
            got = knock(world, name, row.arguments, method, (role,))[role]
            if got.letter not in {wanted[role], "E"} or got.strange:
                noticed[role] += 1
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


@pytest.mark.parametrize("place", [one for one in places() if one not in ELSEWHERE])
def test_a_filter_forgotten_at_its_place_is_noticed(world, asked, place):
    with unlimited_at(place):
        assert goes_red(world, asked.telling(place)), (
            f"no row of the matrix misses the filter; asked by {asked.telling(place)[:TRIED]}"
        )


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

    assert check in acts() or check in loaders() or check in places(), (
        "the check is gone: take it off the list"
    )
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
