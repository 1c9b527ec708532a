"""People and units (`/registry/desk/units/{code}`): a unit with its history, those below it, its posts; for admins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.registry.commands.reference import Appoint, EndAppointment, RegisterPerson
from services.registry.desk import unit_new
from services.registry.desk.access import Caller, caller
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.unit_changes import COMMANDS as CHANGES
from services.registry.desk.unit_changes import tree_of
from services.registry.desk.work import At, Done, Words, known
from services.registry.reference import directory
from services.registry.reference.person import PLACES
from services.registry.reference.words import ROLES, post_word
from services.registry.rights import ADMIN_ANYWHERE, ADMIN_OF_UNIT
from services.registry.sight import narrowed
from shared.authority_table import Reads, does, reads
from shared.authority_views import PERSON, UNIT, Appointment
from shared.command import Command
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.reference import Role
from shared.contracts.values import PersonId, UnitCode
from shared.errors import BadRequest, Forbidden, NotFound
from shared.rights import NATION
from shared.web.forms import Form, Forms, Posted, compact
from shared.web.pages import Crumb
from shared.web.posts import Refused, answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/units", include_in_schema=False)

ADMIN = frozenset({Role.PLATFORM_ADMIN})
MOST_FOUND = 10
"""Persons that a search shows."""
COMMANDS: Mapping[str, type[Command]] = {
    **{each.verb(): each for each in (RegisterPerson, Appoint, EndAppointment)},
    **CHANGES,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A post at the unit, and who holds or held it."""

    person: str
    name: str
    post: Appointment

    @property
    def form(self) -> str:
        """The name of the form that ends it."""
        return f"end-{self.person}-{self.post.role}"


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody is looked for by, and the id of who is chosen of those found."""

    words: str = ""
    chosen: str = ""


@router.get("", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own posts"))
async def start(at: At = "", caller: Caller = Depends(caller)) -> Response:
    """To the unit at which the administrator's right begins; while there is none, the form of the first."""
    await known(caller, at, (UNIT,))
    tops = await caller.kit.authority.visible_units(caller.person, caller.today, ADMIN)
    if tops:
        return RedirectResponse(f"{HOME}/units/{min(tops)}", 303)
    return await _first(caller, Forms())


