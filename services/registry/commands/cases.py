"""Commands about cases (案例)."""

from shared.command import Command
from shared.contracts.cases import CaseColumn
from shared.contracts.values import ProjectId, ShortText, Text, UnitCode
from shared.unit_codes import CountyCode


class SelectCase(Command, route="/cases/select"):
    """Select a case of a unit, and perhaps of one of its projects."""

    title: ShortText
    unit: UnitCode
    county: CountyCode
    project: ProjectId | None = None
    summary: Text


class PublishCase(Command, route="/cases/{id}/publish"):
    """Publish a case in a column (书记晒项目, 晒成效)."""

    column: CaseColumn
    title: ShortText
    text: Text
