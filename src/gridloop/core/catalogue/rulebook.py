"""
The rulebook as every process keeps it in memory: asked on each report and each clock, rarely changed.

Nothing here queries once it is loaded; a change by any process is seen within seconds (see `org.revisions`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import Category, Duty, DutyKind, Standard
from gridloop.core.catalogue.stages import Stage
from gridloop.core.catalogue.suggestion import Suggester, Suggestion
from gridloop.core.org.models import Region, Unit, UnitKind
from gridloop.core.org.revisions import cached

REVISION = "catalogue"
_COMMITTEES = (UnitKind.VILLAGE_COMMITTEE, UnitKind.COMMUNITY_COMMITTEE)


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category as it stands; one that is no longer active keeps its name for the cases that have it."""

    id: int
    code: str
    name: str
    kind: str
    urgency: str
    icon: str
    is_public: bool
    is_active: bool
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a stage may take."""

    amount: int
    unit: LimitUnit


@dataclass(frozen=True, slots=True)
class StandardView:
    """
    The standard that holds for a category on a day, with what it leaves open filled in from above.

    `id` is the most specific version that speaks, None where the rulebook is silent.
    """

    id: int | None
    limits: Mapping[Stage, Limit]
    opening: str
    closing: str
    evidence: str


NO_STANDARD = StandardView(None, MappingProxyType({}), "", "", "")


@dataclass(frozen=True, slots=True)
class DutyView:
    """
    Who answers for a category at a place on a day.

    `lead_unit_id` is None where the unit is not set up yet (`lead_name` says which) or where a local lead was
    asked for without a place in a village or community.
    """

    id: int
    kind: str
    lead_unit_id: int | None
    lead_name: str
    is_local_lead: bool
    assist_unit_ids: tuple[int, ...]
    assist_names: str
    is_local_assist: bool
    upper_department: str
    basis: str
    is_local_default: bool


_NO_DUTY = DutyView(
    id=0,
    kind=DutyKind.TOWN_PRIMARY,
    lead_unit_id=None,
    lead_name="",
    is_local_lead=False,
    assist_unit_ids=(),
    assist_names="",
    is_local_assist=False,
    upper_department="",
    basis="",
    is_local_default=True,
)


@dataclass(frozen=True, slots=True)
class _DutyVersion:
    effective_on: date
    is_withdrawn: bool
    view: DutyView


@dataclass(frozen=True, slots=True)
class _StandardVersion:
    effective_on: date
    view: StandardView


_DutyKey: TypeAlias = tuple[int, int | None]  # category, region


@dataclass(frozen=True)
class _Rules:
    """All rows of the catalogue, versions in order of their dates."""

    categories: dict[int, CategoryView]
    keywords: dict[int, tuple[str, ...]]
    standards: dict[int | None, list[_StandardVersion]]
    duties: dict[_DutyKey, list[_DutyVersion]]
    timelines: dict[int | None, tuple[list[date], list[StandardView]]] = field(default_factory=dict)

    @cached_property
    def suggester(self) -> Suggester:
        return self._suggester(is_public=False)

    @cached_property
    def public_suggester(self) -> Suggester:
        return self._suggester(is_public=True)

    def _suggester(self, *, is_public: bool) -> Suggester:
        return Suggester(
            (category.id, word)
            for category in self.categories.values()
            if category.parent_id and category.is_active and (category.is_public or not is_public)
            for word in (*self.keywords[category.id], category.name)
        )

    @cached_property
    def by_code(self) -> dict[str, CategoryView]:
        return {category.code: category for category in self.categories.values()}

    @cached_property
    def by_name(self) -> dict[str, CategoryView]:
        # A sub-category goes before a main one of the same name, an active one before one that is not.
        ranked = sorted(self.categories.values(), key=lambda c: (c.is_active, c.parent_id is not None))
        return {category.name: category for category in ranked}

    def timeline(self, category_id: int | None) -> tuple[list[date], list[StandardView]]:
        """Return the days on which what this category's standard is made of changes, with the result."""
        if category_id not in self.timelines:
            chains = [self.standards[key] for key in self._chain(category_id) if key in self.standards]
            days = sorted({version.effective_on for chain in chains for version in chain})
            self.timelines[category_id] = days, [_merged(chains, day) for day in days]
        return self.timelines[category_id]

    def _chain(self, category_id: int | None) -> Iterable[int | None]:
        category = self.categories.get(category_id) if category_id else None
        return dict.fromkeys((category_id, category.parent_id if category else None, None))


