"""What is kept of persons apart from the facts: told, read and erased; who reads it is written down.

These are no commands like others: a command's digest is kept for ever, and out of it a phone number could be guessed.
"""

from datetime import date
from typing import Annotated
from uuid import uuid4

import asyncpg
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from services.registry.kept.access_log import write_down
from services.registry.reference.person import PERSON, Person
from services.registry.rights import CONTACT_READER, OWN_OR_ADMIN
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import does
from shared.contracts.event import Context, source_of
from shared.contracts.reference import AccessKind, DataRead, PersonalDataErased, PersonalDataKept, PersonalField
from shared.contracts.values import PersonId, ShortText, StreamId, UnitCode
from shared.errors import Forbidden, InvalidValue, NotFound, NotReady
from shared.http import parse, read_body
from shared.kept import data_of_person, erase_datum, keep_datum, salted
from shared.kit import Kit, kit
from shared.moment import Moment
from shared.rights import NATION
from shared.store import Outcome, Stream, append_in, load_many, make_item, state_of
from shared.visible import check_visible

router = APIRouter(prefix="/registry", tags=["personal data"], responses=problems.RESPONSES)


class Kept(BaseModel):
    """A value of a person that is to be kept apart from the facts."""

    model_config = ConfigDict(extra="forbid")

    value: ShortText


class Erasing(BaseModel):
    """Why a value is erased."""

    model_config = ConfigDict(extra="forbid")

    reason: ShortText


class Datum(BaseModel):
    """A kept value, with the salt (hexadecimal) that proves it to be the one of the event: SHA-256(salt + value)."""

    field: PersonalField
    value: str
    salt: str


def _takes(model: type[BaseModel]) -> dict[str, object]:
    schema = {"schema": model.model_json_schema()}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


@router.post("/persons/{id}/personal/{field}", status_code=204, openapi_extra={**_takes(Kept), **does(OWN_OR_ADMIN)})
async def keep(
    id: PersonId, field: PersonalField, request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> None:
    """Keep a value: one's own, or by the person's administrator. The same again changes nothing."""
    told = parse(Kept, await read_body(request, kit.settings.body_limit))
    check_visible(told)
    moment = await _own_or_administrator(kit, who, id)
    async with kit.database.keyed() as connection:
        stream = await _locked(connection, id)
        held = (await data_of_person(connection, id)).get(field)
        if held is not None and held.value == told.value:
            return
        datum = salted(told.value)
        await keep_datum(connection, id, field, datum)
        await _append(kit, connection, stream, who, moment, PersonalDataKept(field=field, digest=datum.digest))
    kit.appender.appended()


@router.post(
    "/persons/{id}/personal/{field}/erase", status_code=204, openapi_extra={**_takes(Erasing), **does(OWN_OR_ADMIN)}
)
async def erase(
    id: PersonId, field: PersonalField, request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> None:
    """Erase a value: one's own, or by the person's administrator."""
    told = parse(Erasing, await read_body(request, kit.settings.body_limit))
    check_visible(told)
    moment = await _own_or_administrator(kit, who, id)
    async with kit.database.keyed() as connection:
        stream = await _locked(connection, id)
        if field not in PERSON.of(stream.events).kept:
            raise NotFound("nothing_kept", "field")
        await erase_datum(connection, id, field)
        await _append(kit, connection, stream, who, moment, PersonalDataErased(field=field, reason=told.reason))
    kit.appender.appended()


@router.get("/persons/{id}/personal", openapi_extra=does(CONTACT_READER))
async def read(
    id: PersonId,
    purpose: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[Datum]:
    """What is kept of a person: for that person, and for who administers the person or leads or checks the unit."""
    if not purpose.strip():
        raise InvalidValue("purpose_missing", "purpose")
    async with kit.database.driver() as connection:
        person = await state_of(connection, PERSON, id)
    if not person.name:
        raise NotFound("no_such_person", None, {"id": id})
    unit = await _seen_at(kit, who, id, person)
    reading = DataRead(kind=AccessKind.PERSONAL_DATA, what=id, unit=unit, purpose=purpose)
    await write_down(kit, who.person, reading)
    async with kit.database.driver() as connection:
        data = await data_of_person(connection, id)
    return [Datum(field=PersonalField(f), value=d.value, salt=d.salt.hex()) for f, d in data.items()]


async def _seen_at(kit: Kit, who: Principal, id: PersonId, person: Person) -> UnitCode:
    """The unit by which the caller may read what is kept of a person; the nation of one who never had a post."""
    today = (await kit.moments.of(None)).today
    units = [post.unit for post in person.posts if post.held_on(today)]
    for unit in units:
        if who.person == id or await kit.authority.may(who.person, CONTACT_READER.roles, unit, today) is not None:
            return unit
    return await _administered(kit, who, id, person, today)


async def _administered(kit: Kit, who: Principal, id: PersonId, person: Person, today: date) -> UnitCode:
    """The unit by which the caller is an administrator of a person, or one of the caller's own.

    Raises:
        Forbidden("not_allowed").
    """
    units = person.seats or (NATION,)
    for unit in units:
        if who.person == id or await kit.authority.may(who.person, OWN_OR_ADMIN.roles, unit, today) is not None:
            return unit
    raise Forbidden("not_allowed", None, {"unit": units[0]})


async def _own_or_administrator(kit: Kit, who: Principal, id: PersonId) -> Moment:
    moment = await kit.moments.of(None)
    async with kit.database.driver() as connection:
        person = await state_of(connection, PERSON, id)
    await _administered(kit, who, id, person, moment.today)
    return moment


async def _locked(connection: asyncpg.Connection, id: PersonId) -> Stream:
    name = StreamId(f"{PERSON.category}-{id}")
    stream = (await load_many(connection, [name], lock=True))[name]
    if stream.version == 0:
        raise NotFound("no_such_person", None, {"id": id})
    return stream


async def _append(
    kit: Kit,
    connection: asyncpg.Connection,
    stream: Stream,
    who: Principal,
    moment: Moment,
    data: PersonalDataKept | PersonalDataErased,
) -> None:
    context = Context(
        command_id=uuid4(),
        source=source_of(kit.service.name),
        time=moment.now,
        actor=who.person,
        org=NATION,
        effective=moment.today,
    )
    [verdict] = await append_in(connection, [make_item(stream, [data], context)])
    if verdict.outcome is not Outcome.OK:
        raise NotReady("too_many_conflicts")
