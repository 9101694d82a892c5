"""Fields that no form offers, and facilities that its choice does not hold, sent with every form: nothing moves.

The forms are read from the pages of the matrix as they are shown, filled as a browser fills them.
"""

import re

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.urls import Resolver404, resolve
from wagtail.admin.forms.models import WagtailAdminModelForm

from content.viewsets.choosers import CHOOSERS as content_choosers
from lms.forms import RoleForm, ScopedModelForm
from lms.models import Facility, Person
from lms.people_admin import person_chooser
from lms.places_admin import facility_chooser
from tests.security.addresses import models_of_ours
from tests.security.doors import RECORDS, REFUSED, address_of, letter, undone, writes
from tests.security.matrix import MATRIX
from tests.security.world import ROLES
from website.accounts import views
from website.accounts.forms import OwnDataForm

pytestmark = pytest.mark.slow

WHO = ("le", "c1", "u1", "oA", "tA", "aA", "sA", "gA", "dA", "yA", "ve", "of")
"""Who fills a form in: the first of them that the page is shown to; superusers may move everything."""

LEAVES = {"account_logout", "usersessions_list"}
"""Addresses that end the session of whoever tries the next form."""


def weighty(model):
    """The columns by which power moves: places, people, logins, states, roles, flags."""
    of = (Facility, Person, get_user_model(), Group)
    for field in model._meta.concrete_fields:
        if (
            (field.is_relation and issubclass(field.related_model, of))
            or field.choices
            or isinstance(field, models.BooleanField)
            or field.name in {"hours", "score", "pct", "issued_at", "completed_at"}
        ):
            yield field


@pytest.fixture(scope="module")
def forbidden(world):
    """What is sent beside every form: each weighty column of each model, pointing to the other hospital."""
    other = world.cast.tam
    points = {Facility: world.b.facility.pk, Person: other.pk, get_user_model(): other.user.pk, Group: 1}
    said = {"groups": "1", "user_permissions": "1", "hospital": world.b.facility.pk, "owner": other.user.pk}
    for model in models_of_ours():
        for field in weighty(model):
            if field.is_relation:
                value = next(pk for of, pk in points.items() if issubclass(field.related_model, of))
            elif field.choices:
                value = [key for key, _label in field.flatchoices if key][-1]
            else:
                value = "1"
            said |= {field.name: value, field.attname: value}
    assert {"is_staff", "is_superuser", "facility", "state", "role", "person", "user"} <= set(said)
    return said


def filled(form) -> dict[str, list[str]]:
    """What a browser sends for *form* as it stands, by its first button."""
    found: dict[str, list[str]] = {}
    for one in form.find_all(["input", "select", "textarea"]):
        name, kind = one.get("name"), one.get("type", "text")
        if not name or kind in {"file", "submit", "button", "image"}:
            continue
        if one.name == "select":
            chosen = one.find_all("option", selected=True) or one.find_all("option")[:1]
            values = [option.get("value", option.text) for option in chosen]
        elif kind in {"checkbox", "radio"}:
            values = [one.get("value", "on")] if one.has_attr("checked") else []
        else:
            values = [one.text if one.name == "textarea" else one.get("value", "")]
        found.setdefault(name, []).extend(values)
    return found


def choices(form) -> dict[str, list[str]]:
    """The fields of *form* by which a facility is chosen, with what they offer."""
    places = {f"{one.pk}": one.name for one in Facility.objects.all()}
    found = {}
    for one in form.find_all("select"):
        offered = {option.get("value"): option.text.strip() for option in one.find_all("option")}
        if own := [key for key, label in offered.items() if key and places.get(key) == label]:
            found[one.get("name")] = own
    return found


def chosen_in_dialogs(form) -> dict[str, type[models.Model]]:
    """The fields of *form* whose row is chosen in a dialog of Wagtail's, with the model; no browser types into them."""
    found = {}
    for one in form.select("[data-chooser-url]"):
        field = form.find(id=one["id"].removesuffix("-chooser"))
        found[field["name"]] = CHOOSERS[resolve(one["data-chooser-url"].partition("?")[0]).namespace]
    return found


