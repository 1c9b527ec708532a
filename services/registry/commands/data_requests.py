"""Commands about what a county asks its units for beside what the platform holds (数据填报)."""

from pydantic import Field

from shared.command import Command
from shared.contracts.reference import DataItem, ItemAnswer
from shared.contracts.values import Day, PersonId, ShortText, Slug, Text, UnitCode
from shared.unit_codes import CountyCode


class RequestData(Command, route="/data-requests/{id}/ask"):
    """Ask units for data, with the purpose; the id is `<county>-<year>`. What is held already is not asked again."""

    request: Slug
    county: CountyCode
    title: ShortText
    purpose: Text
    items: tuple[DataItem, ...] = Field(min_length=1, max_length=50)
    units: tuple[UnitCode, ...] = Field(min_length=1, max_length=2000)
    due: Day


class WithdrawDataRequest(Command, route="/data-requests/{id}/withdraw"):
    """Ask no more for what a request named."""

    request: Slug
    reason: Text


class AnswerDataRequest(Command, route="/data-answers/{id}/give"):
    """Answer a request for a unit and its secretary, all items at once: `<county>-<year>-<request>-<unit>`."""

    unit: UnitCode
    secretary: PersonId
    answers: tuple[ItemAnswer, ...] = Field(min_length=1)
