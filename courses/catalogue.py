"""The public list of courses as an address asks for it: search, filters with counts, order, pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from courses.shelf import Entry, full_runs, shelf
from lms import names

FACETS = ("profession", "specialty", "provider", "form", "hours", "language", "open")
PER_PAGE = 18


@dataclass(slots=True)
class Choice:
    """One value of a filter with the number of courses it would leave."""

    code: str
    label: str
    count: int
    is_chosen: bool


@dataclass(slots=True)
class Chosen:
    """A search or filter that is set, and the address without it."""

    label: str
    without: str


@dataclass(slots=True)
class Listing:
    """What the catalogue page shows."""

    entries: list[Entry]
    total: int
    page: Page
    query: str
    facets: dict[str, list[Choice]]
    chosen: list[Chosen]
    order: str
    orders: dict[str, str]
    address: str
    """The address of this list without a page number, to be followed by ``p=2``."""

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the filters is set, beside or without words to look for."""
        return any(choice.is_chosen for choices in self.facets.values() for choice in choices)


def listing(chosen: Mapping[str, str], request=None, provider=None) -> Listing:
    """The catalogue under the filters of an address; an unknown value leaves nothing.

    A filter's counts are those of all *other* filters, so that choosing another value never
    surprises. With *provider* only that facility's courses are listed.
    """
    courses = shelf(request)
    taking = courses.taking(full_runs())
    values = {**courses.values, "open": {"1": taking}}
    labels = {**courses.labels, "open": {"1": _("open for enrolment")}}
    within, asked = courses.all, FACETS
    if provider is not None:
        within = values["provider"].get(str(provider.pk), 0)
        asked = tuple(facet for facet in FACETS if facet != "provider")
    query = names.clean(chosen.get("q", ""))[:100]
    picked = {facet: chosen[facet] for facet in asked if chosen.get(facet)}
    said = within & courses.saying(query)
    facets = {}
    for facet in asked:
        others = said
        for name, code in picked.items():
            others &= values[name].get(code, 0) if name != facet else said
        facets[facet] = [
            Choice(code, label, (others & values[facet][code]).bit_count(), picked.get(facet) == code)
            for code, label in labels[facet].items()
            if values[facet].get(code, 0) & within
        ]
    for facet, code in picked.items():
        said &= values[facet].get(code, 0)
    orders = {"": _("newest first"), "title": _("by title"), "hours": _("most hours first")}
    order = chosen.get("sort", "") if chosen.get("sort", "") in orders else ""
    paginator = Paginator(courses.sorted(said, order, taking), PER_PAGE)
    page = paginator.get_page(chosen.get("p"))
    state = {"q": query, **picked, "sort": order}
    return Listing(
        entries=courses.entries(page.object_list, request),
        total=paginator.count,
        page=page,
        query=query,
        facets=facets,
        chosen=[
            Chosen(labels[name].get(value, value) if name in labels else f"“{value}”", _address(state, name))
            for name, value in state.items()
            if value and name != "sort"
        ],
        order=order,
        orders=orders,
        address=_address(state),
    )


def _address(state: Mapping[str, str], without: str = "") -> str:
    """The query of an address for *state*, save one of its parts."""
    kept = {name: value for name, value in state.items() if value and name != without}
    return f"?{urlencode(kept)}"
