"""Which person each row of a list means, and what the list changes about them."""

from collections import defaultdict
from collections.abc import Iterable

from lms import names, scope
from lms.actions.merges import LIVING
from lms.actions.workplaces import affiliate
from lms.models import Affiliation, Facility, FacilityName, Licence, Person, Profession
from lms.people_import import Row

PLAIN = ("sex", "academic_title", "profession_id")
"""What a list overwrites."""
REACH = ("phone", "email")
"""What a list overwrites as long as nobody signs in with it."""


class FacilityFinder:
    """The facilities in force within somebody's reach, by code and by any name they had."""

    def __init__(self, reach, own: Facility):
        self.own = own
        self.by_code: dict[str, Facility] = {}
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self.rows: dict[int, Facility] = {}
        present = reach.in_force()
        for facility in present:
            self.know(facility)
        former = FacilityName.objects.filter(facility__in=present.values("pk"))
        merged = Facility.objects.filter(replaced_by__in=present.values("pk"))
        for name, pk in [
            *former.values_list("name_folded", "facility_id"),
            *merged.values_list("name_folded", "replaced_by_id"),
        ]:
            self.by_name[name].add(pk)

    def know(self, facility: Facility) -> None:
        """Let rows that follow name *facility*."""
        self.rows[facility.pk] = facility
        self.by_name[names.fold(facility.name)].add(facility.pk)
        if facility.code:
            self.by_code[facility.code.casefold()] = facility

    def find(self, row: Row, *, code: str, name: str, wrong: str = "facility") -> Facility | None:
        """Return the facility a row means, its own where it says nothing; refuse the row where it is strange."""
        if code:
            found = self.by_code.get(code.casefold())
            if found is None:
                row.refuse(wrong, text=code)
            return found
        if not name:
            return self.own
        pks = self.by_name.get(names.fold(name), set())
        if len(pks) == 1:
            return self.rows[next(iter(pks))]
        row.refuse("facilities" if pks else wrong, text=name)
        return None


class PeopleList:
    """A list of people of one office: each row is matched by licence, phone, e-mail, or name and birth date."""

    def __init__(self, facility: Facility, *, by, is_local: bool = True):
        self.by = by
        # Of a list that adds nobody the workplace only says where somebody is; it may be anywhere.
        reach = scope.facilities(by, scope.policy_of(Person).acts["add"]) if is_local else Facility.objects
        self.places = FacilityFinder(reach, facility)
        self.professions: dict[str, Profession] = {}
        for one in Profession.objects.all():
            self.professions |= {
                names.fold(text): one for text in (one.name_vi, one.name_en, one.code) if text
            }
        self.seen: dict[int, tuple[int, int]] = {}

    def take(self, rows: list[Row], *, write: bool) -> Iterable[tuple[Row, str]]:
        """Return each row with what becomes of it: added, changed, unchanged or refused; write it if asked."""
        for row in rows:
            self.complete(row)
        known = Known(self.by, rows)
        added, outcomes = [], []
        for row in rows:
            person = None if row.errors else known.match(row)
            if row.errors:
                outcomes.append((row, "refused"))
            elif person is None:
                added.append(row)
                outcomes.append((row, "added"))
            else:
                is_changed = known.change(person, row, by=self.by, write=write)
                outcomes.append((row, "refused" if row.errors else "changed" if is_changed else "unchanged"))
        if write:
            _add(added)
        return outcomes

    def complete(self, row: Row) -> None:
        """Find what the cells of *row* name, and refuse the row where they name nothing or it stood before."""
        values = row.values
        values["folded"] = names.fold(values["name"])[:120]
        values["place"] = self.places.find(row, code=values["facility_code"], name=values["facility"])
        profession = values["profession"]
        values["profession_row"] = self.professions.get(names.fold(profession)) if profession else None
        if profession and values["profession_row"] is None:
            row.refuse("profession", text=profession)
        if row.errors:
            return
        keys = _keys(row)
        if not keys:
            row.refuse("not_enough")
        elif earlier := next(filter(None, (self._earlier(key, values["number"]) for key in keys)), None):
            row.refuse("twice", row=earlier)
        else:
            # Hashes, because ten thousand rows of them are kept.
            self.seen |= dict.fromkeys(map(hash, keys), (row.number, hash(values["number"])))

    def _earlier(self, key: tuple, number: str) -> int | None:
        """The number of an earlier row about the same person; another licence number is another person."""
        row, other = self.seen.get(hash(key), (None, 0))
        return None if number and other and hash(number) != other else row


def _keys(row: Row) -> list[tuple]:
    """By what a row can be found again; never the name alone."""
    values = row.values
    found: list[tuple] = []
    if values["number"]:
        found.append(("licence", values["number"]))
    for name in REACH:
        if values[name]:
            found.append((name, values[name], values["folded"]))
    if values["birth_date"]:
        found.append(("born", values["folded"], values["birth_date"]))
    return found


