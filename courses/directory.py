"""Reads: the directory of sites, without a single person, and where its provinces stand on a schematic map."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from courses.models import Session
from lms import names
from lms.models import Province, TeleSite

WEST, EAST, SOUTH, NORTH = 102.0, 110.0, 8.3, 23.6
"""Degrees that the drawing spans."""
SCALE = 40
"""Units of the drawing for one degree."""


@dataclass(frozen=True)
class Place:
    """A site as the directory shows it."""

    pk: int
    name: str
    facility: str
    province: str
    code: str
    capacity: int
    sessions: int


@dataclass
class Dot:
    """A province: how many sites, and where on the drawing (None where nobody entered a place)."""

    code: str
    name: str
    sites: int = 0
    sessions: int = 0
    x: float | None = None
    y: float | None = None
    label_y: float = 0

    @property
    def radius(self) -> float:
        """Area grows with the number of sites."""
        return round(min(22, 3 + self.sites**0.5), 1)

    @property
    def label_x(self) -> float:
        """The label begins beside the circle."""
        return round((self.x or 0) + self.radius + 3, 1)


def places() -> list[Place]:
    """Every site in use, by name, with the sessions it took part in; one query."""
    joined = Q(sessions__session__state__in=[Session.State.ENDED, Session.State.SETTLED])
    rows = (
        TeleSite.objects.filter(is_active=True)
        .annotate(joined=Count("sessions", filter=joined))
        .order_by("name", "pk")
        .values_list(
            "pk",
            "name",
            "facility__name",
            "facility__province__name",
            "facility__province__code",
            "capacity",
            "joined",
        )
    )
    return [Place(*(value if value is not None else "" for value in row)) for row in rows]


def matching(found: list[Place], *, text: str = "", province: str = "") -> list[Place]:
    """Those of *found* in *province* whose names hold every word of *text*, diacritics ignored."""
    words = names.fold(text).split()
    return [
        one
        for one in found
        if (not province or one.code == province)
        and all(word in names.fold(f"{one.name} {one.facility} {one.province}") for word in words)
    ]


def dots(found: list[Place]) -> list[Dot]:
    """The provinces of *found*, those with most sites first; a place is the province's own or amid its sites."""
    known = {row.code: row for row in Province.objects.all()}
    by_code: dict[str, Dot] = {}
    for one in found:
        if one.code:
            dot = by_code.setdefault(one.code, Dot(one.code, one.province))
            dot.sites += 1
            dot.sessions += one.sessions
    own: dict[str, list[tuple[float, float]]] = defaultdict(list)
    entered = TeleSite.objects.filter(is_active=True, latitude__isnull=False)
    for code, latitude, longitude in entered.values_list("facility__province__code", "latitude", "longitude"):
        own[code].append((float(latitude), float(longitude)))
    for dot in by_code.values():
        province, sites = known[dot.code], own[dot.code]
        if province.latitude is not None and province.longitude is not None:
            dot.x, dot.y = drawn(float(province.latitude), float(province.longitude))
        elif sites:
            dot.x, dot.y = drawn(
                sum(one[0] for one in sites) / len(sites), sum(one[1] for one in sites) / len(sites)
            )
    _place_labels([dot for dot in by_code.values() if dot.x is not None])
    return sorted(by_code.values(), key=lambda dot: (-dot.sites, dot.code))


def drawn(latitude: float, longitude: float) -> tuple[float, float]:
    """Where a place stands on the drawing: degrees taken as a grid, which is a scheme and no map."""
    x = (min(max(longitude, WEST), EAST) - WEST) * SCALE
    y = (NORTH - min(max(latitude, SOUTH), NORTH)) * SCALE
    return round(x, 1), round(y, 1)


def frame(shown: list[Dot]) -> tuple[int, int, int, int]:
    """What of the drawing is needed to show *shown* with their labels: left, top, width, height."""
    if not shown:
        return 0, 0, 1, 1
    left = min((dot.x or 0) - dot.radius for dot in shown) - 6
    top = min(min((dot.y or 0) - dot.radius, dot.label_y - 8) for dot in shown) - 4
    right = max(dot.label_x + 7 * len(f"{dot.name} {dot.sites}") for dot in shown)
    bottom = max(max((dot.y or 0) + dot.radius, dot.label_y + 8) for dot in shown) + 4
    return round(left), round(top), round(right - left), round(bottom - top)


def _place_labels(shown: list[Dot]) -> None:
    """Move labels down until none covers another; those that stand highest first."""
    taken: list[tuple[float, float, float]] = []
    for dot in sorted(shown, key=lambda one: (one.y, one.x)):
        wide, y = 7 * len(dot.name), dot.y or 0
        while any(
            abs(y - other) < 11 and left < (dot.x or 0) + wide and (dot.x or 0) < right
            for left, right, other in taken
        ):
            y += 3
        dot.label_y = round(y, 1)
        taken.append((dot.x or 0, (dot.x or 0) + wide, y))
