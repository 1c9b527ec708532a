"""A year played while every process is killed again and again; then all of it is counted by code of its own."""

import asyncio
import hashlib
import json
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from infra import demo
from infra.scenario.client import Client, caught_up
from infra.scenario.compare import Row, compared
from infra.scenario.divisions import units_of
from infra.scenario.model import Scenario, read
from infra.scenario.player import Player
from infra.scenario.plot import drawn
from infra.stack import lifecycle
from infra.stack.workspace import Workspace, workspace
from infra.terminal import Steps, console
from tests import servers
from tests.e2e import evidence, reference, reference_around, reference_index
from tests.e2e.conftest import SMALL
from tests.e2e.evidence import SERVICES, Store, Streams
from tests.e2e.fire import PIECES, ClientUnderFire, Fire
from tests.e2e.reference import Json, differences, short

SEED = int(os.environ.get("GUATU_SEED", "4"))
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(shutil.which("kcat") is None, reason="no kcat on this machine"),
]

OF_THE_PLATFORM = {
    "project.day-began",
    "progress.day-began",
    "reference.number-issued",
    "alert.lamp-changed",
    "alert.raised",
    "alert.updated",
    "alert.cleared",
}
"""What no reply lists: days, numbers, and what the platform says by itself."""


@dataclass
class Played:
    """What came of a year that was played under fire, and the evidence for it."""

    scenario: Scenario
    address: str
    rows: list[Row]
    fire: Fire
    journal: list[dict[str, Any]]
    store: Store
    topics: Streams
    places: dict[str, set[tuple[str, int]]]
    events: list[Json]

    @property
    def supervisor(self) -> str:
        """Somebody who sees all of it."""
        return f"{self.scenario.city}-supervisor-1"


class Silent:
    """Nobody watches."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins."""
        console.print(f"{name}: {total}")

    def advance(self, steps: int = 1) -> None:
        """Steps of it are done."""


@pytest.fixture(scope="module", params=[SEED], ids="GUATU_SEED={}".format)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the small year on a local stack of its own, while its pieces are killed and started again."""
    scenario = read(SMALL)
    home = tmp_path_factory.mktemp("kill")
    journal = home / "acknowledged.ndjson"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GUATU_KAFKA", "GUATU_DATABASE"):
            patch.delenv(name, raising=False)
        patch.setenv("GUATU_HOME", str(home))
        patch.setenv("GUATU_BOOTSTRAP_ADMIN", demo.admin_of(scenario))
        patch.setenv("GUATU_LOG_FORMAT", "json")
        place = workspace("kill")
        with Steps(console) as steps:
            stack = lifecycle.up(place, steps, port=servers.free_port(), clock="scenario")
        try:
            fire, rows = asyncio.run(play(place, scenario, stack.address, journal, request.param))
            assert stack.servers.kafka
            assert stack.servers.database
            store = asyncio.run(evidence.in_stores(stack.servers.database))
            topics, places = evidence.in_topics(stack.servers.kafka)
            acknowledged = evidence.journal(journal)
            yield Played(
                scenario, stack.address, rows, fire, acknowledged, store, topics, places, evidence.events(topics)
            )
        finally:
            with Steps(console) as steps:
                lifecycle.down(place, steps)


async def play(place: Workspace, scenario: Scenario, address: str, journal: Path, seed: int) -> tuple[Fire, list[Row]]:
    """The year under fire, then its bulletin."""
    fire = Fire(place, seed)
    plot = drawn(scenario, units_of(scenario.city))
    client = ClientUnderFire(address, journal, fire=fire)
    try:
        player = Player(scenario, plot, client, Silent())
        await player.play()
        await fire.recovered()
        bulletin = await player.issue_bulletin()
        await caught_up(client, f"{scenario.city}-supervisor-1", SERVICES)
    finally:
        await client.close()
    counted = {(figure["unit"], figure["key"]): figure["value"] for figure in bulletin["figures"]}
    return fire, compared(scenario.published, counted)


def test_every_piece_was_killed_three_times_and_no_volley_was_left_out(played: Played) -> None:
    assert played.fire.killed == dict.fromkeys(PIECES, 3)
    assert played.fire.volleys == []


def test_the_bulletin_has_the_published_figures(played: Played) -> None:
    assert len(played.rows) == 17
    assert [row for row in played.rows if not row.same] == []


def test_the_topics_hold_what_the_stores_hold(played: Played) -> None:
    assert played.store.unpublished == 0
    assert played.topics == played.store.streams
    for stream, places in played.places.items():
        assert len({partition for _, partition in places}) == 1, stream
    for service, positions in played.store.positions.items():
        assert positions == list(range(len(positions))), service


def chain(stream: str, versions: dict[int, bytes]) -> list[str]:
    """The head of a stream's hash chain after each of its events."""
    source = json.loads(versions[1])["source"]
    head = hashlib.sha256(f"guatu-stream/v1\n{source}\n{stream}".encode()).digest()
    heads: list[str] = []
    for version in range(1, len(versions) + 1):
        head = hashlib.sha256(b"\x02" + head + hashlib.sha256(versions[version]).digest()).digest()
        heads.append(head.hex())
    return heads


