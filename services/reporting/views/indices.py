"""The views `scheme` and `results`: the red index's published schemes and results."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.scoring import IndexId, ResultsPublished, SchemePublished, UnitResult
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class IndexSize:
    """An index of a scheme and its number of core indicators."""

    id: IndexId
    name: str
    indicators: int


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A published version of a scheme; `day` is when it holds from, `recorded` when it was said."""

    version: int
    name: str
    day: date
    recorded: datetime
    indices: tuple[IndexSize, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """The published versions of a county's scheme, in their order."""

    county: str = ""
    versions: tuple[SchemeVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """The published results of a county's period."""

    county: str = ""
    period: str = ""
    day: date | None = None
    results: tuple[UnitResult, ...] = ()
    changed: datetime | None = None


def evolve_scheme(scheme: Scheme, event: Event[Any]) -> Scheme:
    """Fold one event of a scheme."""
    match event.data:
        case SchemePublished() as e:
            sizes = tuple(IndexSize(index.id, index.name, len(index.indicators)) for index in e.indices)
            published = SchemeVersion(e.version, e.name, event.effective, event.time, sizes)
            return replace(scheme, county=e.county, versions=(*scheme.versions, published))
        case _:
            return scheme


def evolve_results(results: Results, event: Event[Any]) -> Results:
    """Fold one event of a period: what is published anew takes the place of what was."""
    match event.data:
        case ResultsPublished() as e:
            return Results(e.county, e.period, event.effective, e.results, event.time)
        case _:
            return results


SCHEME = View(
    name="scheme",
    version=2,
    row=Scheme,
    topics={Topic.SCORING: frozenset({"scheme"})},
    evolve=evolve_scheme,
)

RESULTS = View(
    name="results",
    version=1,
    row=Results,
    topics={Topic.SCORING: frozenset({"period"})},
    evolve=evolve_results,
    indexes=[("county", "period"), ("changed",)],
)
