"""System checks that name their remedy, and settings as they are read."""

import pytest
from django.core.checks import run_checks

from content import checks, transcode
from content.conf import Conf, conf
from content.models import Question, QuestionVersion, Quiz, Video


def ids():
    return {message.id for message in run_checks() if message.id and message.id.startswith("lms_content")}


def test_all_is_well_by_default():
    assert ids() == set()


def test_missing_ffmpeg_is_a_warning_with_its_remedy(settings):
    settings.LMS_CONTENT_FFMPEG = "/nowhere/ffmpeg"

    (warning,) = checks.ffmpeg_is_there(None)
    assert warning.id == "lms_content.W001"
    assert "LMS_CONTENT_FFMPEG" in warning.hint


def test_a_ladder_without_pictures_or_with_unknown_forms_is_a_warning(settings):
    for ladder in (["audio"], ["audio", "144p"], []):
        settings.LMS_CONTENT_LADDER = ladder
        assert "lms_content.W002" in ids()


OPEN = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


@pytest.mark.parametrize(
    ("default", "warned"),
    [
        (OPEN, True),
        ({"BACKEND": "content.library.LibraryStorage"}, False),
        (OPEN | {"OPTIONS": {"base_url": None}}, True),
        (OPEN | {"OPTIONS": {"base_url": "/tep/"}}, True),
        ({"BACKEND": "django.core.files.storage.InMemoryStorage"}, True),
    ],
)
def test_a_library_that_lies_open_below_media_is_a_warning(settings, default, warned):
    """Without an address of its own Django's storage takes that of the media."""
    settings.STORAGES = settings.STORAGES | {"default": default}

    assert ("lms_content.W004" in ids()) == warned


def test_every_setting_has_a_docstring_and_a_default():
    names = [name for name in vars(Conf) if name.isupper()]

    assert all(getattr(Conf, name).__doc__ for name in names)
    assert all(getattr(conf, name) is not None for name in names)
    assert set(conf.LADDER) <= set(transcode.RUNGS)


def test_nothing_of_the_bank_is_in_a_search_index():
    from wagtail.search.index import class_is_indexed

    assert not any(class_is_indexed(model) for model in (Question, QuestionVersion, Quiz, Video))