def test_every_stream_is_dense_and_its_chain_is_whole_and_goes_through_what_was_acknowledged(played: Played) -> None:
    chains = {stream: chain(stream, versions) for stream, versions in played.topics.items()}
    assert {stream: heads[-1] for stream, heads in chains.items()} == played.store.heads
    replies = [entry["reply"] for entry in played.journal if entry["reply"]]
    assert [r for r in replies if chains[r["stream"]][r["version"] - 1 : r["version"]] != [r["head"]]] == []
    counted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in reference.ordered(played.events, ""):
        counted[event["subject"], event["type"].split(".")[2]].append(event["topicversion"])
    assert {key: seen for key, seen in counted.items() if seen != list(range(1, len(seen) + 1))} == {}


def test_no_acknowledged_command_is_lost_and_none_was_carried_out_twice_or_unheard(played: Played) -> None:
    stored = Counter(event["id"] for event in played.events)
    assert stored.most_common(1)[0][1] == 1
    imports = reference_around.imports(played.events)
    said = [
        event["id"]
        for event in played.events
        if short(event) not in OF_THE_PLATFORM and event["correlationid"] not in imports
    ]
    acknowledged = [event["id"] for entry in played.journal if entry["reply"] for event in entry["reply"]["events"]]
    assert sorted(acknowledged) == sorted(said)
    assert len(acknowledged) > 2000
    commands = [
        str(uuid5(uuid5(NAMESPACE_URL, f"urn:guatu:person:{entry['actor']}"), entry["key"]))
        for entry in played.journal
        if entry["reply"]
    ]
    assert sorted(commands) == sorted(played.store.commands)


def test_each_day_began_once_in_each_partition_of_both_topics(played: Played) -> None:
    days = (played.scenario.last_day - played.scenario.first_day).days + 1
    every = [played.scenario.first_day + timedelta(days=n) for n in range(days)]
    for partition in range(12):
        events = reference.ordered(played.events, f"day-{partition:02}")
        for kind in ("project.day-began", "progress.day-began"):
            assert [reference.day(event["data"]["day"]) for event in events if short(event) == kind] == every
        assert {place for _, place in played.places[f"day-{partition:02}"]} == {partition}


def test_document_numbers_have_no_gaps_and_stand_on_what_they_were_given_to(played: Played) -> None:
    counters: dict[str, list[int]] = defaultdict(list)
    documents: dict[str, str] = {}
    for event in reference.ordered(played.events, "number-"):
        counters[event["subject"]].append(event["data"]["number"])
        documents[event["data"]["document"]] = event["data"]["subject"]
    assert {name: given for name, given in counters.items() if given != list(range(1, len(given) + 1))} == {}
    borne = {
        event["data"].get("registration", event["data"].get("number")): event["subject"]
        for event in played.events
        if {"number", "registration"} & event["data"].keys() and not event["subject"].startswith("number-")
    }
    assert borne == documents
    assert len(documents) > 50


def test_lamps_and_alerts_were_lit_by_the_rules_and_each_change_was_said_once(played: Played) -> None:
    found = reference.projects(played.events)
    lamps = {id: reference.lamp(project, played.scenario.last_day) for id, project in found.items()}
    changes = reference.lamp_changes(played.events)
    assert {id: had[-1] for id, had in changes.items()} == {id: lamp for id, lamp in lamps.items() if lamp}
    alarming = {id: lamp for id, lamp in lamps.items() if lamp in ("red", "yellow")}
    assert reference.open_alerts(played.events) == alarming
    assert len(alarming) > 3


