"""What a command is: a model of what may be asked, its route, and the rule of who may ask it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.event import Event, EventData
from shared.contracts.reference import Role

S = TypeVar("S")
C = TypeVar("C", bound="Command")


class Command(BaseModel):
    """What somebody asks to be done. A subclass names its route below the service's prefix.

    A route with `{id}` is about an existing stream, or one whose id the caller gives; a route without it
    makes a new stream with a UUIDv7 of its own. The body has the model's fields and no others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: ClassVar[str] = ""

    def __init_subclass__(cls, *, route: str = "") -> None:
        super().__init_subclass__()
        cls.route = route

    @classmethod
    def name(cls) -> str:
        """The last word of the route, such as `approve-plan`."""
        return cls.route.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Aggregate(Generic[S]):
    """A category of streams and the fold of one stream's events into the state that rules are decided on."""

    category: str
    initial: S
    evolve: Callable[[S, Event[Any]], S]


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


@dataclass(frozen=True)
class Who(Generic[S, C]):
    """Who may: a holder of one of `roles` at the unit that `at` names, or at one above it.

    With `exactly` the role must be held at that very unit. `office` acts for a secretary: it is allowed at the
    unit's own level and above, and the event then carries both names.
    """

    roles: frozenset[Role]
    at: Callable[[S, C], str]
    exactly: bool = False


@dataclass(frozen=True)
class Numbered(Generic[S, C]):
    """The command issues a document number: from the counter of the county, year and kind, as `format` writes it.

    The counter is the stream `number-<county>-<year>-<kind>`; numbers have no gaps.
    """

    kind: str
    county: Callable[[S, C], str]
    year: Callable[[S, C, date], int]
    format: Callable[[str, int, int], str] = field(default=lambda county, year, number: f"{county}-{year}-{number}")


@dataclass(frozen=True)
class Handler(Generic[S, C]):
    """One command's slice: `decide(state, command, case)` is pure and gives the events, or raises RuleViolation."""

    command: type[C]
    aggregate: Aggregate[S]
    who: Who[S, C]
    decide: Callable[[S, C, Case], list[EventData]]
    numbered: Numbered[S, C] | None = None
    gather: Callable[..., Any] | None = None
