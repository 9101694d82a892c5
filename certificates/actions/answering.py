"""What the register answers to the rows of a list: certificates by number or code, people by licence."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.db.models import Count
from django.utils.translation import gettext as _

from certificates.facts import Malformed, check_code, same_name
from certificates.models import Certificate, CreditEntry, Cycle
from lms import clock, names
from lms.models import Licence, Person

from .readiness import local_day

# In the order in which a verifier wants to read them.
ANSWERS = ("revoked", "superseded", "unknown", "differs", "match")
FIELDS = ("number", "name", "hours", "licence", "born")
"""What a row may say: number or code, name, hours, practice licence, birth date as ``dd/mm/yyyy``."""
_PIECE = 400


@dataclass
class _Standing:
    """A person found by licence, with what counts in the cycle of today."""

    licence: Licence
    cycle: Cycle | None = None
    hours: Decimal = Decimal(0)
    states: dict[str, int] = field(default_factory=dict)


def answers_to(rows: list[dict]) -> list[dict]:
    """Answer *rows*, each with ``row`` (its place) and every one of ``FIELDS`` as text, in their order.

    A handful of queries for each 400 rows. A row with a number or code is answered from that
    certificate, a row with a licence alone from the person's credit. Nothing is recorded here.
    """
    results = []
    for start in range(0, len(rows), _PIECE):
        piece = rows[start : start + _PIECE]
        register, people = _certificates(piece), _people(piece)
        results += [
            _of_certificate(row, register, people) if row["number"] else _of_person(row, people)
            for row in piece
        ]
    return results


def name_repetitions(results: Iterable[dict]) -> None:
    """Say of each certificate or person that stands in the list more than once where else it stands."""
    places = defaultdict(list)
    for result in results:
        key = result["certificate"] or (result["holder"] and f"person {result['holder']}")
        if key:
            places[key].append(result)
    for found in places.values():
        if len(found) < 2:
            continue
        first = min(result["row"] for result in found)
        for result in found:
            if result["row"] == first:
                continue
            result["notes"].append(_("The same stands in row %(row)s already.") % {"row": first})
            if result["answer"] == "match":
                result["answer"] = "differs"


# --- reading in pieces -----------------------------------------------------------------------------


def _certificates(rows: list[dict]) -> dict[str, list[Certificate]]:
    """The certificates that the rows may mean, by number in capitals and by code."""
    numbers, codes = set(), set()
    for row in rows:
        text = row["number"].replace(" ", "")
        numbers |= {text, text.upper()} - {""}
        try:
            codes.add(check_code(row["number"]))
        except Malformed:
            continue
    found: dict[str, list[Certificate]] = {}
    base = Certificate.objects.select_related("superseded_by").order_by("pk")
    for name, values in (("number", sorted(numbers)), ("code", sorted(codes))):
        for one in base.filter(**{f"{name}__in": values}) if values else ():
            found.setdefault(getattr(one, name).upper(), []).append(one)
    return found


def _people(rows: list[dict]) -> dict[str, _Standing]:
    """The people behind the licences of the rows, by the normal form of the number."""
    numbers = {names.normal_licence(row["licence"]) for row in rows} - {""}
    if not numbers:
        return {}
    licences = Licence.objects.filter(number__in=numbers).select_related("person")
    standing = {one.number: _Standing(one) for one in licences}
    mine: dict[int, list[_Standing]] = defaultdict(list)
    for one in standing.values():
        mine[one.licence.person_id].append(one)
    cycles = {
        cycle.person_id: cycle
        for cycle in Cycle.objects.filter(person__in=mine)
        .covering(clock.today())
        .select_related("scheme")
        .order_by("starts_on")
    }
    entries = CreditEntry.objects.posted().filter(person__in=mine).order_by()
    hours: dict[int, Decimal] = defaultdict(Decimal)
    for person, on, value in entries.values_list("person", "activity_on", "hours"):
        cycle = cycles.get(person)
        if cycle is None or cycle.starts_on <= on <= cycle.ends_on:
            hours[person] += value
    counted = Certificate.objects.filter(holder__in=mine).order_by().values_list("holder", "state")
    states: dict[int, dict[str, int]] = defaultdict(dict)
    for person, state, count in counted.annotate(Count("pk")):
        states[person][state] = count
    for person, found in mine.items():
        for one in found:
            one.cycle, one.hours, one.states = cycles.get(person), hours[person], states[person]
    return standing


# --- one row ---------------------------------------------------------------------------------------


def _of_certificate(row: dict, register: dict[str, list[Certificate]], people: dict[str, _Standing]) -> dict:
    text = row["number"].replace(" ", "").upper()
    found, notes = register.get(text, []), []
    if not found:
        try:
            found = register.get(check_code(row["number"]), [])
        except Malformed as error:
            if error.suggestion:
                notes.append(_("One character may be wrong."))
    if len(found) > 1 and row["name"]:
        found = [one for one in found if same_name(row["name"], one.said["holder"]["name"])] or found
    if not found:
        return _result(row, "unknown", notes)
    one = found[0]
    if len(found) > 1:
        notes.append(_("More than one certificate has this number; ask for the code."))
    said = one.said["holder"]
    notes += _name_differs(row, said["name"])
    notes += _birth_differs(row, said["birth"])
    notes += _hours_differ(row, one.hours)
    if row["licence"]:
        standing = people.get(names.normal_licence(row["licence"]))
        if standing is None or standing.licence.person_id != one.holder_id:
            notes.append(_("The licence of the list is not one of the holder's."))
    answer = "differs" if notes else "match"
    if one.ended_at is not None:
        notes.insert(0, f"{local_day(one.ended_at):%d/%m/%Y}: {one.end_reason}")
        answer = one.state
    replacement = one.replacement
    return _result(
        row,
        answer,
        notes,
        certificate=one.pk,
        holder=one.holder_id,
        code=one.code,
        number=one.number,
        name=said["name"],
        hours=f"{one.hours.normalize():f}",
        replacement=replacement.number if replacement else "",
    )


def _of_person(row: dict, people: dict[str, _Standing]) -> dict:
    one = people.get(names.normal_licence(row["licence"]))
    if one is None:
        odd = names.parse_licence(row["licence"]) is None
        return _result(row, "unknown", [_("The licence number has no known form.")] if odd else [])
    person: Person = one.licence.person
    notes = _name_differs(row, person.full_name)
    notes += _birth_differs(row, person.birth_text)
    notes += _hours_differ(row, one.hours)
    if one.licence.status == Licence.Status.WITHDRAWN:
        notes.append(_("The licence was withdrawn."))
    answer = "differs" if notes else "match"
    return _result(
        row,
        answer,
        [*notes, _in_words(one)],
        holder=person.pk,
        number=one.licence.number,
        name=person.full_name,
        hours=f"{one.hours.normalize():f}",
    )


def _in_words(one: _Standing) -> str:
    said = {
        "hours": f"{one.hours.normalize():f}",
        "valid": one.states.get(Certificate.State.ISSUED, 0),
        "revoked": one.states.get(Certificate.State.REVOKED, 0),
    }
    if one.cycle is None:
        return _("%(hours)s hours; certificates: %(valid)s valid, %(revoked)s revoked.") % said
    said |= {"target": f"{one.cycle.scheme.target.normalize():f}", "until": f"{one.cycle.ends_on:%d/%m/%Y}"}
    return (
        _(
            "%(hours)s of %(target)s hours until %(until)s; certificates: %(valid)s valid, %(revoked)s revoked."
        )
        % said
    )


def _name_differs(row: dict, printed: str) -> list[str]:
    if not row["name"] or same_name(row["name"], printed):
        return []
    if names.fold(row["name"]) == names.fold(printed):
        message = _(
            "The diacritics of the name differ: the list says “%(asked)s”, the register “%(printed)s”."
        )
    else:
        message = _("The name differs: the list says “%(asked)s”, the register “%(printed)s”.")
    return [message % {"asked": row["name"], "printed": printed}]


def _birth_differs(row: dict, printed: str) -> list[str]:
    """The birth date as digits: 8/3/1990 and 08/03/1990 agree, and a year alone agrees with its date."""

    def parts(text: str) -> list[int]:
        return [int(part) for part in text.replace("-", "/").replace(".", "/").split("/") if part.isdecimal()]

    asked, held = parts(row["born"]), parts(printed)
    if (
        not row["born"]
        or not held
        or asked == held
        or (1 in (len(asked), len(held)) and asked[-1:] == held[-1:])
    ):
        return []
    return [
        _("The birth date differs: the list says %(asked)s, the register %(printed)s.")
        % {"asked": row["born"], "printed": printed}
    ]


def _hours_differ(row: dict, hours: Decimal) -> list[str]:
    if not row["hours"]:
        return []
    try:
        same = Decimal(row["hours"].replace(",", ".")) == hours
    except InvalidOperation:
        same = False
    if same:
        return []
    return [
        _("The hours differ: the list says %(asked)s, the register %(printed)s.")
        % {"asked": row["hours"], "printed": f"{hours.normalize():f}"}
    ]


def _result(row: dict, answer: str, notes: list[str], **found) -> dict:
    empty = {
        "certificate": None,
        "holder": None,
        "code": "",
        "number": "",
        "name": "",
        "hours": "",
        "replacement": "",
    }
    asked = {key: row[key] for key in FIELDS}
    return {"row": row["row"], "asked": asked, "answer": str(answer), "notes": notes} | empty | found
