"""The review desk (`/registry/desk/review`): the queue, the plan beside its last round, four criteria, the decision."""

from asyncio import to_thread
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.registry.commands.reviewing import GiveOpinion
from services.registry.desk.access import Caller, Seats, Seen, caller, seen
from services.registry.desk.frame import HOME, frame, person_names, rendered, said, unit_names
from services.registry.desk.parts import PartOfPlan, parts_of
from services.registry.desk.plan import Asked, asked_of
from services.registry.desk.queue import queue
from services.registry.desk.verdicts import DECISIONS, VERDICTS, decision, judged
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import CRITERIA, KINDS, STAGES
from services.registry.desk.work import At as Position
from services.registry.desk.work import Done, known
from services.registry.keyset import After, Paging, place
from services.registry.project.rounds import SpanKind
from services.registry.project.state import Stage
from services.registry.views import PROJECTS
from shared.at_least import At
from shared.authority import subtree
from shared.authority_table import Reads, reads
from shared.contracts.project import Criterion, PlanSubmitted
from shared.contracts.values import ProjectId
from shared.errors import BadRequest, Forbidden, InvalidValue, NotFound
from shared.web.forms import Form, Forms
from shared.web.pages import Crumb
from shared.web.posts import Given, Refused, give, posted_form, see_other

router = APIRouter(prefix=HOME, include_in_schema=False)

PAGE = 60
"""Plans of the queue that are shown at once."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the review of a year's plans stands: plans that came in, and what became of them."""

    submitted: int
    approved: int
    waiting: int
    returned: int
    rejected: int

    @property
    def share(self) -> Decimal | None:
        """Percent of the plans that are decided on; None without any."""
        decided = self.submitted - self.waiting
        return Decimal(100 * decided) / self.submitted if self.submitted else None


@dataclass(frozen=True, slots=True)
class Shown:
    """The plan in the middle of the desk, and what was said of each criterion in earlier rounds."""

    seen: Seen
    plan: PlanSubmitted
    before: PlanSubmitted | None
    days: tuple[date | None, date | None]
    parts: Sequence[PartOfPlan]
    asked: dict[Criterion, list[Asked]]

    @property
    def changes(self) -> int:
        """How many parts are not as they were."""
        return sum(part.changed for part in self.parts)