@router.post("", openapi_extra=does(ADMIN_OF_UNIT))
async def begun(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Register the unit with which the tree begins."""
    posted = await posted_form(request, caller.kit)
    outcome = await unit_new.registered(caller, posted.form, None)

    async def again(form: Form) -> Response:
        return await _first(caller, Forms(form))

    return await answered(outcome, f"{HOME}/units/{posted.form.value('code').strip()}", again, unit_new.VERB)


async def _first(caller: Caller, forms: Forms) -> HTMLResponse:
    if not await caller.may_at(ADMIN_ANYWHERE, NATION):
        raise Forbidden("not_your_desk")
    return rendered(
        caller,
        "desk_unit_first.html",
        page=await frame(caller, "人员与单位", (Crumb("人员与单位"),), lead="单位树还是空的，从省一级登记起"),
        forms=forms,
    )


@router.get("/{code}", openapi_extra=reads(Reads.SIGHT, "the unit", "a `platform_admin` there or above it"))
async def unit(
    code: UnitCode,
    at: At = "",
    done: Done = "",
    q: Words = "",
    person: PersonId | Literal[""] = "",
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """A unit with those right below it and its posts; who is to be appointed is looked for by name or id."""
    await known(caller, at, (PERSON, UNIT))
    return await _unit(caller, code, Forms(), said(done), Sought(q.strip(), person))


@router.post("/{code}", openapi_extra=reads(Reads.SIGHT, "the unit", "a `platform_admin` there or above it"))
async def told(request: Request, code: UnitCode, caller: Caller = Depends(caller)) -> Response:
    """Register a person, appoint one to a role at the unit, end an appointment, or change the unit itself."""
    posted = await posted_form(request, caller.kit)
    if posted.verb not in (*COMMANDS, unit_new.VERB):
        raise BadRequest("malformed_form")
    if posted.verb == unit_new.VERB:
        return await _grown(caller, code, posted)
    if posted.verb in CHANGES:
        return await _changed(caller, code, posted)
    fields = dict(posted.form.fields)
    person = fields.pop("person", "").strip()
    if posted.verb != RegisterPerson.verb():
        fields["unit"] = code
    form = replace(posted.form, fields=fields)
    try:
        outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], form, id=person or "-")
    except NotFound:
        outcome = Refused(replace(posted.form, errors={"person": _NOBODY}, refusal=_NOBODY), 422)

    async def again(form: Form) -> Response:
        errors = {"person" if path == "id" else path: text for path, text in form.errors.items()}
        return await _unit(caller, code, Forms(replace(form, fields=posted.form.fields, errors=errors)))

    return await answered(outcome, f"{HOME}/units/{code}", again, posted.verb)


_NOBODY = "没有这个编号的人员，请先登记。"
_NO_UNIT = "没有这个编码的单位，请先登记。"


async def _grown(caller: Caller, code: str, posted: Posted) -> Response:
    """A unit below this one."""
    await caller.kit.authority.require_sight(caller.person, code, caller.today)
    outcome = await unit_new.registered(caller, posted.form, code)

    async def again(form: Form) -> Response:
        return await _unit(caller, code, Forms(form))

    return await answered(outcome, f"{HOME}/units/{code}", again, unit_new.VERB)


async def _changed(caller: Caller, code: str, posted: Posted) -> Response:
    """A change of the unit from a day on; blank rows of what it is split into are left out."""
    form = replace(posted.form, fields=compact(posted.form.fields))
    await caller.kit.authority.require_sight(caller.person, code, caller.today)
    try:
        outcome = await give(caller.kit, caller.person, CHANGES[posted.verb], form, id=code)
    except NotFound:
        outcome = Refused(replace(form, refusal=_NO_UNIT), 422)

    async def again(form: Form) -> Response:
        return await _unit(caller, code, Forms(form))

    return await answered(outcome, f"{HOME}/units/{code}", again, posted.verb)


async def _unit(caller: Caller, code: str, forms: Forms, done: str = "", sought: Sought = Sought()) -> HTMLResponse:
    if await caller.kit.authority.may(caller.person, ADMIN, code, caller.today) is None:
        await caller.kit.authority.require_sight(caller.person, code, caller.today)
        raise Forbidden("not_your_desk")
    tree = await tree_of(caller, code)
    async with caller.kit.database.core() as connection:
        [here] = await directory.units(connection, [code])
        below = await directory.units_below(connection, code, [code])
        found = await _found(connection, caller, sought.words) if sought.words else []
    held = await _held(caller, code)
    roles = [(role.value, ROLES[role]) for role in Role if rank_of(code) in PLACES[role]]
    return rendered(
        caller,
        "desk_unit.html",
        page=await frame(caller, here.name, (Crumb("人员与单位"),), unit=code, lead=f"人员与单位　编码 {code}"),
        here=here,
        below=below,
        heirs=await unit_names(caller, {each.heir for each in below if each.heir}),
        tree=tree,
        grows=tree.ending is None and rank_of(code) is not Rank.BRANCH,
        held=[each for each in held if each.post.holds_on(caller.today)],
        past=[each for each in held if not each.post.holds_on(caller.today)],
        roles=roles,
        words=ROLES,
        sought=sought,
        found=[
            (each, "、".join(post_word(p.role, p.unit_name or p.unit, p.title) for p in each.posts)) for each in found
        ],
        most=MOST_FOUND,
        forms=forms,
        done=done,
    )


async def _found(connection: AsyncConnection, caller: Caller, words: str) -> list[directory.PersonLine]:
    """Whom the administrator may appoint whom these words find: by id, name or a post of today."""
    roots = await caller.kit.authority.visible_units(caller.person, caller.today, ADMIN)
    within = await narrowed(caller.kit, roots)
    return await directory.persons(connection, caller.today, q=words, after="", limit=MOST_FOUND + 1, within=within)


async def _held(caller: Caller, code: str) -> list[Held]:
    """Every post there was at the unit, by role and person."""
    table = PERSON.table
    at_unit = cast(literal([{"unit": code}], JSONB), JSONB)
    query = select(table.c.key, *PERSON.core_columns).where(table.c.appointments.contains(at_unit))
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query.order_by(table.c.key))).all()
    found: list[Held] = []
    for row in rows:
        person = PERSON.decode(row[1:])
        posts = (post for post in person.appointments if post.unit == code)
        found += [Held(row.key.removeprefix("person-"), person.name, post) for post in posts]
    order = list(Role)
    return sorted(found, key=lambda each: (order.index(each.post.role), each.person, each.post.since))
