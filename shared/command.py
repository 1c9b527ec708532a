"""What a command is: a model of what may be asked, its route, and the rule of who may ask it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.event import Event, EventData
from shared.contracts.reference import Role
from shared.contracts.values import Day, OptionalText, StreamId
from shared.visible import check_visible

if TYPE_CHECKING:
    import asyncpg

S = TypeVar("S")
C = TypeVar("C", bound="Command")


class Command(BaseModel):
    """What somebody asks to be done. A subclass names its route below the service's prefix.

    A route with `{id}` is about an existing stream, or one whose id the caller gives; a route without it
    makes a new stream with a UUIDv7 of its own. The body has the model's fields and no others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: ClassVar[str] = ""

    effective: Day | None = None
    """The day that the fact holds for, if it is not today."""
    effective_reason: OptionalText = ""
    """Why it is dated back; needed of a day so long ago that a reviewer must tell the fact."""

    @model_validator(mode="after")
    def _readers_see_it(self) -> Self:
        check_visible(self)
        return self

    @property
    def happened(self) -> Day | None:
        """The day of what happened, where the command has a field `on` for it beside the day that it holds for."""
        return None

    def __init_subclass__(cls, *, route: str = "") -> None:
        super().__init_subclass__()
        cls.route = route

    @classmethod
    def verb(cls) -> str:
        """The last word of the route, such as `approve-plan`."""
        return cls.route.rsplit("/", 1)[-1]


def place_of(command: Command, value: str) -> str | None:
    """Where in a command a value stands, such as `manuscript.city`; None if it does not."""
    return next(_places(command.model_dump(), value), None)


def _places(content: dict[str, Any], value: str) -> Iterator[str]:
    for name, each in content.items():
        if each == value:
            yield name
        elif isinstance(each, dict):
            yield from (f"{name}.{place}" for place in _places(cast("dict[str, Any]", each), value))


@dataclass(frozen=True)
class Aggregate(Generic[S]):
    """A category of streams and the fold of one stream's events into the state that rules are decided on.

    `ids` is the pattern of its streams' ids without the category, as the OpenAPI says it.
    """

    category: str
    initial: S
    evolve: Callable[[S, Event[Any]], S]
    ids: str = r"^[^/\x00]+$"

    def of(self, events: Iterable[Event[Any]]) -> S:
        """The state after these events of a stream, from its first one on."""
        return reduce(self.evolve, events, self.initial)


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision may know besides the stream's state and the command: all of it values.

    `actor` is who acts (a person id), `id` the stream's id without its category, `today` the day in
    Asia/Shanghai. `number` is the next document number where the command issues one. `facts` is what the
    handler's `gather` has read for it.
    """

    actor: str
    id: str
    today: date
    number: str = ""
    facts: Any = None


def _for_nobody(state: object, command: object) -> None:
    """Nobody is acted for."""


def _nowhere_else(state: object, command: object) -> Iterable[str]:
    """The right at one unit is enough."""
    return ()


def _plain_number(county: str, year: int, number: int) -> str:
    return f"{county}-{year}-{number}"


@dataclass(frozen=True)
class Who(Generic[S, C]):
    """Who may: a holder of one of `roles` at the unit that `at` names, or at one above it.

    With `exactly` the role must be held at that very unit. `office` acts for a secretary: it is allowed at the
    unit's own level and above, and the event then carries both names: `for_whom` gives the secretary's person id. With
    `of_unit` it is who leads the unit today, and `for_whom` only tells whom the command names of several. Nobody acts
    for a secretary who is one no more.
    With `by_post` the event names the unit of the post, not that of `at`, as the one that did the thing. The right is
    needed at each unit of `also_at` as well. `scope` says in words which unit that is, `besides` what the decision asks
    of the person apart from the role.
    """

    roles: frozenset[Role]
    at: Callable[[S, C], str]
    exactly: bool = False
    for_whom: Callable[[S, C], str | None] = _for_nobody
    of_unit: bool = False
    by_post: bool = False
    also_at: Callable[[S, C], Iterable[str]] = _nowhere_else
    scope: str = ""
    besides: str = ""


@dataclass(frozen=True)
class Numbered(Generic[S, C]):
    """The command issues a document number: from the counter of the county, year and kind, as `format` writes it.

    The year is that of the day which the fact holds for; numbers have no gaps.
    """

    kind: str
    county: Callable[[S, C], str]
    format: Callable[[str, int, int], str] = _plain_number


@dataclass(frozen=True)
class Beside(Generic[C]):
    """What a command does to a second stream, which `id` names: both are appended to, or neither."""

    aggregate: Aggregate[Any]
    id: Callable[[C], str]
    decide: Callable[[Any, C, Case], Sequence[EventData]]


Also = Callable[["asyncpg.Connection", StreamId, C], Awaitable[None]]
Gather = Callable[["asyncpg.Connection", S, C, Case], Awaitable[Any]]


@dataclass(frozen=True)
class Handler(Generic[S, C]):
    """One command's slice: `decide(state, command, case)` is pure and gives the events, or raises RuleViolation.

    `makes` says that the command may begin a stream whose id the caller gives. `gather` reads, on the store's
    connection, what `decide` needs beyond the stream's state; it is then `case.facts`. `named` gives the id of the
    stream that a command without `{id}` in its route begins, where what it says must stand in one stream alone.

    `beside` is a second stream that is appended to with the first, `also` what else is done in that transaction.
    Commands with the same word in `alone` are carried out one after the other, since a rule is about streams that
    several of them change.
    """

    command: type[C]
    aggregate: Aggregate[S]
    who: Who[S, C]
    decide: Callable[[S, C, Case], Sequence[EventData]]
    numbered: Numbered[S, C] | None = None
    gather: Gather[S, C] | None = None
    makes: bool = False
    also: Also[C] | None = None
    named: Callable[[C], str] | None = None
    beside: Beside[C] | None = None
    alone: str = ""
