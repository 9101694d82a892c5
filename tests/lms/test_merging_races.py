"""Two offices merge at the same moment: the records never name each other, nothing is lost."""

import pytest

from lms import actions
from lms.merging import MergeRefused
from lms.models import Person, PersonMerge
from tests.factories import cast as make

pytestmark = pytest.mark.race


def three(race_cast) -> list[Person]:
    return [
        make.person("Nguyễn Thị Lan", works_at=race_cast.bac_ha, phone="0912000111") for _number in range(3)
    ]


def naive(gone: Person, into: Person) -> None:
    """Looks first, writes then: what the action would be without its lock."""
    if gone.state == Person.State.MERGED or into.state == Person.State.MERGED:
        return
    Person.objects.filter(pk=gone.pk).update(state=Person.State.MERGED, merged_into=into.pk)


def circles() -> int:
    """How many merged records name a record that is merged itself."""
    return Person.objects.filter(merged_into__state=Person.State.MERGED).count()


def test_each_into_the_other_at_once_leaves_one_of_them(race_db, race_cast):
    one, two, _three = three(race_cast)
    by = race_cast.admin.user
    pairs = [(one.pk, two.pk), (two.pk, one.pk)] * 2

    def merge(number):
        gone, into = (Person.objects.get(pk=pk) for pk in pairs[number])
        return actions.merge_persons(gone, into=into, by=by, reason="x")

    got = race_db.threads(4, merge)

    assert circles() == 0
    assert PersonMerge.objects.count() == 1
    assert all(isinstance(answer, (PersonMerge, MergeRefused)) for answer in got), got
    assert Person.objects.living().filter(phone="0912000111").count() == 2


def test_without_the_lock_they_name_each_other(race_db, race_cast):
    from threading import Barrier

    one, two, _three = three(race_cast)
    looked = Barrier(2, timeout=20)

    def merge(number):
        pair = [Person.objects.get(pk=pk) for pk in ((one.pk, two.pk), (two.pk, one.pk))[number]]
        looked.wait()
        naive(*pair)

    race_db.threads(2, merge)

    assert circles() == 2, "otherwise the test above proves nothing"


def test_one_record_is_merged_into_one_other_only(race_db, race_cast):
    gone, one, two = three(race_cast)
    by = race_cast.admin.user

    def merge(number):
        return actions.merge_persons(
            Person.objects.get(pk=gone.pk),
            into=Person.objects.get(pk=(one.pk, two.pk)[number]),
            by=by,
            reason="x",
        )

    race_db.threads(2, merge)

    assert PersonMerge.objects.filter(gone=gone).count() == 1


def test_two_logins_with_one_slip_get_one_record(race_db, race_cast):
    my = make.person("Giàng Thị Mỷ", works_at=race_cast.bac_ha, state="provisional")
    invitation, _code = actions.invite(my, facility=race_cast.bac_ha, by=race_cast.ha.user)
    users = [make.user(f"my{number}") for number in range(4)]

    def claim(number):
        return actions.claim(invitation, user=users[number])

    got = race_db.threads(4, claim)

    assert sum(isinstance(answer, Person) for answer in got) == 1, got
    assert sum(isinstance(answer, actions.InvitationRefused) for answer in got) == 3, got
