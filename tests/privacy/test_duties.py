"""What the law on personal data asks of the whole site: not collected, told beforehand, somebody answers."""

import datetime

from django.apps import apps
from django.db import models
from django.urls import reverse

from lms import clock
from lms.models import RoleAssignment
from tests.factories import cast as make
from tests.security.addresses import models_of_ours

NEVER_ASKED = {"ethnic", "ethnicity", "nation", "religion", "cccd", "cmnd", "passport", "biometric"}
NEVER_ASKED |= {"identity", "health", "portrait", "avatar", "latitude", "longitude"}
OF_A_FACILITY = {"Facility", "TeleSite", "Province"}


def words_of(field) -> set[str]:
    return set(field.name.lower().split("_"))


def test_no_table_of_ours_asks_for_ethnic_origin_health_or_identity_cards():
    asked = {
        f"{model._meta.label}.{field.name}"
        for model in models_of_ours()
        if model.__name__ not in OF_A_FACILITY
        for field in model._meta.concrete_fields
        if words_of(field) & NEVER_ASKED
    }

    assert asked == set()


def test_a_network_address_is_kept_for_sign_ins_alone():
    kept = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.GenericIPAddressField) or "ip" in words_of(field)
    }

    assert kept == {"usersessions.UserSession"}


def test_the_notice_names_the_controller_the_law_and_what_is_sensitive(client, db, settings):
    settings.PRIVACY_CONTROLLER = "Bệnh viện Bạch Mai, 78 Giải Phóng, Hà Nội"

    page = " ".join(client.get(reverse("privacy")).text.split())

    assert "Bệnh viện Bạch Mai, 78 Giải Phóng, Hà Nội" in page
    assert "91/2025/QH15" in page
    assert "nhạy cảm" in page
    assert "13/2023" not in page


def officer(name, login, at, **options):
    who = make.person(name, login=login, works_at=at)
    make.role(who, RoleAssignment.Role.DPO, at, **options)
    return who


def test_one_reads_who_answers_for_ones_own_workplace(cast):
    officer("Tạ Hồng Nhung", "nhung", cast.department, include_children=True)
    officer("Đinh Xuân Lộc", "loc", cast.viet_duc)

    page = cast.client(cast.lan).get(reverse("my_data")).text

    assert "Tạ Hồng Nhung" in page
    assert "Đinh Xuân Lộc" not in page


def test_an_officer_whose_term_is_over_is_named_no_more(cast):
    gone = officer("Tạ Hồng Nhung", "nhung", cast.bac_ha)
    gone.user.role_assignments.update(valid_to=clock.today() - datetime.timedelta(days=1))

    assert "Tạ Hồng Nhung" not in cast.client(cast.lan).get(reverse("my_data")).text