def test_the_published_results_are_those_that_the_facts_and_sheets_give(played: Played) -> None:
    for quarter in ("2023-Q1", "2023-Q2"):
        published = reference_index.published(played.events, "340822", quarter)
        assert reference_index.results(played.events, "340822", quarter) == published
        assert any(result["rank"] == 1 for result in published.values())


def test_the_views_say_what_the_events_add_up_to(played: Played) -> None:
    asyncio.run(views_agree(played))


async def views_agree(played: Played) -> None:
    """Hold every answer against the fold."""
    client = Client(played.address)

    async def get(path: str, **parameters: str) -> Any:
        return await client.get(played.supervisor, path, **parameters)

    try:
        for service in SERVICES:
            for view in (await get(f"/{service}/status"))["views"]:
                assert (view["lag"], view["parked"], view["stopped"]) == (0, 0, {}), (service, view["view"])
        await registry_agrees(played, get)
        await scoring_agrees(played, get)
        await alerts_agree(played, get)
        await reporting_agrees(played, get)
    finally:
        await client.close()


async def registry_agrees(played: Played, get: Any) -> None:
    """Projects, line by line; units; persons with their posts; campaigns."""
    found = reference.projects(played.events)
    lines = {line["id"]: line for line in (await get("/registry/projects", limit="200"))["items"]}
    assert lines.keys() == found.keys()
    wrong = {id: differences(line, reference.line(found[id])) for id, line in lines.items()}
    assert {id: fields for id, fields in wrong.items() if fields} == {}
    told = (event["data"] for event in played.events if short(event) == "reference.unit-registered")
    standing = {"ended": None, "heir": None}
    units = [{name: unit[name] for name in ("code", "name", "kind", "parent")} | standing for unit in told]
    for parent in (played.scenario.city, *(county.code for county in played.scenario.counties)):
        below = sorted((unit for unit in units if unit["parent"] == parent), key=lambda unit: unit["code"])
        assert await get("/registry/units", parent=parent) == below
    names = {event["data"]["code"]: event["data"]["name"] for event in played.events if "parent" in event["data"]}
    persons: dict[str, Json] = {}
    for event in reference.ordered(played.events, "person-"):
        data = event["data"]
        if short(event) == "reference.person-registered":
            persons[event["subject"]] = {"id": event["subject"][7:], "name": data["name"], "posts": []}
        else:
            post = {"role": data["role"], "unit": data["unit"], "title": data["title"]}
            persons[event["subject"]]["posts"].append(post | {"unit_name": names[data["unit"]]})
    told = {f"person-{person['id']}": person for person in (await get("/registry/persons", limit="5000"))["items"]}
    assert told == persons
    [opened] = reference.ordered(played.events, "campaign-")
    of_it = {key: opened["data"][key] for key in ("name", "kind", "county", "year", "groups")}
    campaign = of_it | {"id": opened["subject"][9:], "opened_on": opened["effective"]}
    assert await get("/registry/campaigns") == [campaign]
    await around_agrees(played, get)


async def around_agrees(played: Played, get: Any) -> None:
    """Visits with their difficulties, cases, what was measured."""
    told = {visit["id"]: visit for visit in (await get("/registry/visits", limit="500"))["items"]}
    assert told == reference_around.visits(played.events)
    still_open = (await get("/registry/difficulties", limit="500"))["items"]
    assert {(f"{each['of']}-{each['id']}", each["difficulty"]) for each in still_open} == (
        reference_around.open_difficulties(played.events)
    )
    cases = {case["id"]: case for case in (await get("/registry/cases", limit="500"))["items"]}
    assert cases == reference_around.cases(played.events)
    measured = {
        line["unit"]: {(each["metric"], each["day"]): Fraction(each["value"]) for each in line["readings"]}
        for line in (await get("/registry/measures", limit="500"))["items"]
    }
    assert measured == reference_around.measures(played.events)
    assert min(map(len, (told, still_open, cases, measured))) > 0
    await recurring_agrees(played, get)


