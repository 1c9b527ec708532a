"""What decisions need beyond their own stream, read from this service's store: strongly consistent, a few streams.

Two lists come out of its views instead, which follow within moments: the metrics of catalogues, a lot's townships.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from secrets import token_hex
from typing import Any

import asyncpg

from services.registry.around.campaign import CAMPAIGN, Campaign, CampaignFacts
from services.registry.around.difficulty import Helper
from services.registry.around.inspection import UnitInspectionFacts
from services.registry.around.mutual import MUTUAL, Lot, Mutual, MutualFacts, mutual_id
from services.registry.around.place import Place
from services.registry.around.record_views import METRICS
from services.registry.around.unit_metric import METRIC, CatalogueFacts, MeasureFacts, metric_id
from services.registry.around.visit import VisitFacts
from services.registry.checks import found
from services.registry.commands.campaigns import InspectUnit, RecogniseBrand
from services.registry.commands.carrying_out import (
    FindProblem,
    InspectProject,
    RefuseRectification,
    VerifyRectification,
)
from services.registry.commands.cases import SelectCase
from services.registry.commands.extending import EndorseExtension, RefuseExtension
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.reference import Appoint, HandOver, RegisterUnit
from services.registry.commands.reviewing import ProposeProject
from services.registry.commands.rhythm import DrawMutualChecks, FindProblemMutually
from services.registry.commands.turning import HandOverProject
from services.registry.commands.unit_metrics import DefineMetric, RecordMetric
from services.registry.commands.visits import HoldVisit, TakeOnDifficulty
from services.registry.project.extending import Deciders
from services.registry.project.inspecting import InspectionFacts
from services.registry.project.life import PROJECT
from services.registry.project.proposing import OwnerFacts
from services.registry.project.state import Project
from services.registry.project.turning import Successor
from services.registry.reference.calendar import CALENDAR
from services.registry.reference.person import PERSON
from services.registry.reference.unit import UNIT, Unit
from services.registry.reference.where import county_of, lies_in, nearest, seat_of, upwards
from shared.authority_views import UNIT as UNITS
from shared.command import Case, Gather
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.reference import CalendarPublished
from shared.contracts.unit_metrics import MetricDefined
from shared.rows import rows_where
from shared.store import state_of


async def parent(connection: asyncpg.Connection, _: Unit, cmd: RegisterUnit, __: Case) -> Unit | None:
    """The unit that a new one is to lie below."""
    return await state_of(connection, UNIT, cmd.parent) if cmd.parent else None


async def post_unit(connection: asyncpg.Connection, _: object, cmd: Appoint | HandOver, __: Case) -> Unit:
    """The unit of an appointment."""
    return await state_of(connection, UNIT, cmd.unit)


async def successor(connection: asyncpg.Connection, project: Project, cmd: HandOverProject, _: Case) -> Successor:
    """Whom a project is handed over to, and where its secretary has the post."""
    seat = await seat_of(connection, project.proposed.owner)
    return Successor(await state_of(connection, PERSON, cmd.secretary), seat)


async def endorsed_at(connection: asyncpg.Connection, project: Project, _: object, __: Case) -> str:
    """The unit of the first step of an extension: of a branch's project its township, else its county."""
    owner = project.proposed.owner
    township = await _endorsing_township(connection, owner)
    return township or await county_of(connection, owner) or project.county


async def deciders(
    connection: asyncpg.Connection, project: Project, cmd: EndorseExtension | RefuseExtension, case: Case
) -> Deciders:
    """Who decides an extension, and where that is done today."""
    owner, asked = project.proposed.owner, project.extensions.get(cmd.extension)
    of_a_township = asked is not None and rank_of(asked.asked.endorsed_at) is Rank.TOWNSHIP
    return Deciders(
        await state_of(connection, PERSON, case.actor),
        county=await county_of(connection, owner),
        township=await _endorsing_township(connection, owner) if of_a_township else None,
    )