class Known:
    """The people that some rows may mean, read in a few queries."""

    def __init__(self, by, rows: list[Row], *, reach=None):
        good = [row.values for row in rows if not row.errors]
        living = Person.objects.filter(state__in=LIVING)
        mine = (
            scope.limit(living, by, "change") if reach is None else living.filter(pk__in=reach.values("pk"))
        )
        numbers = [values["number"] for values in good if values["number"]]
        held = Licence.objects.filter(number__in=numbers).select_related("person")
        self.by_licence = {row.number: row.person for row in held}
        born = {values["birth_date"] for values in good if values["birth_date"]}
        people: dict[int, Person] = {}
        for lookup in (
            {"pk__in": [person.pk for person in self.by_licence.values()]},
            {"phone__in": {values["phone"] for values in good} - {""}},
            {"email__in": {values["email"] for values in good} - {""}},
            # By both: thousands share a name, and reading them all for every few hundred rows takes its time.
            {"birth_date__in": born, "name_folded__in": {one["folded"] for one in good if one["birth_date"]}},
        ):
            if next(iter(lookup.values())):
                people |= {person.pk: person for person in mine.filter(**lookup)}
        self.mine = people
        self.by: dict[tuple, list[Person]] = defaultdict(list)
        for person in people.values():
            self.by["phone", person.phone].append(person)
            self.by["email", person.email].append(person)
            self.by["born", person.name_folded, person.birth_date].append(person)
        everybody = {*people, *(person.pk for person in self.by_licence.values())}
        self.licences: dict[int, list[Licence]] = defaultdict(list)
        for licence in Licence.objects.filter(person__in=everybody):
            self.licences[licence.person_id].append(licence)
        self.works: dict[int, list[Affiliation]] = defaultdict(list)
        for work in Affiliation.objects.in_force().filter(person__in=everybody):
            self.works[work.person_id].append(work)

    def match(self, row: Row) -> Person | None:
        """Return the person a row means, None for somebody new; refuse the row where that is unclear."""
        values = row.values
        if values["number"] and (person := self.by_licence.get(values["number"])):
            if not self._is_same(person, row) or person.state not in LIVING:
                row.refuse("licence_taken")
            elif person.pk not in self.mine and not (
                values["birth_year"] and person.birth_year == values["birth_year"]
            ):
                # Outside one's own facilities the number alone opens no record.
                row.refuse("licence_taken")
            return person
        for name in REACH:
            found = self.by[name, values[name]] if values[name] else []
            same = [person for person in found if self._is_same(person, row)]
            if len(same) == 1:
                return same[0]
            if len(same) > 1:
                row.refuse("several")
                return None
            if any(not self._is_older_or_younger(person, row) for person in found):
                row.refuse(f"{name}_taken")
                return None
        if not values["birth_date"]:
            return None
        born = self.by["born", values["folded"], values["birth_date"]]
        likely = [person for person in born if not self._holds_another_licence(person, row)]
        if len(likely) > 1:
            row.refuse("several")
        return likely[0] if len(likely) == 1 else None

    def _is_same(self, person: Person, row: Row) -> bool:
        return person.name_folded == row.values["folded"] and not self._is_older_or_younger(person, row)

    @staticmethod
    def _is_older_or_younger(person: Person, row: Row) -> bool:
        years = person.birth_year, row.values["birth_year"]
        return None not in years and years[0] != years[1]

    def _holds_another_licence(self, person: Person, row: Row) -> bool:
        parsed = names.parse_licence(row.values["licence"])
        return parsed is not None and any(
            licence.kind == parsed.kind.lower() and licence.number != parsed.number
            for licence in self.licences[person.pk]
        )

    def change(self, person: Person, row: Row, *, by, write: bool) -> bool:
        """Return whether a row says something new about *person*, and write it if asked.

        Name and birth date on record stay: they stand on certificates. Of somebody from
        elsewhere only the workplace is added. A login's owner says himself how he is reached.
        """
        values, changes = row.values, {}
        if person.pk in self.mine:
            said = {
                "sex": values["sex"],
                "academic_title": values["title"],
                "profession_id": getattr(values["profession_row"], "pk", None),
            }
            if person.user_id is None:
                said |= {name: values[name] for name in REACH}
            changes = {name: new for name, new in said.items() if new and getattr(person, name) != new}
            if values["birth_date"] and person.birth_date and person.birth_date != values["birth_date"]:
                row.refuse("born_differs")
                return False
            for name in ("birth_date", "birth_year"):
                if values[name] and not getattr(person, name):
                    changes[name] = values[name]
        number = values["number"]
        new_licence = bool(number) and all(one.number != number for one in self.licences[person.pk])
        work = next((one for one in self.works[person.pk] if one.facility_id == values["place"].pk), None)
        ended = work is None and values["until"] is not None and self._worked_there(person, row)
        new_work = not ended and (work is None or bool(values["unit"] and work.unit != values["unit"]))
        if not (changes or new_licence or new_work):
            return False
        if write:
            if changes:
                Person.objects.filter(pk=person.pk).update(**changes)
            if new_licence:
                Licence.objects.create(person=person, raw=values["licence"])
            if new_work:
                main = next((one for one in self.works[person.pk] if one.is_primary), None)
                affiliate(
                    person,
                    facility=values["place"],
                    unit=values["unit"],
                    since=values["since"],
                    until=values["until"],
                    is_primary=main is None or main == work,
                )
        return True

    @staticmethod
    def _worked_there(person: Person, row: Row) -> bool:
        return person.affiliations.filter(facility=row.values["place"], valid_to=row.values["until"]).exists()


def _add(rows: list[Row]) -> None:
    """Add the people of *rows* with workplace and licence, in three statements."""
    people = []
    for row in rows:
        values = row.values
        person = Person(
            full_name=values["name"],
            birth_date=values["birth_date"],
            birth_year=values["birth_year"],
            sex=values["sex"],
            phone=values["phone"],
            email=values["email"],
            profession=values["profession_row"],
            academic_title=values["title"],
        )
        person.derive()
        people.append(person)
    Person.objects.bulk_create(people)
    licences, works = [], []
    for person, row in zip(people, rows, strict=True):
        values = row.values
        if values["number"]:
            licences.append(Licence(person=person, raw=values["licence"]))
            licences[-1].derive()
        works.append(
            Affiliation(
                person=person,
                facility=values["place"],
                unit=values["unit"],
                valid_from=values["since"],
                valid_to=values["until"],
            )
        )
    Licence.objects.bulk_create(licences)
    Affiliation.objects.bulk_create(works)
