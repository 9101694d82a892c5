"""The system checks name what to mend."""

import pytest

from certificates import checks
from certificates.conf import conf
from lms import fonts
from tests.factories import certificates as make


def test_the_pinned_fonts_pass(settings):
    assert checks.check_fonts(None) == []
    assert checks.check_renderer(None) == []


def test_a_face_without_vietnamese_letters_is_an_error(monkeypatch):
    assert len(fonts.VIETNAMESE) == 134
    # The italic of the very same package is such a face.
    italic = fonts.read({"regular": "SourceSerifPro-It.ttf", "bold": "SourceSerifPro-BoldIt.ttf"})
    monkeypatch.setattr(checks, "load", lambda: italic)

    [error] = checks.check_fonts(None)

    assert error.id == "lms_certificates.E001"
    assert "98 of 134" in error.msg


def test_a_missing_font_package_is_an_error(monkeypatch):
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_font_package")
    fonts.load.cache_clear()
    try:
        [error] = checks.check_fonts(None)
    finally:
        monkeypatch.undo()
        fonts.load.cache_clear()
    assert error.id == "lms_certificates.E001"


def test_a_renderer_that_is_not_there_is_an_error(settings):
    settings.LMS_CERTIFICATES_RENDERER = "nowhere.render"

    [error] = checks.check_renderer(None)
    assert error.id == "lms_certificates.E002"


def test_an_address_without_https_is_a_warning_of_deployment(settings):
    settings.LMS_CERTIFICATES_BASE_URL = "http://daotao.example.vn"
    assert checks.check_address(None)[0].id == "lms_certificates.W001"
    settings.LMS_CERTIFICATES_BASE_URL = "https://daotao.example.vn/"
    assert checks.check_address(None) == []
    assert conf.BASE_URL == "https://daotao.example.vn"


@pytest.mark.parametrize("more", ["/daotao", "/vi/", "/?a=1", "?a=1", "#x"])
def test_an_address_with_a_path_would_print_dead_codes_and_is_an_error(settings, more):
    """What is printed is in capitals: a host is the same so, a path is not."""
    settings.LMS_CERTIFICATES_BASE_URL = f"https://bv.example.vn{more}"
    [error] = checks.check_path(None)
    assert error.id == "lms_certificates.E006"
    assert "LMS_CERTIFICATES_BASE_URL" in error.hint
    for fine in ("https://bv.example.vn", "https://bv.example.vn/", "http://127.0.0.1:8000"):
        settings.LMS_CERTIFICATES_BASE_URL = fine
        assert checks.check_path(None) == []


def test_an_issuer_whose_numbers_repeat_between_kinds_is_named(cast):
    issuer = make.issuer(cast.bach_mai)
    assert checks.check_number_patterns(None, databases=["default"]) == []

    issuer.number_pattern = "{seq:05d}/{year}/GCN-{issuer}"
    issuer.save()

    [warning] = checks.check_number_patterns(None, databases=["default"])
    assert warning.id == "lms_certificates.W002"
    assert "BVBM" in warning.msg


@pytest.mark.parametrize("renderer", ["tests.certificates.test_checks.stamp"])
def test_a_host_may_draw_certificates_its_own_way(cast, settings, renderer):
    from certificates.actions import issue_for, seal

    settings.LMS_CERTIFICATES_RENDERER = renderer
    paper = seal(issue_for(make.completed(cast.lan, make.ready(cast.bach_mai))))

    assert paper.file_size == len(stamp(paper.said))


def stamp(facts: dict) -> bytes:
    """A host's own drawing: the number and nothing else."""
    return f"%PDF {facts['number']}".encode()
