"""The access log (`/registry/desk/access-log`): who read what is sensitive, and what for; for auditors."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from services.registry.desk.access import Caller, caller
from services.registry.desk.frame import HOME, frame, person_names, persons, rendered, unit_names
from services.registry.desk.month import months_back
from services.registry.desk.work import PAGE
from services.registry.kept.access_log import AccessLine, numbers_of_readers, readings
from services.registry.keyset import After, Paging
from services.registry.reference.words import post_word
from shared.authority_table import Reads, reads
from shared.clock import day_of
from shared.contracts.months import month_of
from shared.contracts.reference import AccessKind, Role
from shared.contracts.values import Month, PersonId
from shared.web.pages import Crumb

router = APIRouter(prefix=f"{HOME}/access-log", include_in_schema=False)

MONTHS = 24
KINDS: Mapping[AccessKind, str] = {
    AccessKind.PERSONAL_DATA: "个人信息",
    AccessKind.FILE: "涉及个人信息的附件",
    AccessKind.EXPORT: "导出的清单",
}


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the units of what was read", "a post as `auditor`, and no other"))
async def log(
    month: Month | Literal[""] = "",
    reader: PersonId | Literal[""] = "",
    after: After = "",
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """What was read in a month, perhaps by one person, the last first."""
    tops = await caller.kit.authority.visible_units(caller.person, caller.today, frozenset({Role.AUDITOR}))
    caller.require(tops)
    month = month or month_of(caller.today)
    async with caller.kit.database.core() as connection:
        by_reader = await numbers_of_readers(connection, month, tops)
        found = await readings(connection, month, tops, reader=reader or None, page=Paging(PAGE, after))
    ids = {*by_reader, *({reader} if reader else ())}
    posts = await _posts(
        caller, {(each.reader, day_of(each.at)) for each in found.rows} | {(id, caller.today) for id in ids}
    )
    counted = [numbers for who, numbers in by_reader.items() if reader in ("", who)]
    return rendered(
        caller,
        "desk_access_log.html",
        page=await frame(
            caller, "查阅记录", (Crumb("查阅记录"),), lead="谁查阅了个人信息、导出了清单，作什么用；先记录，后给出"
        ),
        found=[(each, posts[each.reader, day_of(each.at)]) for each in found.rows],
        numbers={word: sum(each.get(kind, 0) for each in counted) for kind, word in KINDS.items()},
        kinds=KINDS,
        persons=await person_names(caller, {*ids, *_read(found.rows)}),
        posts_today={id: posts[id, caller.today] for id in ids},
        names=await unit_names(caller, {each.unit for each in found.rows}),
        readers=sorted(ids),
        month=month,
        months=list(dict.fromkeys((*months_back(caller.today, MONTHS), month))),
        reader=reader,
        next=found.next,
    )


async def _posts(caller: Caller, held: Collection[tuple[str, date]]) -> Mapping[tuple[str, date], str]:
    """The posts that persons held on days, in words; empty for one who held none."""
    rows = await persons(caller, {id for id, _ in held})
    there = {
        (id, day): [post for post in rows[id].appointments if post.holds_on(day)] for id, day in held if id in rows
    }
    names = await unit_names(caller, {post.unit for posts in there.values() for post in posts})
    return {
        key: "、".join(post_word(post.role, names.get(post.unit, post.unit), post.title) for post in there.get(key, ()))
        for key in held
    }


def _read(lines: list[AccessLine]) -> set[str]:
    """The persons whose data were read."""
    return {each.what for each in lines if each.kind is AccessKind.PERSONAL_DATA}
