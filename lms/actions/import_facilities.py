"""Which facility each row of a list means, and what the list changes about it."""

from collections.abc import Iterable

from django.utils import translation

from lms import names, scope
from lms.actions.import_people import FacilityFinder
from lms.actions.places import PlaceRefused, rename_facility
from lms.models import Facility, FacilityName, Province
from lms.people_import import Row

CHOICES = {
    "kind": Facility.Kind.choices,
    "level": Facility.TechnicalLevel.choices,
    "tier": Facility.LegacyTier.choices,
}


class FacilityList:
    """A list of facilities below those of one office: each row is matched by code, or by name and parent."""

    def __init__(self, facility: Facility, *, by):
        reach = scope.facilities(by, scope.policy_of(Facility).acts["add"])
        self.places = FacilityFinder(reach, facility)
        self.provinces: dict[str, Province] = {}
        for one in Province.objects.all():
            self.provinces |= {names.fold(text): one for text in (one.name, one.code, *one.aliases)}
        # Each column of fixed words, with what each word means in both languages.
        self.words: dict[str, dict[str, str]] = {"kind": {}, "level": {}, "tier": {}}
        for language in ("vi", "en"):
            with translation.override(language):
                for column, choices in CHOICES.items():
                    self.words[column] |= {names.fold(str(label)): value for value, label in choices}
        self.seen: dict[tuple, int] = {}
        self.announced: set[str] = set()

    def take(self, rows: list[Row], *, write: bool) -> Iterable[tuple[Row, str]]:
        """Yield each row with what becomes of it: added, changed, unchanged or refused; write it if asked."""
        for row in rows:
            yield row, self._take(row, write=write)

    def _take(self, row: Row, *, write: bool) -> str:
        values = row.values
        parent = self._parent(row)
        for column, words in self.words.items():
            values[f"{column}_value"] = words.get(names.fold(values[column])) if values[column] else None
            if values[column] and values[f"{column}_value"] is None:
                row.refuse(column, text=values[column])
        values["province_row"] = self.provinces.get(names.fold(values["province"]))
        if values["province"] and values["province_row"] is None:
            row.refuse("province", text=values["province"])
        key = ("code", values["code"]) if values["code"] else ("name", names.fold(values["name"]), parent)
        if not row.errors and (earlier := self.seen.setdefault(key, row.number)) != row.number:
            row.refuse("twice", row=earlier)
        if row.errors:
            return "refused"
        found = self._find(row, parent)
        if row.errors:
            return "refused"
        if found is None:
            return self._add(row, parent, write=write)
        return self._change(found, row, write=write)

    def _parent(self, row: Row) -> Facility | None:
        code, name = row.values["parent_code"], row.values["parent"]
        if {code.casefold(), names.fold(name)} & self.announced:
            # In a check the parent may stand further up in the same list.
            return None
        return self.places.find(row, code=code, name=name, wrong="parent")

    def _find(self, row: Row, parent: Facility | None) -> Facility | None:
        code, folded = row.values["code"], names.fold(row.values["name"])
        if code:
            if found := self.places.by_code.get(code.casefold()):
                return found
            if Facility.objects.filter(code=code).exists():
                row.refuse("code_taken", text=code)
                return None
        pks = self.places.by_name.get(folded, set())
        same = [
            self.places.rows[pk]
            for pk in pks
            if parent is not None
            and self.places.rows[pk].parent_id == parent.pk
            and not (code and self.places.rows[pk].code)
        ]
        return same[0] if len(same) == 1 else None

    def _add(self, row: Row, parent: Facility | None, *, write: bool) -> str:
        values = row.values
        if not write:
            self.announced |= {values["code"].casefold(), names.fold(values["name"])} - {""}
            return "added"
        made = Facility.objects.create(
            name=values["name"],
            abbreviation=values["abbreviation"],
            code=values["code"] or None,
            kind=values["kind_value"] or Facility.Kind.OTHER,
            parent=parent,
            province=values["province_row"] or (parent.province if parent else None),
            governing_body=values["governing_body"],
            technical_level=values["level_value"] or "",
            legacy_tier=values["tier_value"] or "",
            valid_from=values["since"],
        )
        self._remember_former(made, row)
        self.places.know(made)
        return "added"

    def _change(self, facility: Facility, row: Row, *, write: bool) -> str:
        values = row.values
        said = {
            "abbreviation": values["abbreviation"],
            "code": values["code"],
            "kind": values["kind_value"],
            "province": values["province_row"],
            "governing_body": values["governing_body"],
            "technical_level": values["level_value"],
            "legacy_tier": values["tier_value"],
        }
        changes = {name: new for name, new in said.items() if new and getattr(facility, name) != new}
        is_renamed = names.fold(facility.name) != names.fold(values["name"])
        is_former_new = bool(values["former"]) and not self._has_name(facility, values["former"])
        if not (changes or is_renamed or is_former_new):
            return "unchanged"
        if write:
            try:
                if is_renamed:
                    rename_facility(facility, name=values["name"], since=values["since"])
            except PlaceRefused as error:
                row.refuse("place", text=str(error))
                return "refused"
            for name, new in changes.items():
                setattr(facility, name, new)
            facility.save()
            self._remember_former(facility, row)
        return "changed"

    @staticmethod
    def _has_name(facility: Facility, name: str) -> bool:
        folded = names.fold(name)
        return folded == facility.name_folded or facility.names.filter(name_folded=folded).exists()

    def _remember_former(self, facility: Facility, row: Row) -> None:
        if row.values["former"] and not self._has_name(facility, row.values["former"]):
            FacilityName.objects.create(facility=facility, name=row.values["former"])