@dataclass(frozen=True, slots=True)
class _Places:
    """Regions by path; a path's prefixes are the regions it lies in."""

    region_ids: dict[str, int]
    step: int

    def around(self, path: str) -> Iterable[int]:
        """Return the regions that contain `path`, the smallest first."""
        for end in range(len(path), 0, -self.step):
            if (region_id := self.region_ids.get(path[:end])) is not None:
                yield region_id


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Questions to the rulebook. None raises: an empty rulebook has no limits, duties or suggestions."""

    _rules: _Rules
    _places: _Places
    _committees: Mapping[int, int]  # region → unit

    def category(self, category_id: int | None) -> CategoryView | None:
        return self._rules.categories.get(category_id) if category_id else None

    def by_code(self, code: str) -> CategoryView | None:
        return self._rules.by_code.get(code.strip())

    def by_name(self, name: str) -> CategoryView | None:
        """Return the category of this name; where two share it, the sub-category that is in use."""
        return self._rules.by_name.get(name.strip())

    def main(self) -> list[CategoryView]:
        """Return the main categories in use, by code."""
        return [c for c in self._rules.categories.values() if c.parent_id is None and c.is_active]

    def sub(self, parent_id: int | None = None) -> list[CategoryView]:
        """Return the sub-categories in use, of one main category or of all, by code."""
        wanted = (c for c in self._rules.categories.values() if c.parent_id and c.is_active)
        return [c for c in wanted if parent_id in (None, c.parent_id)]

    def standard(self, category_id: int | None, on: date) -> StandardView:
        """
        Return the standard of a category on a day: its own, then its main category's, then the town's.

        Each stage's limit and each text is taken from the first of the three that gives it.
        """
        days, views = self._rules.timeline(category_id)
        at = bisect_right(days, on) - 1
        return views[at] if at >= 0 else NO_STANDARD

    def duty(self, category_id: int | None, region_path: str, on: date) -> DutyView | None:
        """
        Return who answers for a category in the region of this tree path; the smallest region's rule wins.

        A sub-category without any rule there is answered for as its main category is.
        """
        category = self.category(category_id)
        for key in (category.id, category.parent_id) if category else ():
            if key and (view := self._duty(key, region_path, on)):
                return self._local(view, region_path)
        return None

    def with_leads(self, leads: Mapping[tuple[int, int | None], int | None]) -> "Rulebook":
        """
        Return the rulebook as it would be if these units led for a category in a region, or nobody there did.

        :param leads: unit by (category, region), None for the region where it holds everywhere.
        """
        changed = {key: [_changed(self._rules.duties.get(key, []), unit)] for key, unit in leads.items()}
        return replace(self, _rules=replace(self._rules, duties=self._rules.duties | changed))

    def suggest(self, text: str, n: int = 3, *, is_public: bool = False) -> list[Suggestion]:
        """Return the categories that the text's words speak for, best first, or only those in the portal."""
        suggester = self._rules.public_suggester if is_public else self._rules.suggester
        return suggester.suggest(text, n)

    def _duty(self, category_id: int, region_path: str, on: date) -> DutyView | None:
        for region_id in (*self._places.around(region_path), None):
            version = _latest(self._rules.duties.get((category_id, region_id), ()), on)
            if version and not version.is_withdrawn:
                return version.view
        return None

    def _local(self, view: DutyView, region_path: str) -> DutyView:
        """Put the committee of the place where the duty asks for whichever it is."""
        if not (view.is_local_lead or view.is_local_assist):
            return view
        found = (self._committees.get(region_id) for region_id in self._places.around(region_path))
        unit_id = next((unit_id for unit_id in found if unit_id), None)
        if view.is_local_lead:
            return replace(view, lead_unit_id=unit_id)
        if unit_id is None or unit_id == view.lead_unit_id:
            return view
        return replace(view, assist_unit_ids=tuple(sorted({*view.assist_unit_ids, unit_id})))


