"""What the demonstration is made of: invented people, drawn slides, documents that keep their word."""

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from wagtail.models import Page

from website.demo import cast, data, lectures, pages, slides
from website.demo.accounts import ACCOUNTS, TOTP_SECRET, totp_code

ROOT = Path(settings.BASE_DIR)
PLACES = [f"Trạm {number}" for number in range(38)]
PACKAGES = {
    "lms": "LMS_",
    "content": "LMS_CONTENT_",
    "courses": "LMS_COURSES_",
    "certificates": "LMS_CERTIFICATES_",
}


def test_the_invented_people_are_the_same_every_time():
    assert cast.people(PLACES) == cast.people(PLACES)


def test_no_place_has_two_people_of_one_name_and_no_licence_is_given_twice():
    people = cast.people(PLACES)

    assert len(people) == 300
    assert max(Counter((one.full_name, one.facility) for one in people).values()) == 1
    assert max(Counter(one.licence for one in people if one.licence).values()) == 1


@pytest.mark.parametrize("code", data.PROGRAMMES)
def test_every_lecture_lasts_45_to_60_seconds_and_fits_its_slides(code):
    for number in lectures.numbers_of(code):
        deck = slides.slides_of(data.programme(code), number)

        assert 45 <= slides.seconds_of(deck) <= 60
        for slide in deck:
            picture = slides.draw(slide, "1/5").convert("L")
            # Between the text and the line at the foot of the page nothing is written.
            between = picture.crop((20, slides.HEIGHT - 38, slides.WIDTH, slides.HEIGHT - 34))
            assert min(between.tobytes()) > 200, slide.heading


def test_every_programme_has_a_provider_a_specialty_and_questions_in_both_languages():
    for code in data.PROGRAMMES:
        programme = data.programme(code)

        assert pages.PROVIDER_OF[code]
        assert pages.SPECIALTY_OF[code] in data.rows("specialties")
        for question in programme["questions"]:
            assert question["vi"]
            assert question["en"]
            assert 0 <= question["answer"] < len(question["options"])


def test_every_account_lands_on_an_address_of_the_site():
    assert all(reverse(account.lands).startswith("/") for account in ACCOUNTS)


def test_the_printed_code_is_the_one_that_signing_in_accepts():
    from allauth.mfa.totp.internal.auth import validate_totp_code

    assert validate_totp_code(TOTP_SECRET, totp_code())


def test_what_happened_in_the_demonstration_was_made_by_the_actions_alone():
    """What a hospital sets up may be written here; what people did, and what follows from it, may not."""
    set_up = {"Course", "Lesson", "Pathway", "Issuer", "RuleSet", "Rule", "Scheme", "SessionSeries"}
    facts = {
        model.__name__
        for label in ("lms_courses", "lms_certificates")
        for model in apps.get_app_config(label).get_models()
        if not issubclass(model, Page)
    }
    written = re.compile(
        rf"\b({'|'.join(facts - set_up)})(?:\(|\.objects\b.*\.(?:create|bulk_create|get_or_create|update|delete)\()"
    )

    assert len(facts) > 60
    for path in (ROOT / "website" / "demo").glob("*.py"):
        assert written.findall(path.read_text(encoding="utf-8")) == [], path


def test_the_tour_names_functions_that_exist():
    text = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    named = re.findall(r"\[`([a-z_]+)`\]\(\.\./([a-z_/]+)\.py\)", text)

    assert len(named) >= 8
    for function, path in named:
        assert callable(getattr(importlib.import_module(path.replace("/", ".")), function)), function


def test_the_settings_page_lists_every_setting_and_no_other():
    listed = set(
        re.findall(r"^\| `((?:LMS|CELERY)_[A-Z_]+)` \| (?!empty \| Internal)", _doc("settings"), re.MULTILINE)
    )
    wanted = set()
    for package, prefix in PACKAGES.items():
        conf = type(importlib.import_module(f"{package}.conf").conf)
        for name, member in vars(conf).items():
            if isinstance(member, property):
                source = inspect.getsource(member.fget)
                own = re.findall(r'"((?:LMS|CELERY)_[A-Z_]+)"', source)
                wanted.add(own[0] if own else f"{prefix}{name}")

    assert listed == wanted


def test_the_dependencies_page_has_a_line_for_each_direct_dependency():
    text = (ROOT / "requirements.in").read_text()
    wanted = {re.split(r"[\[=<>]", line)[0].lower() for line in text.splitlines() if line and line[0] != "#"}
    listed = {
        name.lower() for name in re.findall(r"^\| ([A-Za-z][\w.-]+) \|", _doc("dependencies"), re.MULTILINE)
    }

    assert listed - {"package"} == wanted


def _doc(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
