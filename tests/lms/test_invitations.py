"""A slip of paper with a code: who takes over which record, and who does not."""

import datetime

import pytest

from lms import actions, clock, codes
from lms.merging import MergeRefused
from lms.models import Invitation, Person, PersonMerge
from tests.factories import cast as make

BORN = datetime.date(1992, 4, 5)


@pytest.fixture
def my(cast):
    """A record that a coordinator made in the room."""
    return actions.add_person(
        "Giàng Thị Mỷ",
        birth_date=BORN,
        facility=cast.bac_ha,
        licence="000901/LCA-CCHN",
        state=Person.State.PROVISIONAL,
    )


@pytest.fixture
def slip(cast, my):
    """The code on the slip made for it."""
    return actions.invite(my, facility=cast.bac_ha, by=cast.ha.user)[1]


def claim(code, user, year=1992):
    return actions.claim(actions.find_invitation(code, birth_year=year), user=user)


# --- the code


def test_a_code_has_eight_signs_that_nobody_mixes_up():
    code = codes.new_code()

    assert len(code) == 8
    assert not set(code) & set("01ILO")
    assert codes.read_code(f" {code[:4].lower()}-{code[4:]} ") == code


def test_a_wrong_sign_and_a_swap_are_noticed():
    code = codes.new_code()
    for place in range(8):
        for sign in codes.ALPHABET:
            wrong = code[:place] + sign + code[place + 1 :]
            assert wrong == code or codes.read_code(wrong) is None
        if place and code[place] != code[place - 1]:
            assert (
                codes.read_code(code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]) is None
            )


def test_only_a_keyed_hash_of_the_code_is_kept(cast, slip, settings):
    row = Invitation.objects.get()

    assert slip not in str(vars(row))
    settings.SECRET_KEY = "another key"
    with pytest.raises(actions.InvitationRefused):
        actions.find_invitation(slip, birth_year=1992)


def test_a_new_slip_ends_the_older_one(cast, my, slip):
    actions.invite(my, facility=cast.bac_ha, by=cast.ha.user)

    with pytest.raises(actions.InvitationRefused):
        actions.find_invitation(slip, birth_year=1992)
    assert Invitation.objects.filter(revoked_at__isnull=True).count() == 1


def test_nobody_is_invited_who_signs_in_already(cast):
    with pytest.raises(actions.InvitationRefused, match="đăng nhập"):
        actions.invite(cast.lan, facility=cast.bac_ha, by=cast.ha.user)


# --- claiming


def test_the_holder_of_the_slip_becomes_the_person(cast, my, slip):
    user = make.user("my")
    person = claim(slip, user)

    assert person == my
    my.refresh_from_db()
    assert (my.user, my.state) == (user, Person.State.ACTIVE)
    assert Invitation.objects.get().accepted_by == user


def test_claiming_twice_is_claiming_once(cast, my, slip):
    user = make.user("my")
    invitation = actions.find_invitation(slip, birth_year=1992)

    assert actions.claim(invitation, user=user) == actions.claim(invitation, user=user)


def test_a_used_slip_opens_nothing_for_the_next(cast, my, slip):
    invitation = actions.find_invitation(slip, birth_year=1992)
    actions.claim(invitation, user=make.user("my"))

    with pytest.raises(actions.InvitationRefused):
        actions.claim(invitation, user=make.user("ke_la"))
    with pytest.raises(actions.InvitationRefused):
        actions.find_invitation(slip, birth_year=1992)


def test_the_own_record_of_the_login_takes_the_offered_one_in(cast, my, slip):
    own = actions.add_person("Giàng Thị Mỷ", birth_year=1992, user=make.user("my"), facility=cast.ta_phin)
    person = claim(slip, own.user)

    assert person == own
    my.refresh_from_db()
    assert my.merged_into == own
    assert own.licences.get().number == "000901/LCA-CCHN"
    assert PersonMerge.objects.get().by == own.user


def test_a_record_of_somebody_quite_different_is_not_taken_in(cast, my, slip):
    with pytest.raises(actions.InvitationRefused, match="khác"):
        claim(slip, cast.minh.user)

    my.refresh_from_db()
    assert my.state == Person.State.PROVISIONAL
    assert not Invitation.objects.get().accepted_at


def test_a_merge_that_is_refused_leaves_the_slip_open(cast, my, slip):
    own = actions.add_person("Giàng Thị Mỷ", birth_year=1992, user=make.user("my"))
    actions.tell_apart(own, other=my, by=cast.ha.user)

    with pytest.raises(MergeRefused):
        claim(slip, own.user)
    assert actions.find_invitation(slip, birth_year=1992)


@pytest.mark.parametrize("why", ["wrong", "expired", "withdrawn", "used", "year"])
def test_every_code_that_opens_nothing_gets_the_same_answer(cast, my, slip, why):
    row, code, year = Invitation.objects.get(), slip, 1992
    if why == "wrong":
        code = codes.new_code()
    elif why == "expired":
        Invitation.objects.update(expires_at=clock.now())
    elif why == "withdrawn":
        Invitation.objects.update(revoked_at=clock.now())
    elif why == "used":
        actions.claim(row, user=make.user("my"))
    else:
        year = 1991

    with pytest.raises(actions.InvitationRefused) as refused:
        actions.find_invitation(code, birth_year=year)
    assert str(refused.value) == str(actions.invitations.no_such_code())


def test_five_wrong_years_end_the_slip(cast, my, slip):
    for _try in range(5):
        with pytest.raises(actions.InvitationRefused):
            actions.find_invitation(slip, birth_year=1970)

    with pytest.raises(actions.InvitationRefused):
        actions.find_invitation(slip, birth_year=1992)


def test_four_wrong_years_do_not(cast, my, slip):
    for _try in range(4):
        with pytest.raises(actions.InvitationRefused):
            actions.find_invitation(slip, birth_year=1970)

    assert actions.find_invitation(slip, birth_year=1992).person == my


def test_a_record_without_a_birth_year_asks_for_none(cast):
    person = actions.add_person("Sùng Thị Dợ", facility=cast.bac_ha, state=Person.State.PROVISIONAL)
    code = actions.invite(person, facility=cast.bac_ha, by=cast.ha.user)[1]

    assert actions.find_invitation(code, birth_year=None).person == person
