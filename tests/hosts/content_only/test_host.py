"""The ground and the content stand alone."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.urls import reverse

from tests.hosts.asserts import assert_sound


def test_the_host_is_sound_without_courses_and_with_djangos_own_user(db):
    assert_sound()
    assert get_user_model() is User
    assert not apps.is_installed("courses")


@pytest.mark.parametrize("screen", ["wagtailadmin_home", "wagtailadmin_explore_root"])
def test_the_admin_opens(db, admin_client, screen):
    assert admin_client.get(reverse(screen)).status_code == 200


def test_every_screen_of_the_question_bank_and_the_videos_opens(db, admin_client):
    from wagtail.admin.viewsets import viewsets
    from wagtail.admin.viewsets.model import ModelViewSet
    from wagtail.snippets.models import get_snippet_models

    ours = [m for m in get_snippet_models() if m._meta.app_label.startswith("lms")]
    lists = [reverse(model.snippet_viewset.get_url_name("list")) for model in ours]
    lists += [
        reverse(viewset.get_url_name("index"))
        for viewset in viewsets.viewsets
        if isinstance(viewset, ModelViewSet) and viewset.model._meta.app_label.startswith("lms")
    ]

    assert lists
    for address in lists:
        assert admin_client.get(address).status_code == 200, address