@router.get("/review", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def review(
    id: ProjectId | None = None,
    after: After = "",
    at: Position = "",
    done: Done = "",
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """The queue, and of it the plan that is asked for or the first."""
    await known(caller, at)
    return await _desk(caller, id, after, Forms(), said(done, title=await _title_at(caller, at)))


@router.post(
    "/review/{id}",
    openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is"),
)
async def decide(request: Request, id: ProjectId, after: After = "", caller: Caller = Depends(caller)) -> Response:
    """Give the opinions of the form, decide if asked to, and go on with the next plan of the queue.

    Each opinion is a fact of its own, the decision is made on the plan with exactly these.
    """
    posted = await posted_form(request, caller.kit)
    if posted.verb not in (*DECISIONS, GiveOpinion.verb()):
        raise BadRequest("malformed_form")
    project = await seen(caller, id)
    read = judged(posted.form, id, posted.verb)
    if read.errors:
        refusal = f"有 {len(read.errors)} 处需要补正，已在旁边注明。"
        return await _again(caller, id, after, Refused(replace(posted.form, errors=read.errors, refusal=refusal), 422))
    outcome = Given(posted.form.version or project.version)
    for opinion in read.opinions:
        form = replace(opinion, version=outcome.version)
        given = await give(caller.kit, caller.person, GiveOpinion, form, id=id)
        if isinstance(given, Refused):
            return await _again(caller, id, after, replace(given, form=_kept(posted.form, given.form)))
        outcome = given
    if posted.verb in DECISIONS:
        form = replace(decision(posted.form, posted.verb), version=outcome.version)
        decided = await give(caller.kit, caller.person, DECISIONS[posted.verb], form, id=id)
        if isinstance(decided, Refused):
            said_already = bool(read.opinions)
            return await _again(
                caller, id, after, replace(decided, form=_kept(posted.form, decided.form, said_already))
            )
        outcome = decided
        following = await _following(caller, id)
        return see_other(f"{HOME}/review{f'?id={following}' if following else ''}", outcome.at, posted.verb)
    return see_other(f"{HOME}/review?id={id}", outcome.at, posted.verb)


def days_left(submitted: date, today: date, review_days: int) -> int:
    """Days until a plan should have been reviewed; below zero when that is past."""
    return (submitted + timedelta(days=review_days) - today).days


def _kept(posted: Form, refused: Form, said_already: bool = False) -> Form:
    """The whole form again with what was refused of it; opinions that were given by then are not given twice.

    Its key stays, unless a part was refused since it was used for something else.
    """
    whole = Form(posted.name, posted.fields, refused.key, refused.version, refused.errors, refused.refusal)
    if not said_already:
        return replace(whole, key=posted.key) if refused.key.startswith(posted.key) else whole
    left = {name: text for name, text in posted.fields.items() if name == "reason"}
    return Form(posted.name, left, version=None, refusal=f"{refused.refusal}各项意见已经记下。")


async def _again(caller: Caller, id: str, after: str, refused: Refused) -> HTMLResponse:
    page = await _desk(caller, id, after, Forms(refused.form), "")
    page.status_code = refused.status
    return page


async def _following(caller: Caller, id: str) -> str | None:
    """The plan that waits next after this one; the first of the queue if it is the last."""
    async with caller.kit.database.core() as connection:
        here = await connection.scalar(
            select(PROJECTS.table.c.submitted_on).where(PROJECTS.table.c.key == f"project-{id}")
        )
        for start in (place((here, f"project-{id}")) if here else "", ""):
            found = await queue(connection, Waiting.REVIEW, caller.seats, caller.today, Paging(2, start))
            rest = [item.line.id for item in found.items if item.line.id != id]
            if rest:
                return rest[0]
    return None


async def _title_at(caller: Caller, at: str) -> str:
    """The title of the project that a form has just written to, as its position tells; empty if it is out of sight."""
    with suppress(InvalidValue, NotFound):
        return (await seen(caller, At.parse(at).stream.partition("-")[2])).state.proposed.title
    return ""


async def _desk(caller: Caller, id: str | None, after: str, forms: Forms, done: str) -> HTMLResponse:
    caller.require(caller.seats.reviewer)
    within = caller.kit.settings.review_days
    async with caller.kit.database.core() as connection:
        waiting = await queue(connection, Waiting.REVIEW, caller.seats, caller.today, Paging(PAGE, after))
        year = max((item.line.year for item in waiting.items), default=caller.today.year)
        figures = await _figures(connection, caller.seats, year)
    first = next((item.line.id for item in waiting.items), None)
    shown = await _shown(caller, id or first)
    if shown is not None and not shown.seen.may["review"]:
        raise Forbidden("not_your_desk")
    owners = {item.line.owner for item in waiting.items} | ({shown.seen.state.proposed.owner} if shown else set[str]())
    secretary = shown.seen.state.secretary if shown else ""
    return rendered(
        caller,
        "desk_review.html",
        page=await frame(
            caller,
            "立项评审",
            (Crumb("立项评审"),),
            lead=f"{year}年度方案　送审后 {within} 日内评完　四项标准：切口小、有难度、示范强、能落实",
        ),
        queue=waiting,
        left={item.line.id: days_left(item.since, caller.today, within) for item in waiting.items},
        figures=figures,
        shown=shown,
        forms=forms,
        form=forms.of("review", version=shown.seen.version) if shown else None,
        open=shown is not None and shown.seen.state.stage is Stage.SUBMITTED and not shown.seen.own_work,
        stages=STAGES,
        criteria=CRITERIA,
        verdicts=VERDICTS,
        kinds=KINDS,
        names=await unit_names(caller, owners),
        secretary=(await person_names(caller, [secretary])).get(secretary, secretary),
        done=done,
        SpanKind=SpanKind,
    )


async def _shown(caller: Caller, id: str | None) -> Shown | None:
    if id is None:
        return None
    project = await seen(caller, id)
    rounds = [event for event in project.events if isinstance(event.data, PlanSubmitted)]
    if not rounds:
        return None
    now, before = rounds[-1], rounds[-2] if len(rounds) > 1 else None
    names = await person_names(caller, {opinion.by for opinion in project.state.opinions.values()})
    asked: dict[Criterion, list[Asked]] = {each: [] for each in Criterion}
    for opinion_id, opinion in project.state.opinions.items():
        asked[opinion.given.criterion].append(asked_of(opinion_id, opinion, names))
    return Shown(
        project,
        now.data,
        before.data if before else None,
        (before.effective if before else None, now.effective),
        await to_thread(parts_of, now.data, before.data if before else None),
        asked,
    )


async def _figures(connection: AsyncConnection, seats: Seats, year: int) -> Figures:
    table = PROJECTS.table
    mine = subtree(seats.reviewer)
    at = [
        func.count().filter(table.c.round > 0),
        func.count().filter(table.c.approved_on.is_not(None)),
        *(func.count().filter(table.c.stage == stage) for stage in (Stage.SUBMITTED, Stage.RETURNED, Stage.REJECTED)),
    ]
    query = select(*at).where(table.c.year == year, table.c.owner.in_(select(mine.c.code)))
    return Figures(*(await connection.execute(query)).one())
