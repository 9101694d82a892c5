"""Nothing about people is forgotten by my data, the copy, erasure or the data map."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import models

from lms import holdings, retention
from lms.models import Person

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "privacy.md"


def test_every_model_that_leads_to_a_person_is_held_or_skipped_with_a_reason():
    forgotten = [model._meta.label for model in holdings.undeclared()]

    assert forgotten == [], "declare them in personal_data.py: lms.holdings.register() or skip()"
    assert all(len(why) > 20 for why in holdings.skipped().values())


def test_a_new_model_about_people_is_noticed(monkeypatch):
    class Stray(models.Model):
        person = models.ForeignKey(Person, models.CASCADE)

        class Meta:
            app_label = "lms"
            managed = False

    try:
        assert Stray in list(holdings.undeclared())
    finally:
        from django.apps import apps

        del apps.all_models["lms"]["stray"]
        apps.clear_cache()


@pytest.mark.parametrize("one", holdings.holdings(), ids=lambda one: one.model.__name__)
def test_every_holding_says_why_how_long_and_for_whom(one):
    assert str(one.title)
    assert str(one.ground)
    assert str(one.period)
    assert str(one.seen_by)
    assert one.at_erasure
    names = {field.name for field in one.model._meta.get_fields()}
    assert one.secret <= names
    assert one.paths


def test_whatever_points_at_others_is_erased_before_them():
    order = [one.model.__name__ for one in holdings.holdings()]

    for first, then in (
        ("AttemptAnswer", "Attempt"),
        ("Attempt", "Enrolment"),
        ("Enrolment", "Person"),
        ("Person", "User"),
    ):
        assert order.index(first) < order.index(then)


def test_the_data_map_of_the_document_is_that_of_the_code(capsys):
    call_command("lms_data_map")
    printed = capsys.readouterr().out.strip()

    text = DOCUMENT.read_text(encoding="utf-8")

    assert printed in text, "run manage.py lms_data_map and paste it into docs/privacy.md"


def test_the_document_names_every_field_about_people():
    text = DOCUMENT.read_text(encoding="utf-8")
    for one in holdings.holdings():
        row = re.search(rf"^\| `{re.escape(one.model._meta.label)}` \|.*$", text, re.MULTILINE)
        assert row, one.model._meta.label
        for field in one.fields:
            assert f"`{field.name}`" in row.group(), f"{one.model._meta.label}.{field.name}"


def test_the_document_names_every_period():
    text = DOCUMENT.read_text(encoding="utf-8")
    for rule in retention.rules():
        assert f"`{rule.setting}`" in text, rule.name
        assert f"`{rule.name}`" in text