async def recurring_agrees(played: Played, get: Any) -> None:
    """Mutual checks with their lots, the calendar; what offices did they did for somebody."""
    checks, calendars = reference_around.mutual_checks(played.events), reference_around.calendars(played.events)
    for county in played.scenario.counties:
        told = {each["id"]: each for each in await get("/registry/mutual-checks", county=county.code)}
        assert told == {id: each for id, each in checks.items() if each["county"] == county.code}
        answers = await get("/registry/rhythms", county=county.code)
        for calendar in answers:
            for item in calendar["items"]:
                late = reference.day(item["due"]) < played.scenario.last_day
                assert item.pop("state") == ("held" if item["held_on"] else "overdue" if late else "due")
        assert answers == [each for each in calendars if each["county"] == county.code]
    assert min(len(checks), len(calendars)) > 0
    by_offices = [event for event in played.events if "-office-" in event["actor"]]
    assert [event["id"] for event in by_offices if not event.get("onbehalfof")] == []
    assert {short(event) for event in by_offices} >= {"reference.metric-recorded", "progress.mutual-check-held"}


def test_the_ledger_came_in_whole_and_once(played: Played) -> None:
    found, ledger = reference.projects(played.events), played.scenario.ledger
    assert ledger is not None
    [told] = reference_around.imports(played.events).values()
    mine = {event["subject"] for event in told["events"] if event["subject"].startswith("project-")}
    assert len(mine) == told["data"]["projects"] == told["data"]["rows"] == 12
    assert told["data"]["counties"] == [{"county": "340825", "projects": 12}]
    stages = Counter(found[subject.removeprefix("project-")].stage for subject in mine)
    assert stages == {"started": 12}
    approved = [p for p in found.values() if "project.plan-approved" in p.days]
    assert len(approved) == ledger.total


async def scoring_agrees(played: Played, get: Any) -> None:
    """The results as published, and the ranking as shown."""
    for quarter in ("2023-Q1", "2023-Q2"):
        [event] = reference.ordered(played.events, f"period-340822-{quarter}")
        answer = await get("/scoring/results", county="340822", period=quarter)
        assert answer["results"] == event["data"]["results"]
        ranking = await get("/scoring/ranking", county="340822", period=quarter)
        expected = reference_index.results(played.events, "340822", quarter)
        assert {place["unit"]: place["rank"] for place in ranking["places"]} == {
            unit: result["rank"] for unit, result in expected.items()
        }


async def alerts_agree(played: Played, get: Any) -> None:
    """Lamps with their days, open alerts, notices."""
    said = {event["data"]["project"]: event for event in reference.ordered(played.events, "lamp-")}
    lamps = (await get("/alerts/lamps", limit="500"))["items"]
    assert {line["project"]: (line["lamp"], line["since"]) for line in lamps} == {
        id: (event["data"]["lamp"], event["effective"]) for id, event in said.items()
    }
    alerts = await get("/alerts/open-alerts")
    assert {alert["subject"]: alert["lamp"] for alert in alerts} == reference.open_alerts(played.events)
    [notice] = await get("/alerts/notices")
    issued, signed, replied = reference.ordered(played.events, "notice-")
    expected = issued["data"] | {
        "id": issued["subject"][7:],
        "stage": "replied",
        "overdue": 0,
        "issued": issued["effective"],
        "signed": signed["effective"],
        "replied": replied["effective"],
        "reply": replied["data"]["text"],
    }
    assert differences(notice, expected) == {}


async def reporting_agrees(played: Played, get: Any) -> None:
    """Totals of the city, of each county and of each of their townships; the figures of each county."""
    found = reference.projects(played.events)
    last, year = played.scenario.last_day, played.scenario.plan_year
    city = await get("/reporting/totals", unit=played.scenario.city)
    answers = [city["totals"]]
    for county in played.scenario.counties:
        answer = await get("/reporting/totals", unit=county.code)
        answers += [answer["totals"], *answer["below"]]
        told = (await get("/reporting/figures", unit=county.code))["figures"]
        approved = [p for p in reference.registered(found, "", year) if p.proposal["county"] == county.code]
        expected = reference.figures(played.events, county.code, year) | reference_around.figures(
            played.events, approved, found.values(), county.code, year
        )
        assert {key: figure["value"] for key, figure in told.items()} == expected
    for answer in answers:
        below = answer["unit"].removesuffix("00") if answer["kind"] == "city" else answer["unit"]
        of_unit = {key: answer[key] for key in ("unit", "name", "kind")}
        assert differences(answer, reference.totals(found, below, year, last) | of_unit) == {}, answer["unit"]
    assert len(answers) > 40


def test_what_was_said_is_dated_in_the_year_that_was_played(played: Played) -> None:
    first, last = played.scenario.first_day, played.scenario.last_day
    late = [e for e in played.events if not first <= date.fromisoformat(e["effective"]) <= last]
    assert Counter(short(event) for event in late) == {}