async def owner(connection: asyncpg.Connection, _: Project, cmd: ProposeProject, __: Case) -> OwnerFacts:
    """The owner of a proposal, and its secretary."""
    return OwnerFacts(
        county=await county_of(connection, cmd.owner),
        secretary=await state_of(connection, PERSON, cmd.secretary),
        ended=(await state_of(connection, UNIT, cmd.owner)).ended,
    )


async def inspection(connection: asyncpg.Connection, project: Project, cmd: InspectProject, _: Case) -> InspectionFacts:
    """The campaign of an inspection, and where the project lies."""
    owner = project.proposed.owner
    township = await nearest(connection, owner, Rank.TOWNSHIP)
    return InspectionFacts(await _campaign(connection, cmd.campaign, owner), township or owner)


async def problem_campaign(
    connection: asyncpg.Connection, project: Project, cmd: FindProblem, _: Case
) -> CampaignFacts:
    """The campaign of the inspection that found a problem."""
    held = project.inspections.get(cmd.inspection)
    return await _campaign(connection, held.campaign if held else None, project.proposed.owner)


async def verifying_campaign(
    connection: asyncpg.Connection, project: Project, cmd: VerifyRectification | RefuseRectification, _: Case
) -> CampaignFacts:
    """The campaign that found a problem; it verifies no more once its county has ended."""
    problem = project.problems.get(cmd.problem)
    facts = await _campaign(connection, problem.found.campaign if problem else None, project.proposed.owner)
    opened = facts.campaign.opened
    stands = opened is not None and (await state_of(connection, UNIT, opened.county)).ended is None
    return replace(facts, here=facts.here and stands)


async def unit_inspection(
    connection: asyncpg.Connection, _: object, cmd: InspectUnit, case: Case
) -> UnitInspectionFacts:
    """The campaign of a unit's inspection, where the unit lies, and who inspects it.

    Raises:
        RuleViolation("no_such_unit").
    """
    return UnitInspectionFacts(
        await _campaign(connection, cmd.campaign, cmd.unit),
        await _place(connection, cmd.unit),
        await state_of(connection, PERSON, case.actor),
    )


async def place(
    connection: asyncpg.Connection, _: object, cmd: RecogniseBrand | HoldVisit | SelectCase, __: Case
) -> Place:
    """Where the unit lies that a command names, and the project, if it names one.

    Raises:
        RuleViolation("no_such_unit").
    """
    here = await _place(connection, cmd.unit)
    if not cmd.project:
        return here
    project = await state_of(connection, PROJECT, cmd.project)
    owner = project.proposal.owner if project.proposal else cmd.unit
    return replace(here, project=project, its_own=await lies_in(connection, owner, cmd.unit))


async def unit_place(connection: asyncpg.Connection, _: object, cmd: RecordHonour | LabelUnit, __: Case) -> Place:
    """Where the unit lies that a command names.

    Raises:
        RuleViolation("no_such_unit").
    """
    return await _place(connection, cmd.unit)


def ended(unit: Callable[[Any, Any], str]) -> Gather[Any, Any]:
    """What gives the day on which the unit ended that a command is about, None while it stands."""

    async def gathered(connection: asyncpg.Connection, state: object, cmd: object, _: Case) -> date | None:
        return (await state_of(connection, UNIT, unit(state, cmd))).ended

    return gathered


async def catalogue(connection: asyncpg.Connection, _: object, cmd: DefineMetric, __: Case) -> CatalogueFacts:
    """The metric of this name in the catalogues above the unit's own and below it, and whether the unit stands."""
    unit = await state_of(connection, UNIT, cmd.unit)
    others = await rows_where(
        connection, METRICS, "metric = $1 and measure <> $2 order by unit", cmd.metric, cmd.measure
    )
    return CatalogueFacts(
        above=await _defined(connection, unit.parent, cmd.metric) if unit.parent else None,
        ended=unit.ended,
        otherwise=tuple([row.unit for _, row in others if await lies_in(connection, row.unit, cmd.unit)]),
    )


async def measure(connection: asyncpg.Connection, _: object, cmd: RecordMetric, __: Case) -> MeasureFacts:
    """Where the unit lies that was measured, and what the metric is there."""
    return MeasureFacts(
        county=await county_of(connection, cmd.unit),
        defined=await _defined(connection, cmd.unit, cmd.metric),
        ended=(await state_of(connection, UNIT, cmd.unit)).ended,
    )


