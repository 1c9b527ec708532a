"""What a county asks its units for: registered with its purpose, refused where the platform holds it or has asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, assert_never

from pydantic import StringConstraints, TypeAdapter

from services.registry.asking.held import Held, as_asked, holder_of
from services.registry.checks import check_id, found
from services.registry.commands.data_requests import AnswerDataRequest, RequestData, WithdrawDataRequest
from services.registry.reference.person import Person
from services.registry.reference.unit import check_standing
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.reference import DataAnswered, DataItem, DataRequested, DataRequestWithdrawn
from shared.errors import require

_IDS = "^[0-9]{6}-20[0-9]{2}$"
_ID = TypeAdapter[str](Annotated[str, StringConstraints(pattern=_IDS)])


@dataclass(frozen=True)
class DataRequests:
    """All that a county has asked for in a year, by the requests' names; `withdrawn` are asked no more."""

    asked: Mapping[str, DataRequested] = field(default_factory=dict[str, DataRequested])
    withdrawn: frozenset[str] = frozenset()

    @property
    def county(self) -> str:
        """The county that asks; empty before it has asked for anything."""
        return next((each.county for each in self.asked.values()), "")

    def open(self, request: str) -> DataRequested | None:
        """The request of this name, unless it is withdrawn."""
        return None if request in self.withdrawn else self.asked.get(request)


def evolve(requests: DataRequests, event: Event[DataRequested | DataRequestWithdrawn]) -> DataRequests:
    """Fold one event."""
    match event.data:
        case DataRequested() as e:
            return replace(requests, asked={**requests.asked, e.request: e})
        case DataRequestWithdrawn() as e:
            return replace(requests, withdrawn=requests.withdrawn | {e.request})
        case _:
            assert_never(event.data)


DATA_REQUESTS = Aggregate("requests", DataRequests(), evolve, ids=_IDS)


@dataclass(frozen=True)
class RequestFacts:
    """What is held of the county, and the units of the request that do not lie in it or have ended, with their days.

    `before` is what the county has asked for in the year before.
    """

    held: tuple[Held, ...]
    strangers: tuple[str, ...] = ()
    ended: Mapping[str, date] = field(default_factory=dict[str, date])
    before: DataRequests = field(default_factory=DataRequests)


def request_data(
    requests: DataRequests, cmd: RequestData, id: str, facts: RequestFacts, today: date
) -> list[DataRequested]:
    """Register a request, unless one of its items is held or was asked of one of the units for the same day.

    Source: what is reported once is not asked for again (《整治形式主义为基层减负若干规定》).
    """
    check_id(id, _ID, "not_a_request_year")
    require(id == f"{cmd.county}-{today.year}", "not_this_years_requests", field="id", year=today.year)
    require(cmd.request not in requests.asked, "request_exists", field="request", request=cmd.request)
    require(cmd.due >= today, "deadline_in_the_past", field="due")
    names = [item.id for item in cmd.items]
    require(len(set(names)) == len(names), "items_share_an_id", field="items")
    strangers = ", ".join(facts.strangers)
    require(not strangers, "unit_of_another_county", field="units", unit=strangers, county=cmd.county)
    for unit, ended in facts.ended.items():
        check_standing(ended, unit, today, "units")
    for n, item in enumerate(cmd.items):
        held = holder_of(item.name, facts.held)
        require(held is None, "held_already", field=f"items.{n}", item=item.name, where=held.where if held else "")
        for asked in (facts.before, requests):
            _check_not_asked(asked, item, set(cmd.units), f"items.{n}")
    return [
        DataRequested(
            request=cmd.request,
            county=cmd.county,
            title=cmd.title,
            purpose=cmd.purpose,
            items=cmd.items,
            units=tuple(sorted(set(cmd.units))),
            due=cmd.due,
        )
    ]


def _check_not_asked(requests: DataRequests, item: DataItem, units: set[str], place: str) -> None:
    for name, earlier in requests.asked.items():
        same = any(each.as_of == item.as_of and as_asked(each.name) == as_asked(item.name) for each in earlier.items)
        again = same and name not in requests.withdrawn and bool(units & set(earlier.units))
        require(not again, "asked_already", field=place, item=item.name, request=earlier.title)


def withdraw_request(requests: DataRequests, cmd: WithdrawDataRequest) -> list[DataRequestWithdrawn]:
    """Withdraw a request."""
    found(requests.open(cmd.request), "no_such_request", "request")
    return [DataRequestWithdrawn(request=cmd.request, reason=cmd.reason)]


def evolve_answers(_: DataAnswered | None, event: Event[DataAnswered]) -> DataAnswered:
    """Fold one event."""
    return event.data


ANSWERS = Aggregate[DataAnswered | None]("answers", None, evolve_answers)
"""What a unit said last to a request; None before it has answered."""


@dataclass(frozen=True)
class AnswerFacts:
    """The request that is answered, None if it is not asked any more, and the person named as the unit's secretary.

    `seat` is where that post is held today: at the unit, or at its heir from the day `ended` on.
    """

    request: DataRequested | None
    secretary: Person
    seat: str
    ended: date | None = None


def answer_request(
    last: DataAnswered | None, cmd: AnswerDataRequest, facts: AnswerFacts, today: date
) -> list[DataAnswered]:
    """Answer every item of a request that was put to the unit; the same answer again is no event."""
    asked = found(facts.request, "no_such_request", "id")
    require(facts.secretary.is_secretary(facts.seat, today), "secretary_not_appointed", field="secretary")
    require(cmd.unit in asked.units, "not_asked_of_the_unit", field="unit", unit=cmd.unit)
    for item in asked.items:
        check_standing(facts.ended, cmd.unit, item.as_of)
    answered = [answer.item for answer in cmd.answers]
    wanted = {item.id for item in asked.items}
    require(len(answered) == len(set(answered)) and set(answered) == wanted, "not_every_item", field="answers")
    data = DataAnswered(unit=cmd.unit, answers=cmd.answers)
    return [] if last == data else [data]
