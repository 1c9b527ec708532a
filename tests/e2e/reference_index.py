"""The red index computed once more from the events alone, with nothing of the platform's own code.

Points are fractions; an indicator's and a channel's are rounded once, half up, to six decimals.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from tests.e2e.reference import Json, Project, brands, month_end, ordered, projects, registered, short

Points = Fraction | None


def results(events: Sequence[Json], county: str, quarter: str) -> dict[str, Json]:
    """Every township's points, total, grade and rank of a quarter such as 2023-Q2, by its code."""
    first = date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)
    last = month_end(first + timedelta(days=62))
    scheme = ordered(events, f"scheme-{county}")[-1]["data"]["indices"]
    found = projects(events)
    sheets: dict[tuple[str, str, str], list[Fraction]] = defaultdict(list)
    for event in events:
        data = event["data"]
        if short(event) == "assessment.score-sheet-submitted" and (data["county"], data["period"]) == (county, quarter):
            for value in data["values"]:
                sheets[data["unit"], data["channel"], value["indicator"]].append(Fraction(value["points"]))
    townships = [
        event["data"]["code"]
        for event in events
        if short(event) == "reference.unit-registered"
        and (event["data"]["parent"], event["data"]["kind"]) == (county, "township")
    ]
    scored = {unit: _unit(scheme, unit, sheets, _counts(events, found, unit, first, last)) for unit in townships}
    totals = [(s["total"], s["workload"]) for s in scored.values() if s["total"] is not None]
    for score in scored.values():
        total = score["total"]
        score["rank"] = None if total is None else 1 + sum(other > (total, score["workload"]) for other in totals)
    return scored


def _unit(
    scheme: Sequence[Json], unit: str, sheets: dict[tuple[str, str, str], list[Fraction]], counts: dict[str, int]
) -> Json:
    indicators: dict[str, Points] = {}
    indices: dict[str, Points] = {}
    for index in scheme:
        for indicator in index["indicators"]:
            indicators[indicator["id"]] = _indicator(indicator["id"], indicator["source"], unit, sheets, counts)
        indices[index["id"]] = _weighted((i["weight"], indicators[i["id"]]) for i in index["indicators"])
    total = _weighted((index["weight"], indices[index["id"]]) for index in scheme)
    return {
        "indicators": indicators,
        "indices": indices,
        "total": total,
        "grade": None if total is None else _grade(total),
        "workload": counts["projects_approved"],
    }


def _indicator(
    id: str, source: Json, unit: str, sheets: dict[tuple[str, str, str], list[Fraction]], counts: dict[str, int]
) -> Points:
    match source["method"]:
        case "ratio":
            due = counts[source["of"]]
            return None if due == 0 else min(Fraction(100), _rounded(Fraction(100 * counts[source["done"]], due)))
        case "target":
            return min(Fraction(100), _rounded(100 * counts[source["done"]] / Fraction(source["target"])))
        case "deduct":
            left = 100 - Fraction(source["each"]) * counts[source["occurrences"]]
            return _rounded(max(left, Fraction(source["floor"])))
        case _:
            means = ((c["weight"], _mean(sheets.get((unit, c["channel"], id), []))) for c in source["channels"])
            points = _weighted(means)
            return None if points is None else _rounded(points)


def _mean(points: list[Fraction]) -> Points:
    counted = sorted(points)[1:-1] if len(points) >= 5 else points
    return _rounded(sum(counted, Fraction(0)) / len(counted)) if counted else None


def _weighted(parts: Iterable[tuple[str, Points]]) -> Points:
    every = list(parts)
    if any(points is None for _, points in every):
        return None
    return sum((Fraction(weight) * points / 100 for weight, points in every if points is not None), Fraction(0))


def _rounded(points: Fraction) -> Fraction:
    return Fraction(int(points * 10**6 + Fraction(1, 2)), 10**6)


def _grade(total: Fraction) -> str:
    return next((name for floor, name in ((90, "excellent"), (80, "good"), (60, "fair")) if total >= floor), "poor")


def _counts(events: Sequence[Json], found: dict[str, Project], unit: str, first: date, last: date) -> dict[str, int]:
    mine = [p for p in registered(found, unit, last.year) if p.days["project.plan-approved"] <= last]
    due = [(p, month) for p in mine for month in _months_due(p, first, last)]
    problems = [q for p in mine for q in p.problems.values() if first <= q["on"] <= last]
    return {
        "projects_approved": len(mine),
        "projects_closed": sum(p.days.get("project.closed", date.max) <= last for p in mine),
        "reports_due": len(due),
        "reports_made": sum(p.reported.get(month, date.max) <= last for p, month in due),
        "problems_found": len(problems),
        "problems_rectified": sum((q["verified"] or date.max) <= last for q in problems),
        "brands": len(brands(events, unit, last)),
    }


def _months_due(project: Project, first: date, last: date) -> Iterable[str]:
    """Months under way whose report was due, on the 5th of the next, in the quarter, and not waiting for acceptance."""
    started = project.days.get("project.started")
    month = started.replace(day=1) if started else last
    while (due := month_end(month) + timedelta(days=5)) <= last:
        if due >= first and project.days.get("project.acceptance-requested", date.max) > due:
            yield f"{month:%Y-%m}"
        month = month_end(month) + timedelta(days=1)


def published(events: Sequence[Json], county: str, quarter: str) -> dict[str, Json]:
    """The results that were published, by unit, points as fractions."""
    return {
        unit["unit"]: {
            "indicators": {i["id"]: _exact(i["points"]) for i in unit["indicators"]},
            "indices": {i["id"]: _exact(i["points"]) for i in unit["indices"]},
            "total": _exact(unit["total"]),
            "grade": unit["grade"],
            "workload": unit["workload"],
            "rank": unit["rank"],
        }
        for event in ordered(events, f"period-{county}-{quarter}")[-1:]
        for unit in event["data"]["results"]
    }


def _exact(points: str | None) -> Points:
    return None if points is None else Fraction(points)
