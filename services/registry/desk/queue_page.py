"""What the desks of problems and of acceptance share: a page of queues, and the frame of a page about one project."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import HTMLResponse

from services.registry.desk.access import Caller, Seen
from services.registry.desk.frame import frame, rendered, unit_names
from services.registry.desk.queue import counts, queue
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import stage_word
from services.registry.desk.work import DEADLINES, KINDS_OF_WORK, PAGE, known
from services.registry.keyset import Paging
from shared.web.pages import Crumb, Page


@dataclass(frozen=True)
class QueueDesk:
    """A desk with queues: its title and address, what leads over it, who works there."""

    title: str
    address: str
    lead: str
    who: str


async def queue_page(
    caller: Caller, desk: QueueDesk, open: Sequence[Waiting], kind: Waiting | None, after: str, at: str
) -> HTMLResponse:
    """A page of the queue that is asked for, else of the first in which something waits, of those that are `open`."""
    await known(caller, at)
    async with caller.kit.database.core() as connection:
        numbers = await counts(connection, caller.seats, caller.today)
        busy = next((each for each in open if numbers.get(each)), open[0])
        kind = kind if kind is not None and kind in open else busy
        found = await queue(connection, kind, caller.seats, caller.today, Paging(PAGE, after))
    return rendered(
        caller,
        "desk_queue.html",
        page=await frame(caller, desk.title, (Crumb(desk.title),), lead=desk.lead),
        desk=desk.address,
        tabs=[(each, KINDS_OF_WORK[each].title, numbers.get(each)) for each in open],
        kind=kind,
        what=KINDS_OF_WORK[kind],
        found=found,
        deadline=kind in DEADLINES,
        names=await unit_names(caller, {item.line.owner for item in found.items}),
        who=desk.who,
    )


async def project_frame(caller: Caller, project: Seen, desk: QueueDesk) -> Page:
    """The frame of a project's page at such a desk."""
    proposal = project.state.proposed
    owner = (await unit_names(caller, [proposal.owner])).get(proposal.owner, proposal.owner)
    return await frame(
        caller,
        proposal.title,
        (Crumb(desk.title, desk.address), Crumb("本项目")),
        unit=proposal.owner,
        lead=f"{desk.title}　{owner}　{stage_word(project.state.stage)}",
    )