CHOOSERS = {one.name: one.model for one in (facility_chooser, person_chooser, *content_choosers)}
"""What each of our dialogs chooses from."""


def offers(world):
    """Every form that posts: who fills it in, where it leads, what it says and chooses; each address once."""
    seen = set()
    for name, row in MATRIX.items():
        shown = dict(zip(ROLES, row.get.replace(" ", ""), strict=True))
        acted = dict(zip(ROLES, row.post.replace(" ", ""), strict=True))
        address = address_of(world, name, row.arguments)
        if role := next((one for one in WHO if shown[one] in ".ab*"), None):
            with undone():
                page = world.client(role).get(address)
                html = "" if page.streaming else page.content.decode(errors="replace")
            for form in BeautifulSoup(html, "html.parser").find_all(
                "form", method=re.compile("post", re.IGNORECASE)
            ):
                target = (form.get("action") or address).partition("?")[0]
                where = where_to(target)
                if where and where not in seen | LEAVES:
                    seen.add(where)
                    yield where, role, target, filled(form), choices(form), chosen_in_dialogs(form)
        if name not in seen | LEAVES and (
            role := next((one for one in WHO if acted[one] not in REFUSED), None)
        ):
            seen.add(name)
            yield name, role, address, {}, {}, {}


def editors(world):
    """The same for Wagtail's editor of the page by which a hospital holds its courses, filled in to be published."""
    role, address = "oA", address_of(world, "wagtailadmin_pages:edit", "page_id=house.pk")
    with undone():
        html = world.client(role).get(address).content.decode()
    form = BeautifulSoup(html, "html.parser").find(id="page-edit-form")
    yield EDITOR, role, address, filled(form) | {"action-publish": ["1"]}, choices(form), {}


EDITOR = "the editor of a provider page"


def where_to(target: str) -> str:
    """The name of an address of ours or of signing in; nothing for another host's."""
    try:
        return resolve(target).view_name
    except Resolver404:
        return ""


def after(world, role, target, said):
    """The letter of a post, and the weighty columns of each table that it wrote."""
    with undone():
        with writes() as tables:
            answer = world.client(role).post(target, said)
        moved = {}
        for model in apps.get_models():
            columns = [field.attname for field in weighty(model)]
            if model._meta.db_table in tables - RECORDS and columns:
                moved[model._meta.label] = sorted(map(str, model._base_manager.values_list(*columns)))
        return letter(answer), moved


@pytest.fixture(scope="module")
def forms(world):
    """Every form, read once."""
    for role in WHO:
        world.client(role)
    return [*offers(world), *editors(world)]


@pytest.fixture(scope="module")
def tried(world, forms, forbidden):
    """Each form sent as it stands, and with what it does not offer."""
    found = {}
    for name, role, target, said, *_choices in forms:
        more = {key: value for key, value in forbidden.items() if key not in said}
        got = after(world, role, target, said | more)
        # What writes nothing with all that need not be asked again without.
        found[name, role] = got, after(world, role, target, said) if got[1] else got
    return found


def test_fields_that_no_form_offers_move_nothing(tried):
    found = {
        f"{name} by {role}, {label}": (moved.get(label), plain.get(label))
        for (name, role), ((_letter, moved), (_plain_letter, plain)) in tried.items()
        for label in {*moved, *plain}
        if moved.get(label) != plain.get(label)
    }

    assert not found, found


def test_the_forms_are_really_filled_and_taken(tried):
    taken = {name for (name, _role), ((_letter, moved), _plain) in tried.items() if moved}

    assert len(tried) > 120
    assert len(taken) > 30, sorted(taken)
    assert EDITOR in taken


def moved_by(asked) -> set[str]:
    """The tables in which a form moved something that its own fields would not have moved."""
    (_letter, moved), (_plain_letter, plain) = asked
    return {label for label in {*moved, *plain} if moved.get(label) != plain.get(label)}


