"""Whoever holds a post never reads of what lies outside of its subtree: in no query, export or page."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from services.registry.app import service as registry_of
from services.registry.desk.frame import HOME
from services.registry.desk.waiting import Waiting
from services.registry.ledger import job
from services.registry.ledger.importing import Progress
from services.registry.rights import CONTACT_READER
from shared import problems
from shared.contracts.reference import Role
from shared.errors import RuleViolation
from shared.kept import keep_datum, keep_file, salted
from shared.settings import AuthMode, Settings
from tests.around_worlds import FILE, work
from tests.hearing import Asking, Heard, Knowing, Question, heard, knowing, routes
from tests.worlds import SEEDS, World, drawn

ATTACHMENT = "/registry/projects/{id}/attachments/{digest}"
ASKING = Asking(
    places={
        "/registry/projects/{id}": {"id": "project"},
        "/registry/projects/{id}/rounds": {"id": "project"},
        "/registry/projects/{id}/events": {"id": "project"},
        "/registry/units/{code}": {"code": "unit"},
        "/registry/visits/{id}": {"id": "visit"},
        "/registry/persons/{id}/personal": {"id": "person"},
        "/registry/ledger/jobs/{id}": {"id": "job"},
        f"{HOME}/projects/{{id}}/plan": {"id": "project"},
        f"{HOME}/report/{{id}}": {"id": "project"},
        f"{HOME}/problems/{{id}}": {"id": "project"},
        f"{HOME}/acceptance/{{id}}": {"id": "project"},
        f"{HOME}/difficulties/{{id}}": {"id": "project"},
        f"{HOME}/visits/{{id}}": {"id": "visit"},
        f"{HOME}/units/{{code}}": {"code": "unit"},
        f"{HOME}/requests/{{id}}": {"id": "request"},
        f"{HOME}/records/{{unit}}": {"unit": "unit"},
        f"{HOME}/attachments/{{id}}": {"id": "project"},
        f"{HOME}/import/{{id}}": {"id": "job"},
        f"{HOME}/import/{{id}}/errors": {"id": "job"},
    },
    narrowing=dict.fromkeys(("county", "owner", "unit", "parent"), "some unit"),
    always={"purpose": "查看", "month": "2023-01", "year": "2023", "name": "x"},
)
OF_ADMINISTRATORS = ("/registry/persons", "/registry/persons.xlsx")
RECURRING = ("mutual<", "rhythm<")
"""What everybody in a county may read, above or below it."""
AUDITED = "reading<"
RARE = (
    f"{HOME}/import/{{id}}/errors",
    f"{HOME}/visits/record",
    *(f"{HOME}/requests/{page}" for page in ("ask", "burden")),
)
"""What may be refused to everybody in a world: no job left wrong cells, nobody sits where these are recorded."""
LISTED = ("project<", "visit<", "difficulty<", "help<")
"""What the desks' lists and pages show, to each the whole of his or her subtree."""


def test_every_place_of_a_path_is_filled() -> None:
    service = registry_of(Settings(auth=AuthMode.LOCAL))
    assert {route.path for route in routes(service) if "{" in route.path} == {*ASKING.places, ATTACHMENT}


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_told_of_what_lies_outside_of_the_own_subtree(postgres: str, seed: int) -> None:
    world = drawn(seed)
    work(world)
    async with knowing(postgres, registry_of, world) as known:
        await keep(known, world)
        asked = [*ASKING.questions(known.service, world), *besides(world)]
        given = set[str]()
        for person in world.seats:
            found = await heard(known, world, person, asked)
            given |= found.given
            check(world, person, found, asked)
    assert {route.path for route in routes(known.service)} - given <= set(RARE)


def besides(world: World) -> Iterator[Question]:
    """Each project's own file, and another's by it; what the desks show of one project or one kind of work."""
    others = [*world.ids["digest"][1:], world.ids["digest"][0]]
    for project, own, other in zip(world.ids["project"], world.ids["digest"], others, strict=True):
        for digest in (own, other):
            yield Question(ATTACHMENT, ATTACHMENT.format(id=project, digest=digest), {"purpose": "查看"})
    for kind in Waiting:
        yield Question(HOME, HOME, {"kind": kind})
    for kind in (Waiting.ENDORSE, Waiting.GRANT, Waiting.VERIFY):
        yield Question(f"{HOME}/problems", f"{HOME}/problems", {"kind": kind})
    for kind in (Waiting.ACCEPT, Waiting.ANNOUNCE, Waiting.NOTICE, Waiting.CLOSE):
        yield Question(f"{HOME}/acceptance", f"{HOME}/acceptance", {"kind": kind})
    for id in world.ids["project"]:
        yield Question(f"{HOME}/review", f"{HOME}/review", {"id": id})
        yield Question(f"{HOME}/review", f"{HOME}/review", {"done": "approve-plan", "at": f"project-{id}@project=1"})


def check(world: World, person: str, found: Heard, asked: list[Question]) -> None:
    """Each name that a person was told is one that he or she may be told; of queries, also the other way round."""
    mine, around, roles = world.mine(person), world.around(person), world.roles[person]
    recurring = {name for name in around if name.startswith(RECURRING)}
    audited = {name for name in mine if name.startswith(AUDITED)}
    private = {name for name, whose in world.private.items() if may_read(world, person, name, whose)}
    may = (mine - audited) | recurring | private | (audited if Role.AUDITOR in roles else set())
    every = {each.route for each in asked} - set(OF_ADMINISTRATORS)
    pages, exports = {each for each in every if HOME in each}, {each for each in every if each.endswith(".xlsx")}
    queries = every - pages - exports
    assert found.beyond(queries, may) == {}, (person, world.seats[person])
    assert found.of(*queries) == may, (person, world.seats[person])
    assert found.beyond(pages | exports, may | world.named(person)) == {}, (person, world.seats[person])
    shown = {name for name in found.of(*pages) if name.startswith(LISTED)}
    assert shown == {name for name in mine if name.startswith(LISTED)}, (person, world.seats[person])
    assert bool(found.given & set(OF_ADMINISTRATORS)) == (Role.PLATFORM_ADMIN in roles), person


def may_read(world: World, person: str, name: str, whose: str) -> bool:
    """Whether what is kept of a person is for another, who administers or leads the unit or one above. Jobs are not."""
    if person == whose or name.startswith("job<"):
        return person == whose
    above = world.seats[person] in world.way(world.seats[whose])
    return above and bool(world.roles[person] & {*CONTACT_READER.roles, Role.PLATFORM_ADMIN})


async def keep(known: Knowing, world: World) -> None:
    """What lies beside the facts: files, what is kept of persons, and each person's job with a ledger."""
    async with known.database.driver() as connection:
        for name in world.things:
            if name.startswith("file<"):
                await keep_file(connection, "p0", FILE.format(name).encode(), "application/pdf")
        for person in world.seats:
            world.private[f"phone<{person}>"] = world.private[f"job<{person}>"] = person
            await keep_datum(connection, person, "phone", salted(f"phone<{person}>"))
    problem = problems.document(RuleViolation("nothing_in_it"), "zh")
    for person in world.seats:
        id = uuid4()
        world.ids["job"].append(str(id))
        async with known.database.driver() as connection:
            await job.begin(connection, id, person, job.Doing.CHECK, f"job<{person}>")
            await job.end(connection, id, Progress(), None, problem, b"")
