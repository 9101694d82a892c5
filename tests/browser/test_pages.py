"""Every public screen: light, accessible, fitting, at home on phone and desk, in both languages."""

import pytest

from tests.browser.conftest import DESK, PHONE

FIRST_LOAD = 60_000
PUBLIC = [
    "/",
    "/en/",
    "/khoa-hoc/",
    "/accounts/login/",
    "/accounts/signup/",
    "/privacy/",
    "/V/",
]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_public_page_is_accessible_and_fits(visit, path, size):
    visitor = visit(size=size)
    visitor.go(path)

    visitor.assert_accessible()
    visitor.assert_fits()


@pytest.mark.parametrize("path", PUBLIC[:5])
def test_a_public_page_is_accessible_in_the_dark(visit, path):
    visitor = visit(dark=True)
    visitor.go(path)

    visitor.assert_accessible()


@pytest.mark.parametrize("path", PUBLIC[:5])
def test_a_public_page_fits_at_twice_its_size(visit, path):
    # 200 % zoom of a desktop window is the same layout in half the CSS pixels.
    visitor = visit(size={"width": 640, "height": 400}, scale=2)
    visitor.go(path)

    visitor.assert_fits()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_component_of_the_styleguide_is_accessible_and_fits(visit, size, dark):
    visitor = visit(size=size, dark=dark)
    visitor.go("/styleguide/")

    visitor.look()


@pytest.mark.parametrize("path", ["/", "/khoa-hoc/", "/accounts/login/", "/V/"])
def test_a_first_load_is_small(visit, path, record_property):
    loaded, requests = visit().wire_bytes(path)

    record_property("bytes", loaded)
    print(f"first load of {path}: {loaded:,} bytes in {requests} requests")
    assert loaded <= FIRST_LOAD
