"""What may be asked of scoring."""

from pydantic import Field

from shared.command import Command
from shared.contracts.assessment import Channel, SheetValue
from shared.contracts.scoring import Index
from shared.contracts.values import Period, ShortText, UnitCode
from shared.unit_codes import CountyCode


class PublishScheme(Command, route="/schemes/{id}/publish"):
    """Publish the next version of a county's scheme; the id is the county's code."""

    county: CountyCode
    name: ShortText
    version: int = Field(ge=1)
    indices: tuple[Index, ...] = Field(min_length=3, max_length=3)


class SubmitSheet(Command, route="/sheets/{id}/submit"):
    """Submit a score sheet; the id is `<county>-<period>-<unit>-<channel>-<assessor>`: no second one has it."""

    county: CountyCode
    period: Period
    unit: UnitCode
    channel: Channel
    values: tuple[SheetValue, ...] = Field(min_length=1)


class PublishResults(Command, route="/periods/{id}/publish-results"):
    """Compute and publish the results of a county's townships for a period; the id is `<county>-<period>`.

    `at_least` are `at` tokens of earlier replies: what they name must be counted.
    """

    county: CountyCode
    period: Period
    at_least: tuple[ShortText, ...] = ()
