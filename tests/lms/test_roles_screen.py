"""The list of roles: who holds which, by whose hand, and whether it holds today."""

import datetime

import pytest
from django.urls import reverse

from lms import actions, clock
from lms.models import RoleAssignment

LIST = reverse("lms-roles:index_results")


@pytest.fixture
def roles(cast):
    """At Bạch Mai: one in force, one ended, one to come; one at Việt Đức."""
    given = actions.grant_role(cast.khanh.user, role="trainer", facility=cast.bach_mai, by=cast.phuc.user)
    ended = actions.grant_role(cast.lan.user, role="evaluator", facility=cast.bach_mai, by=cast.phuc.user)
    actions.end_role(ended, by=cast.phuc.user)
    later = actions.grant_role(
        cast.minh.user,
        role="appraiser",
        facility=cast.bach_mai,
        valid_from=clock.today() + datetime.timedelta(days=30),
        by=cast.admin.user,
    )
    assert cast.hoa
    return {"today": given, "ended": ended, "later": later}


def shown(client, **asked) -> set[RoleAssignment]:
    return set(client.get(LIST, asked).context["object_list"])


def test_the_list_says_who_granted_a_role_and_whether_it_holds(cast, roles):
    page = cast.client(cast.phuc).get(LIST).content.decode()
    rows = {row.split("</a>")[0].rsplit(">")[-1].strip(): row for row in page.split("<tr")[2:]}

    assert "Đoàn Văn Phúc" in rows["Đặng Văn Khánh"]
    assert "còn hiệu lực" in rows["Đặng Văn Khánh"]
    assert "đã kết thúc" in rows["Nguyễn Thị Lan"]
    assert "Trần Lệ Quyên" in rows["Trần Văn Minh"]
    assert f"từ {roles['later'].valid_from:%d/%m/%Y}" in rows["Trần Văn Minh"]


@pytest.mark.parametrize("state", ["today", "ended", "later"])
def test_the_list_is_filtered_by_state(cast, roles, state):
    found = shown(cast.client(cast.phuc), holds=state)

    assert roles.pop(state) in found
    assert not found & set(roles.values())


def test_the_list_is_filtered_by_role_and_facility(cast, roles):
    client = cast.client(cast.admin)

    assert {row.role for row in shown(client, role="trainer")} == {"trainer"}
    assert {row.facility for row in shown(client, facility=cast.bach_mai.pk)} == {cast.bach_mai}


def test_a_holder_is_found_by_name_without_accents(cast, roles):
    client = cast.client(cast.phuc)

    assert shown(client, q="dang van KHANH") == {roles["today"]}
    assert shown(client, q="hoa") == set(), "a role at another hospital"


def test_the_filter_offers_and_takes_ones_own_facilities_only(cast, roles):
    client = cast.client(cast.phuc)
    page = client.get(reverse("lms-roles:index"))

    offered = page.context["filters"].form.fields["facility"].queryset
    assert set(offered) == {cast.bach_mai}
    assert cast.hoa.user.role_assignments.get() not in shown(client, facility=cast.viet_duc.pk)


def test_the_page_of_a_role_names_who_gave_and_who_ended_it(cast, roles):
    page = cast.client(cast.phuc).get(reverse("lms-roles:end", args=[roles["ended"].pk])).content.decode()

    assert page.count("Đoàn Văn Phúc") >= 2
    assert '<form method="post">' not in page
