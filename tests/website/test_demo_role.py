"""Trying a role with one press: in the demonstration only, as made-up people only."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import cast as make
from tests.factories import programme
from website.demo.accounts import ACCOUNTS
from website.demo_role import slug_of


@pytest.fixture
def trainer(cast):
    """The made-up trainer, as the loader makes her."""
    account = next(account for account in ACCOUNTS if account.role == "trainer")
    person = make.person(account.full_name, login=account.username, works_at=cast.bach_mai)
    make.role(person, "trainer", cast.bach_mai)
    person.is_fictional = True
    person.save()
    return account, person


def press(account, client=None):
    return (client or Client()).post(reverse("demo_role", args=[slug_of(account)]))


def test_one_press_signs_in_and_passes_the_second_step(trainer, settings):
    settings.DEMO = True
    client = Client()

    answer = press(trainer[0], client)

    assert answer.url == reverse(trainer[0].lands)
    assert client.get(reverse("me")).status_code == 200


def test_outside_the_demonstration_there_is_no_such_door(trainer, client):
    answer = press(trainer[0], client)

    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_real_person_is_never_opened_this_way(trainer, client, settings):
    settings.DEMO = True
    account, person = trainer
    person.is_fictional = False
    person.save()

    press(account, client)

    assert "_auth_user_id" not in client.session


def test_an_unlisted_account_is_never_opened_this_way(trainer, cast, client, settings):
    settings.DEMO = True
    cast.admin.is_fictional = True
    cast.admin.save()

    assert client.post(reverse("demo_role", args=["quan_tri"])).status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_session_opened_this_way_stands_in_the_list_of_sessions(trainer, client, settings):
    settings.DEMO = True
    client.post(reverse("demo_role", args=[slug_of(trainer[0])]))

    page = client.get(reverse("usersessions_list")).text

    assert "127.0.0.1" in page


def test_it_takes_a_press_not_a_link(trainer, client, settings):
    settings.DEMO = True

    assert client.get(reverse("demo_role", args=[slug_of(trainer[0])])).status_code == 405


def test_the_front_page_offers_every_role_only_in_the_demonstration(client, db, settings):
    programme.home()
    assert 'id="try"' not in client.get("/").content.decode()

    settings.DEMO = True

    page = client.get("/").content.decode()
    assert all(reverse("demo_role", args=[slug_of(account)]) in page for account in ACCOUNTS)
