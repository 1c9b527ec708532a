"""What the events around projects add up to, by a few lines of their own; see reference.py."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.e2e.reference import Json, Project, day, ordered, short


def visits(events: Iterable[Json]) -> dict[str, Json]:
    """Every visit by its id, as the registry lists it."""
    found: dict[str, Json] = {}
    for event in ordered(events, "visit-"):
        id, data, on = event["subject"].removeprefix("visit-"), event["data"], event["effective"]
        match short(event):
            case "progress.visit-held":
                told = {name: data[name] for name in ("leader", "stage", "unit", "county", "project", "note")}
                empty: Json = {"suggestions": {}, "difficulties": {}, "open_difficulties": 0}
                found[id] = {"id": id, "held_on": data["on"], **told, **empty}
            case "progress.suggestion-collected":
                found[id]["suggestions"][data["suggestion"]] = {"text": data["text"], "on": on}
            case _:
                _difficulty(found[id]["difficulties"], short(event), data, on)
    for visit in found.values():
        visit["open_difficulties"] = sum(d["solved_on"] is None for d in visit["difficulties"].values())
    return found


def _difficulty(known: dict[str, Json], kind: str, data: Json, on: str) -> None:
    slug = data["difficulty"]
    match kind:
        case "progress.difficulty-raised":
            nobody: Json = {"taken_by": "", "person": None, "unit": None, "until": None}
            known[slug] = {"text": data["text"], "raised_on": on, **nobody, "solved_on": None, "how": ""}
        case "progress.difficulty-taken-on":
            known[slug] |= {"taken_by": data["by"], **{name: data[name] for name in ("person", "unit", "until")}}
        case _:
            known[slug] |= {"solved_on": on, "how": data["how"]}


def open_difficulties(events: Iterable[Json]) -> set[tuple[str, str]]:
    """The difficulties of visits and projects that are not solved: the stream and the slug."""
    found: set[tuple[str, str]] = set()
    for event in ordered(events, ""):
        if short(event) == "progress.difficulty-raised":
            found.add((event["subject"], event["data"]["difficulty"]))
        if short(event) == "progress.difficulty-solved":
            found.remove((event["subject"], event["data"]["difficulty"]))
    return found


def cases(events: Iterable[Json]) -> dict[str, Json]:
    """Every case by its id, as the registry lists it."""
    found: dict[str, Json] = {}
    for event in ordered(events, "case-"):
        id, data, on = event["subject"].removeprefix("case-"), event["data"], event["effective"]
        if short(event) == "project.case-selected":
            found[id] = {"id": id, **data, "selected_on": on, "publications": {}}
        else:
            published = {"title": data["title"], "text": data["text"], "on": on}
            found[id]["publications"][data["column"]] = published
    return found


def measures(events: Iterable[Json]) -> dict[str, dict[tuple[str, str], Fraction]]:
    """What stands of each unit: its values by metric and day."""
    found: dict[str, dict[tuple[str, str], Fraction]] = {}
    for event in ordered(events, "metrics-"):
        data = event["data"]
        values = found.setdefault(event["subject"].removeprefix("metrics-"), {})
        values[data["metric"], data["day"]] = Fraction(data["value"])
    return found


def figures(
    events: Iterable[Json], registered: Iterable[Project], found: Iterable[Project], county: str, year: int
) -> dict[str, str]:
    """The figures of a county about reviews and about what happens around projects."""
    every = list(events)
    mine = [p for p in found if (p.proposal["county"], p.proposal["year"]) == (county, year)]
    ours = {f"project-{project.id}" for project in mine}
    reviewed = [event for event in ordered(every, "project-") if event["subject"] in ours]
    refused = {e["subject"] for e in reviewed if short(e) in ("project.plan-returned", "project.plan-rejected")}
    asked = [e for e in reviewed if short(e) == "project.opinion-given" and e["data"]["kind"] == "change"]
    here = [visit for visit in visits(every).values() if visit["county"] == county]
    difficulties = [each for visit in here for each in visit["difficulties"].values()]
    incomes = _incomes(every, county)
    return {
        "plans_not_approved": str(len(refused)),
        "revision_opinions": str(len(asked)),
        "village_income_avg": _mean(incomes),
        "villages_over_50": str(sum(value > 50 for value in incomes)),
        "suggestions": str(sum(_in(each["on"], year) for visit in here for each in visit["suggestions"].values())),
        "difficulties_solved": str(sum(_in(each["solved_on"], year) for each in difficulties)),
        "honours": str(
            sum(e["data"]["county"] == county and _in(e["data"]["day"], year) for e in ordered(every, "honour-"))
        ),
        "governance_projects": str(sum(project.proposal["category"] == "基层治理" for project in registered)),
        "cases_published": str(
            sum(
                case["county"] == county and _in(case["publications"].get("results", {}).get("on"), year)
                for case in cases(every).values()
            )
        ),
    }


def _incomes(events: Iterable[Json], county: str) -> list[Fraction]:
    """The last income of every village of a county; numbers below 200 are communities."""
    found: list[Fraction] = []
    for unit, values in measures(events).items():
        told = {on: value for (metric, on), value in values.items() if metric == "village_income"}
        if unit.startswith(county) and len(unit) == 12 and unit[9:] >= "200" and told:
            found.append(told[max(told)])
    return found


def _mean(values: list[Fraction]) -> str:
    if not values:
        return "待报"
    tenths = (sum(values, Fraction(0)) / len(values) * 20 + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


def _in(on: Any, year: int) -> bool:
    return on is not None and date(year, 1, 1) <= day(on) <= date(year, 12, 31)


def imports(events: Iterable[Json]) -> dict[str, Json]:
    """Every ledger that came in, by the id that all of its events are correlated with: what it says, and these."""
    every = list(events)
    said = {e["subject"].removeprefix("import-"): e["data"] for e in ordered(every, "import-")}
    return {id: {"data": data, "events": [e for e in every if e["correlationid"] == id]} for id, data in said.items()}


def mutual_checks(events: Iterable[Json]) -> dict[str, Json]:
    """The mutual checks of each county and quarter, as the registry lists them; nobody checks oneself."""
    found: dict[str, Json] = {}
    for event in ordered(events, "mutual-"):
        id, data, on = event["subject"].removeprefix("mutual-"), event["data"], event["effective"]
        if short(event) == "progress.mutual-checks-drawn":
            pairs = [pair | {"held_on": None, "note": ""} for pair in data["pairs"]]
            assert {pair["checking"] for pair in pairs} == {pair["checked"] for pair in pairs}
            assert [pair for pair in pairs if pair["checking"] == pair["checked"]] == []
            told = {name: data[name] for name in ("county", "quarter", "seed")}
            found[id] = {"id": id, **told, "drawn_on": on, "pairs": pairs}
        else:
            [mine] = [pair for pair in found[id]["pairs"] if pair["checking"] == data["checking"]]
            assert mine["checked"] == data["checked"]
            mine |= {"held_on": data["on"], "note": data["note"]}
    return found


def calendars(events: Iterable[Json]) -> list[Json]:
    """The calendar of each county and year, in the order of what is due, without where it stands."""
    found: dict[str, Json] = {}
    for event in ordered(events, "rhythm-"):
        data, calendar = event["data"], found.get(event["subject"])
        if short(event) == "progress.rhythm-set":
            held = {item["id"]: item for item in calendar["items"]} if calendar else {}
            nothing: Json = {"held_on": None, "note": "", "link": ""}
            items = [
                item | {name: held.get(item["id"], nothing)[name] for name in nothing}
                for item in sorted(data["items"], key=lambda item: (item["due"], item["id"]))
            ]
            found[event["subject"]] = {"county": data["county"], "year": data["year"], "items": items}
        else:
            [mine] = [item for item in found[event["subject"]]["items"] if item["id"] == data["item"]]
            mine |= {"held_on": data["on"], "note": data["note"], "link": data["link"]}
    return list(found.values())