def rulebook() -> Rulebook:
    """Return the rulebook as it stands now; ask it again rather than keeping it."""
    return Rulebook(
        cached(REVISION, _load_rules), cached("regions", _load_places), cached("units", _load_committees)
    )


def _load_rules() -> _Rules:
    categories = list(Category.objects.order_by("code"))
    return _Rules(
        {c.pk: _category_view(c) for c in categories},
        {c.pk: tuple(c.keywords) for c in categories},
        _load_standards(),
        _load_duties(),
    )


def _category_view(row: Category) -> CategoryView:
    return CategoryView(
        row.pk,
        row.code,
        row.name,
        row.kind,
        row.urgency,
        row.icon,
        row.is_public,
        row.is_active,
        row.parent_id,
    )


def _load_standards() -> dict[int | None, list[_StandardVersion]]:
    found: defaultdict[int | None, list[_StandardVersion]] = defaultdict(list)
    for row in Standard.objects.prefetch_related("limits").order_by("effective_on", "id"):
        limits = {Stage(x.stage): Limit(x.amount, LimitUnit(x.unit)) for x in row.limits.all()}
        view = StandardView(row.pk, limits, row.opening, row.closing, row.evidence)
        found[row.category_id].append(_StandardVersion(row.effective_on, view))
    return dict(found)


def _load_duties() -> dict[_DutyKey, list[_DutyVersion]]:
    found: defaultdict[_DutyKey, list[_DutyVersion]] = defaultdict(list)
    for row in Duty.objects.prefetch_related("assist_units").order_by("effective_on", "id"):
        version = _DutyVersion(row.effective_on, row.is_withdrawn, _duty_view(row))
        found[row.category_id, row.region_id].append(version)
    return dict(found)


def _duty_view(row: Duty) -> DutyView:
    return DutyView(
        id=row.pk,
        kind=row.kind,
        lead_unit_id=row.lead_unit_id,
        lead_name=row.lead_name,
        is_local_lead=row.is_local_lead,
        assist_unit_ids=tuple(sorted(unit.pk for unit in row.assist_units.all())),
        assist_names=row.assist_names,
        is_local_assist=row.is_local_assist,
        upper_department=row.upper_department,
        basis=row.basis,
        is_local_default=row.is_local_default,
    )


def _load_places() -> _Places:
    return _Places(dict(Region.objects.order_by("path").values_list("path", "id")), Region.steplen)


def _load_committees() -> dict[int, int]:
    # The first by tree order, should a village have two.
    units = Unit.objects.active().filter(kind__in=_COMMITTEES).order_by("-path")
    return dict(units.values_list("region_id", "id"))


def _changed(versions: list[_DutyVersion], lead_unit_id: int | None) -> _DutyVersion:
    view = versions[-1].view if versions else _NO_DUTY
    changed = replace(view, lead_unit_id=lead_unit_id, is_local_lead=False)
    return _DutyVersion(date.min, lead_unit_id is None, changed)


def _latest(versions: Iterable[_DutyVersion], on: date) -> _DutyVersion | None:
    return next((v for v in reversed(tuple(versions)) if v.effective_on <= on), None)


def _merged(chains: list[list[_StandardVersion]], on: date) -> StandardView:
    """Lay the versions of a day over each other, the most specific first in `chains`."""
    held = [chain[at - 1].view for chain in chains if (at := _count_until(chain, on))]
    limits = {stage: limit for view in reversed(held) for stage, limit in view.limits.items()}
    return StandardView(
        held[0].id,
        MappingProxyType({stage: limits[stage] for stage in Stage if stage in limits}),
        next((v.opening for v in held if v.opening), ""),
        next((v.closing for v in held if v.closing), ""),
        next((v.evidence for v in held if v.evidence), ""),
    )


def _count_until(chain: list[_StandardVersion], on: date) -> int:
    return bisect_right([version.effective_on for version in chain], on)
