"""A new site opens with our home page, not with somebody else's word of welcome."""

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site

from courses.models.pages import CatalogPage
from website.models import HomePage

pytestmark = pytest.mark.django_db


def opened(settings, address="http://testserver"):
    settings.WAGTAILADMIN_BASE_URL = address
    call_command("open_site", verbosity=0)


def test_a_new_site_shows_home_and_catalogue_in_both_languages(settings):
    opened(settings)
    client = Client()

    assert "<title>Vươn Xa" in client.get("/").content.decode()
    assert client.get("/khoa-hoc/").status_code == 200
    assert client.get("/en/").status_code == 200
    assert client.get("/en/courses/").status_code == 200
    assert CatalogPage.objects.values("translation_key").distinct().count() == 1


def test_wagtails_welcome_is_gone(settings):
    opened(settings)

    assert not Page.objects.filter(title__startswith="Welcome").exists()


def test_opening_twice_changes_nothing_but_the_address(settings):
    opened(settings)
    HomePage.objects.filter(locale__language_code="vi").update(lead="Viết lại bởi biên tập")
    before = Page.objects.count()

    opened(settings, "https://hoc.example.vn")

    assert Page.objects.count() == before
    assert HomePage.objects.filter(lead="Viết lại bởi biên tập").exists()
    site = Site.objects.get(is_default_site=True)
    assert (site.hostname, site.port) == ("hoc.example.vn", 443)


def test_a_site_that_somebody_has_begun_keeps_its_pages(settings):
    root = Site.objects.get(is_default_site=True).root_page
    root.add_child(instance=Page(title="Tin tức", slug="tin-tuc"))

    opened(settings)

    assert Page.objects.filter(title="Tin tức").exists()


def test_the_front_page_and_the_catalogue_open_with_what_is_remembered(settings):
    """Two memories under one name once answered each other's question, and the front page fell over."""
    settings.LMS_REMEMBER_SECONDS = 30
    opened(settings)
    client = Client()

    for address in ["/", "/khoa-hoc/", "/", "/en/", "/en/courses/", "/khoa-hoc/"]:
        assert client.get(address).status_code == 200
