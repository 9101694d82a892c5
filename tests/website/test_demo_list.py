"""The list with which people try the verifier's desk."""

import pytest
from django.core.management import CommandError, call_command

from certificates.actions import check_list, issue_for
from lms.spreadsheets import rows_of
from tests.factories import certificates as make
from website.demo.register import sample_list


def test_it_has_500_rows_made_of_what_the_site_holds_and_the_desk_answers_them(cast, settings, tmp_path):
    settings.DEMO = True
    run = make.ready(cast.bach_mai)
    for one in (cast.lan, cast.minh, cast.my, cast.khanh):
        issue_for(make.completed(one, run))
    call_command("demo_list", tmp_path / "a.xlsx")

    with (tmp_path / "a.xlsx").open("rb") as file, rows_of(file) as rows:
        check = check_list(rows, by=cast.mo.user, purpose="Hồ sơ gia hạn GPHN")
    assert check.total == 500
    assert check.counts["match"] >= 3
    assert check.counts["unknown"] > 400
    assert sample_list() == sample_list()


def test_it_is_made_for_the_demonstration_alone(db, tmp_path):
    with pytest.raises(CommandError):
        call_command("demo_list", tmp_path / "a.xlsx")