def test_a_form_that_takes_one_column_too_many_is_noticed(world, forms, forbidden, monkeypatch):
    _name, role, target, said, *_choices = next(one for one in forms if one[0] == "account")
    more = {key: value for key, value in forbidden.items() if key not in said} | {"state": "provisional"}

    class Careless(OwnDataForm):
        class Meta(OwnDataForm.Meta):
            fields = [*OwnDataForm.Meta.fields, "state"]

    def tried():
        return after(world, role, target, said | more), after(world, role, target, said)

    assert moved_by(tried()) == set()
    monkeypatch.setattr(views, "OwnDataForm", Careless)
    assert moved_by(tried()) == {"lms.Person"}


def test_a_choice_that_holds_every_facility_is_noticed(world, forms, monkeypatch):
    _name, _role, target, said, chosen, _dialogs = next(one for one in forms if one[0] == "lms-sites:add")
    [field] = chosen
    filled_in = said | {"code": ["phong-la"], "name": ["Phòng lạ"], field: [f"{world.b.facility.pk}"]}

    assert after(world, "oA", target, filled_in)[1] == {}
    for name in ("__init__", "_post_clean"):
        monkeypatch.setattr(ScopedModelForm, name, getattr(WagtailAdminModelForm, name))
    assert "lms.TeleSite" in after(world, "oA", target, filled_in)[1]


HOMES = {"le": "luc_yen", "c1": "luc_yen", "u1": "luc_yen"}
"""Whose stranger is the other site; of everybody else the other hospital."""


def test_no_form_takes_a_facility_that_its_choice_does_not_hold(world, forms):
    """Each choice of a facility is swapped for the other side's: nothing is written, nothing comes to lie there."""
    wrong, taken = {}, set()
    for name, role, target, said, chosen, _dialogs in forms:
        strange = getattr(world.cast, HOMES.get(role, "viet_duc")).pk
        for field, own in chosen.items():
            assert f"{strange}" not in own, f"{name} offers {role} a facility of the other side"
            _letter, moved = after(world, role, target, said | {field: [f"{strange}"]})
            if moved:
                wrong[f"{name}, {field} by {role}"] = sorted(moved)
            if after(world, role, target, said | {field: own[:1]})[1]:
                taken.add(name)

    assert wrong == {}
    assert len([one for one in forms if one[4]]) > 8
    assert taken, "with a facility of one's own some form at least is taken"


def dialogs(world, forms):
    """Each form in which a row is chosen in a dialog: whole, with a row of one's own there, and with a stranger's."""
    for name, role, target, said, facilities, chosen in forms:
        for field, model in chosen.items():
            own, strange = OWN_AND_STRANGE[name, field](world)
            assert {type(own), type(strange)} == {model}
            whole = said | {one: offered[:1] for one, offered in facilities.items()} | WHOLE.get(name, {})
            yield name, role, target, whole | {field: [f"{own.pk}"]}, whole | {field: [f"{strange.pk}"]}


OWN_AND_STRANGE = {("lms-roles:add", "person"): lambda world: (world.cast.hang, world.cast.tam)}
"""A row of hospital A and one of hospital B for each dialog; one that is missing here fails the walk."""
WHOLE = {"lms-roles:add": {"role": ["evaluator"], "valid_from": ["01/02/2026"]}}
"""What a form wants beside the choice, so that nothing but the choice decides."""


def test_no_form_takes_a_row_that_its_dialog_does_not_offer(world, forms):
    wrong, taken = {}, set()
    for name, role, target, own, strange in dialogs(world, forms):
        if moved := after(world, role, target, strange)[1]:
            wrong[f"{name} by {role}"] = sorted(moved)
        if after(world, role, target, own)[1]:
            taken.add(name)

    assert wrong == {}
    assert taken == {"lms-roles:add"}, "with a row of one's own each form is taken"


def test_a_dialog_that_takes_every_person_is_noticed(world, forms, monkeypatch):
    [(_name, role, target, _own, strange)] = dialogs(world, forms)
    init = RoleForm.__init__

    def careless(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.fields["person"].queryset = Person.objects.all()

    monkeypatch.setattr(RoleForm, "__init__", careless)
    assert "lms.RoleAssignment" in after(world, role, target, strange)[1]
