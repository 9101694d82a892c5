"""Signing up, and seeing and correcting one's own data."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from lms.models import Affiliation, Person
from tests.factories import cast as make
from website.accounts.consents import PRIVACY_VERSION
from website.accounts.workplaces import facilities_like

PASSWORD = "con-suối-mùa-lũ-26"


def answers(**changed) -> dict:
    """What a health worker types, all boxes but the necessary one left empty."""
    return {
        "full_name": "Giàng  A  Páo",
        "birth_year": "1994",
        "workplace": "",
        "username": "giangapao",
        "email": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "consent_account": "on",
    } | changed


def sign_up(client, **changed):
    return client.post(reverse("account_signup"), answers(**changed))


def test_signing_up_makes_login_person_workplace_and_answers_about_data(client, cast):
    profession = make.profession("y_sy")

    answer = sign_up(client, workplace=cast.ta_phin.name, profession=profession.pk, consent_reminders="on")

    assert answer.status_code == 302
    person = Person.objects.get(user__username="giangapao")
    assert (person.full_name, person.birth_year, person.profession) == ("Giàng A Páo", 1994, profession)
    assert person.workplace() == cast.ta_phin
    given = {consent.purpose: consent.given for consent in person.consents.all()}
    assert given == {"account": True, "reminders": True, "improvement": False}
    assert {consent.text_version for consent in person.consents.all()} == {PRIVACY_VERSION}
    assert client.get(reverse("me")).status_code == 200


def test_no_box_is_ticked_beforehand(client, db):
    page = client.get(reverse("account_signup")).content.decode()

    assert page.count('type="checkbox"') == 3
    assert reverse("privacy") in page.split("</main>")[0]
    assert "checked" not in page


def test_without_the_necessary_agreement_nothing_is_made(client, db):
    answer = sign_up(client, consent_account="")

    assert answer.status_code == 200
    assert not get_user_model().objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "Páo"),
        ("full_name", "<script>alert(1)</script> Páo"),
        ("full_name", '=HYPERLINK("http://x") Páo'),
        ("full_name", "Giàng " + "A" * 300),
        ("birth_year", "1870"),
        ("birth_year", "2025"),
        ("birth_year", "năm chín tư"),
        ("username", "ab"),
        ("password2", "khác"),
        ("password1", "12345678"),
        ("email", "không phải"),
    ],
)
def test_a_bad_answer_is_explained_and_what_was_typed_is_kept(client, db, field, value):
    answer = sign_up(client, **{field: value})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "errorlist" in page
    assert "1994" in page or field == "birth_year"
    assert not Person.objects.exists()


def test_invisible_signs_and_loose_accents_of_a_name_are_put_right(client, db):
    sign_up(client, full_name="Gia\u0300ng\u202e A\u200b Pa\u0301o")

    assert Person.objects.get().full_name == "Giàng A Páo"


def test_words_that_fit_several_facilities_are_asked_about_once(client, cast):
    first, second = cast.bac_ha, make.facility("Trạm Y tế xã Bắc Hà")

    asked = sign_up(client, workplace="bac ha")
    page = asked.content.decode()
    assert first.name in page
    assert second.name in page
    assert not Person.objects.exists()

    sign_up(client, workplace="bac ha", facility=str(second.pk))
    assert Person.objects.get().workplace() == second


def test_who_finds_the_own_workplace_nowhere_still_signs_up(client, cast):
    assert cast.bac_ha
    make.facility("Trạm Y tế xã Bắc Hà")

    sign_up(client, workplace="bac ha", facility="0")

    assert Person.objects.get().workplace() is None


def test_a_facility_not_offered_cannot_be_chosen(client, cast):
    assert cast.bac_ha
    make.facility("Trạm Y tế xã Bắc Hà")

    answer = sign_up(client, workplace="bac ha", facility=str(cast.viet_duc.pk))

    assert answer.status_code == 200
    assert not Person.objects.exists()


def test_unknown_words_for_a_workplace_are_refused_kindly(client, cast):
    assert cast.bac_ha

    answer = sign_up(client, workplace="Bệnh viện Mặt Trăng")

    assert answer.status_code == 200
    assert not Person.objects.exists()


@pytest.mark.slow
def test_a_thousand_facilities_are_searched_without_accents_by_former_names_too(cast):
    from lms.models import Facility, FacilityName

    for number in range(1000):
        make.facility(f"Trạm Y tế xã số {number}")
    FacilityName.objects.create(facility=cast.ta_phin, name="Trạm xá Sả Séng")

    assert list(facilities_like("ta phin")) == [cast.ta_phin]
    assert list(facilities_like("sa seng")) == [cast.ta_phin]
    assert facilities_like("tram y te xa so 77")[0].name.endswith("số 77")
    assert Facility.objects.count() > 1000


def test_suggestions_are_names_only_and_few(client, cast):
    for number in range(20):
        make.facility(f"Trạm Y tế xã số {number}")

    names = client.get(reverse("workplaces"), {"q": "tram y te"}).json()["names"]

    assert len(names) == 8
    assert client.get(reverse("workplaces"), {"q": "t"}).json() == {"names": []}
    assert client.post(reverse("workplaces")).status_code == 405


def test_a_taken_user_name_makes_no_second_person(client, cast):
    assert cast.lan

    answer = sign_up(client, username="lan1", email="")
    client.post(reverse("account_logout"))
    again = sign_up(client, username="lan1", email="")

    assert answer.status_code == 302
    assert again.status_code == 200
    assert Person.objects.filter(full_name="Giàng A Páo").count() == 1


# --- the account page


def test_one_sees_what_is_kept_about_oneself(cast):
    page = cast.client(cast.lan).get(reverse("account")).content.decode()

    assert "Nguyễn Thị Lan" in page
    assert "001111/LCA-CCHN" in page
    assert "Trần Văn Minh" not in page


def test_a_new_workplace_ends_the_old_one_and_keeps_it_in_the_record(cast):
    client = cast.client(cast.lan)

    answer = client.post(
        reverse("account"), {"phone": "0912345678", "language": "vi", "workplace": cast.ta_phin.name}
    )

    assert answer.status_code == 302
    cast.lan.refresh_from_db()
    assert cast.lan.phone == "0912345678"
    assert cast.lan.workplace() == cast.ta_phin
    assert Affiliation.objects.filter(person=cast.lan).count() == 2


def test_name_and_birth_date_are_not_for_oneself_to_change(cast):
    cast.client(cast.lan).post(
        reverse("account"), {"language": "vi", "full_name": "Ai Khác", "birth_date": "1970-01-01"}
    )

    cast.lan.refresh_from_db()
    assert cast.lan.full_name == "Nguyễn Thị Lan"


def test_the_account_page_is_for_those_signed_in(client, db):
    assert client.get(reverse("account")).url.startswith(reverse("account_login"))


def test_a_login_without_person_is_told_whom_to_ask(client, db):
    client.force_login(make.user("mot-minh"), backend="website.accounts.backends.PasswordBackend")

    for name in ("account", "me"):
        assert client.get(reverse(name)).status_code == 200