async def visit(connection: asyncpg.Connection, state: object, cmd: HoldVisit, case: Case) -> VisitFacts:
    """Where a visit was, and its leader.

    Raises:
        RuleViolation("no_such_unit").
    """
    return VisitFacts(
        place=await place(connection, state, cmd, case),
        seats=[code async for code, _ in upwards(connection, cmd.unit)],
        leader=await state_of(connection, PERSON, cmd.leader),
    )


async def helper(connection: asyncpg.Connection, _: object, cmd: TakeOnDifficulty, __: Case) -> Helper:
    """The person and the unit that are to see to a difficulty."""
    return Helper(
        person=await state_of(connection, PERSON, cmd.person) if cmd.person else None,
        unit=await state_of(connection, UNIT, cmd.unit) if cmd.unit else None,
    )


async def calendars(connection: asyncpg.Connection, _: Project, __: object, case: Case) -> dict[int, CalendarPublished]:
    """The calendars of this year and the next, as far as they are published."""
    years = (case.today.year, case.today.year + 1)
    found = [(await state_of(connection, CALENDAR, str(year))).published for year in years]
    return {calendar.year: calendar for calendar in found if calendar}


async def lot(connection: asyncpg.Connection, _: object, cmd: DrawMutualChecks, __: Case) -> Lot:
    """The townships that the tree of today has in the county as far as the view knows it, and a seed."""
    standing = f"select code from {UNITS.sql_name} where parent = $1 and ended is null"  # noqa: S608
    below = await connection.fetch(standing, cmd.county)
    townships = [row["code"] for row in below if rank_of(row["code"]) is Rank.TOWNSHIP]
    return Lot(townships, token_hex(16), (await state_of(connection, UNIT, cmd.county)).ended)


async def mutual(connection: asyncpg.Connection, project: Project, cmd: FindProblemMutually, _: Case) -> MutualFacts:
    """The mutual checks of the quarter that the checking township has drawn in, and where the project lies.

    They are those of the project's county, or of one that has ended and was left to it with the project.
    """
    owner = project.proposed.owner
    counties = [code async for code, unit in upwards(connection, owner) if unit.rank is Rank.COUNTY]
    drawn = [await state_of(connection, MUTUAL, mutual_id(county, cmd.quarter)) for county in counties]
    mine = next((each for each in drawn if each.checked_by(cmd.checking)), Mutual())
    return MutualFacts(mine, await nearest(connection, owner, Rank.TOWNSHIP), await seat_of(connection, cmd.checking))


async def _campaign(connection: asyncpg.Connection, id: str | None, unit: str) -> CampaignFacts:
    """A campaign, and whether a unit lies in its county today, or in the heir of one that has ended."""
    campaign = await state_of(connection, CAMPAIGN, id) if id else Campaign()
    if campaign.opened is None:
        return CampaignFacts(campaign, here=False)
    here = await lies_in(connection, unit, await seat_of(connection, campaign.opened.county))
    return CampaignFacts(campaign, here=here)


async def _endorsing_township(connection: asyncpg.Connection, owner: str) -> str | None:
    """The township that decides the first step of a branch's extensions.

    None of what is no branch of a township, and of one that was left to the township: that would decide on its own.
    """
    of_a_branch = rank_of(await seat_of(connection, owner)) is Rank.BRANCH
    return await nearest(connection, owner, Rank.TOWNSHIP) if of_a_branch else None


async def _defined(connection: asyncpg.Connection, unit: str, metric: str) -> MetricDefined | None:
    """A metric by the unit's own catalogue, or the nearest one above it that has it."""
    async for code, _ in upwards(connection, unit):
        if defined := (await state_of(connection, METRIC, metric_id(code, metric))).defined:
            return defined
    return None


async def _place(connection: asyncpg.Connection, code: str) -> Place:
    unit = await state_of(connection, UNIT, code)
    found(unit.registered, "no_such_unit", "unit", unit=code)
    return Place(await county_of(connection, code), ended=unit.ended)
