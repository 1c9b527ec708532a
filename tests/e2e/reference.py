"""What events add up to, folded by a few lines of their own: nothing of the platform is imported here.

Takes the events as JSON, in any order between streams; gives what the platform's answers should say.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
LAMPS = ("red", "yellow", "blue", "green", "grey")


@dataclass
class Project:
    """A project as its events tell it; days by the type of the event that they are of."""

    id: str = ""
    proposal: Json = field(default_factory=dict)
    plan: Json = field(default_factory=dict)
    stage: str = ""
    days: dict[str, date] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    notice_ends: date | None = None
    reports: dict[str, Fraction] = field(default_factory=dict)
    reported: dict[str, date] = field(default_factory=dict)
    reached: dict[str, date] = field(default_factory=dict)
    problems: dict[str, Json] = field(default_factory=dict)
    granted: dict[str, date] = field(default_factory=dict)
    extensions: dict[str, Json] = field(default_factory=dict)
    paused: list[date] = field(default_factory=list)
    resumed: list[date] = field(default_factory=list)
    closings: list[date] = field(default_factory=list)
    reopened: list[date] = field(default_factory=list)
    reopened_from: list[str] = field(default_factory=list)
    carried: list[tuple[int, date]] = field(default_factory=list)
    inspections: list[Json] = field(default_factory=list)
    difficulties: dict[str, bool] = field(default_factory=dict)

    @property
    def milestones(self) -> list[tuple[str, date, Fraction]]:
        """Those of the last plan: id, the due day that holds, weight."""
        plan = self.plan.get("milestones", ())
        return [(m["id"], self.granted.get(m["id"], day(m["due"])), Fraction(m["weight"])) for m in plan]

    @property
    def over(self) -> date | None:
        """The day of its end, whatever end it is."""
        return max((on for kind, on in self.days.items() if STAGES.get(kind) in OVER), default=None)

    @property
    def weight_reached(self) -> Fraction:
        """What the reached milestones weigh."""
        return sum((weight for id, _, weight in self.milestones if id in self.reached), Fraction(0))


def day(text: str) -> date:
    """A day as JSON has it."""
    return date.fromisoformat(text)


def short(event: Json) -> str:
    """The type of an event without what all have."""
    return event["type"].removeprefix("cn.guatu.").removesuffix(".v1")


def projects(events: Iterable[Json]) -> dict[str, Project]:
    """Every project by its id."""
    found: dict[str, Project] = defaultdict(Project)
    for event in ordered(events, "project-"):
        project = found[event["subject"].removeprefix("project-")]
        project.id = event["subject"].removeprefix("project-")
        _project(project, short(event), event["data"], day(event["effective"]))
    return dict(found)


STAGES = {
    "project.proposed": "proposed",
    "project.plan-submitted": "submitted",
    "project.plan-returned": "returned",
    "project.plan-rejected": "rejected",
    "project.plan-approved": "approved",
    "project.started": "started",
    "project.acceptance-requested": "acceptance_requested",
    "project.accepted": "accepted",
    "project.public-notice-issued": "announced",
    "project.closed": "closed",
    "project.acceptance-failed": "started",
    "project.withdrawn": "withdrawn",
    "project.terminated": "terminated",
    "project.reopened": "started",
}
OVER = ("rejected", "withdrawn", "terminated", "closed")
AGAIN = ("project.acceptance-requested", "project.accepted", "project.public-notice-issued", "project.closed")
"""What a reopened project has before it again."""


def _project(project: Project, kind: str, data: Json, on: date) -> None:
    project.stage = STAGES.get(kind, project.stage)
    project.days[kind] = on
    if "number" in data:
        project.numbers[kind] = data["number"]
    match kind:
        case "project.proposed":
            project.proposal = data
        case "project.plan-submitted":
            project.plan = data
        case "project.public-notice-issued":
            project.notice_ends = day(data["ends"])
        case "project.acceptance-requested" | "project.terminated":
            project.paused.append(on)
        case "project.acceptance-failed":
            project.resumed.append(on)
        case "project.closed":
            project.closings.append(on)
        case "project.reopened":
            _reopen(project, data["closure"], on)
        case "project.handed-over":
            project.proposal = project.proposal | {"secretary": data["secretary"]}
        case "project.carried-over":
            project.carried.append((data["year"], on))
        case _:
            _carry_out(project, kind, data, on)


def _reopen(project: Project, closure: str, on: date) -> None:
    for kind in AGAIN:
        project.days.pop(kind, None)
        project.numbers.pop(kind, None)
    project.notice_ends = None
    project.reopened_from.append(closure)
    project.reopened.append(on)
    project.resumed.append(on)


def _carry_out(project: Project, kind: str, data: Json, on: date) -> None:
    match kind:
        case "progress.corrected":
            project.reports[data["month"]] = Fraction(data["percent"])
        case "progress.milestone-corrected":
            del project.reached[data["milestone"]]
            if data["on"]:
                project.reached[data["milestone"]] = day(data["on"])
        case "progress.extension-requested":
            project.extensions[data["extension"]] = data
        case "progress.extension-refused":
            del project.extensions[data["extension"]]
        case "progress.extension-granted":
            del project.extensions[data["extension"]]
            if data["of"] == "milestone":
                project.granted[data["subject"]] = day(data["due"])
            else:
                project.problems[data["subject"]]["due"] = data["due"]
        case "progress.rectification-reported":
            project.problems[data["problem"]]["waits"] = False
        case "progress.rectification-refused":
            project.problems[data["problem"]].update(due=data["due"], waits=True)
        case "progress.reported":
            project.reports[data["month"]] = Fraction(data["percent"])
            project.reported[data["month"]] = on
        case "progress.milestone-reached":
            project.reached[data["milestone"]] = day(data["on"])
        case "progress.project-inspected":
            project.inspections.append(data | {"on": on})
        case "progress.problem-found":
            project.problems[data["problem"]] = data | {"on": on, "verified": None, "waits": True}
        case "progress.rectification-verified":
            project.problems[data["problem"]]["verified"] = on
        case "progress.difficulty-raised" | "progress.difficulty-solved":
            project.difficulties[data["difficulty"]] = kind.endswith("solved")
        case _:
            pass


def ordered(events: Iterable[Json], prefix: str) -> list[Json]:
    """The events of the streams whose names begin so, each stream's in its order."""
    mine = (event for event in events if event["subject"].startswith(prefix))
    return sorted(mine, key=lambda event: (event["subject"], event["streamversion"]))


def scheduled(project: Project, on: date) -> Fraction:
    """序时: the weights of what is due by the day, and of the next milestone the share of days gone."""
    if not project.plan:
        return Fraction(0)
    dues: dict[date, Fraction] = defaultdict(Fraction)
    for _, due, weight in project.milestones:
        dues[due] += weight
    before, done = day(project.plan["starts"]), Fraction(0)
    for due in sorted(dues):
        if on < due:
            share = Fraction((on - before).days, (due - before).days) if on > before else Fraction(0)
            return hundredths(done + share * dues[due])
        before, done = max(before, due), done + dues[due]
    return hundredths(done)


def hundredths(number: Fraction) -> Fraction:
    """Two decimals, half up."""
    return Fraction((200 * number.numerator + number.denominator) // (2 * number.denominator), 100)


def month_end(of: date) -> date:
    """The last day of a day's month."""
    return of.replace(day=monthrange(of.year, of.month)[1])


def last_due(on: date) -> date:
    """The last month end whose report was due before this day: a report is due on the 5th."""
    end = on.replace(day=1) - timedelta(days=1)
    return end if on.day > 5 else end.replace(day=1) - timedelta(days=1)


def lamp(project: Project, on: date) -> str | None:
    """The lamp of a project on a day, by the rules of the field."""
    approved, started = project.days.get("project.plan-approved"), project.days.get("project.started")
    if approved is None:
        return None
    if project.stage in ("closed", "terminated"):
        return "grey"
    missing = [(due, id) for id, due, _ in project.milestones if id not in project.reached]
    if started is None:
        if on > _months_later(approved, 3):
            return "red"
    elif missing and (end := _last_owed(project, on)) is not None:
        behind = scheduled(project, end) - _done_by(project, end)
        if behind >= 10:
            return "red" if behind > 30 else "yellow"
    dues = [due for due, _ in missing] + [day(each["due"]) for each in project.problems.values() if each["waits"]]
    return "blue" if any(on <= due <= on + timedelta(days=7) for due in dues) else "green"


def _done_by(project: Project, end: date) -> Fraction:
    month = f"{end:%Y-%m}"
    if month in project.reports:
        return project.reports[month]
    earlier = [project.reports[m] for m in sorted(project.reports) if m < month]
    reached = sum((w for id, _, w in project.milestones if project.reached.get(id, date.max) <= end), Fraction(0))
    return max([hundredths(reached), *earlier[-1:]])


def _months_later(of: date, months: int) -> date:
    year, month = divmod(of.year * 12 + of.month - 1 + months, 12)
    return date(year, month + 1, min(of.day, monthrange(year, month + 1)[1]))


def line(project: Project) -> Json:
    """A project as the registry lists it, numbers exact."""
    p, d, last = project, project.days, max(project.reports, default="")
    missing = sorted((due, n, m) for n, (m, due, _) in enumerate(p.milestones) if m not in p.reached and not p.over)
    titles = {m["id"]: m["title"] for m in p.plan.get("milestones", ())}
    open_problems = [problem for problem in p.problems.values() if problem["verified"] is None and not p.over]
    decided = {k: d.get(f"project.plan-{k}") for k in ("approved", "returned", "rejected")}
    fields = ("title", "kind", "category", "owner", "county", "secretary", "year")
    return {
        "id": p.id,
        **{name: p.proposal[name] for name in fields},
        "carried_into": max((year for year, _ in p.carried), default=None),
        "stage": p.stage,
        "round": p.plan.get("round", 0),
        "approval_number": p.numbers.get("project.plan-approved", ""),
        "notice_number": p.numbers.get("project.public-notice-issued", ""),
        "closure_number": p.numbers.get("project.closed", ""),
        "proposed_on": d.get("project.proposed"),
        "submitted_on": d.get("project.plan-submitted"),
        "decided_on": max((on for on in decided.values() if on), default=None),
        "approved_on": decided["approved"],
        "started_on": d.get("project.started"),
        "acceptance_requested_on": d.get("project.acceptance-requested"),
        "accepted_on": d.get("project.accepted"),
        "announced_on": d.get("project.public-notice-issued"),
        "notice_ends": p.notice_ends,
        "closed_on": d.get("project.closed"),
        "reopened_on": d.get("project.reopened"),
        "reopened_from": p.reopened_from,
        "ended_on": p.over,
        "starts": p.plan.get("starts"),
        "ends": p.plan.get("ends"),
        "inspections": len(p.inspections),
        "inspected_on": d.get("progress.project-inspected"),
        "reported_month": last,
        "percent": p.reports.get(last, Fraction(0)),
        "milestones_reached": sum(m in p.reached for m, _, _ in p.milestones),
        "milestone_percent": p.weight_reached,
        "next_milestone": titles[missing[0][2]] if missing else "",
        "next_milestone_due": missing[0][0] if missing else None,
        "open_problems": len(open_problems),
        "next_deadline": min((problem["due"] for problem in open_problems), default=None),
        "pending_extensions": 0 if p.over else sum(_pending(p, each) for each in p.extensions.values()),
        "open_difficulties": list(p.difficulties.values()).count(False),
    }


def _pending(project: Project, extension: Json) -> bool:
    if extension["of"] == "milestone":
        return extension["subject"] not in project.reached
    return bool(project.problems[extension["subject"]]["waits"])


def registered(found: Mapping[str, Project], below: str, year: int) -> list[Project]:
    """The projects approved for a year, or carried over into it, whose owner's code begins so."""
    mine = [p for p in found.values() if "project.plan-approved" in p.days and p.proposal["owner"].startswith(below)]
    return [p for p in mine if p.proposal["year"] <= year <= max([p.proposal["year"], *(y for y, _ in p.carried)])]


def totals(found: Mapping[str, Project], below: str, year: int, on: date) -> Json:
    """The totals of a unit, its own and those of all below it, as reporting shows them on a day."""
    mine = registered(found, below, year)
    lamps = [lamp(p, on) for p in mine]
    secretary = sum(p.proposal["kind"] == "secretary" for p in mine)
    alive = [p for p in mine if p.stage != "terminated"]
    return {
        "registered": len(mine),
        "secretary": secretary,
        "led": len(mine) - secretary,
        "closed": sum(p.stage == "closed" for p in mine),
        "terminated": len(mine) - len(alive),
        "on_track": len(alive) - lamps.count("red") - lamps.count("yellow"),
        "percent": _mean([_percent(p, on) for p in alive]),
        "scheduled": _mean([scheduled(p, _held(p, on)) for p in alive]),
        "overdue_problems": sum(
            problem["verified"] is None and day(problem["due"]) < on for p in alive for problem in p.problems.values()
        ),
        "lamps": {each: lamps.count(each) for each in LAMPS},
    }


def _percent(project: Project, on: date) -> Fraction:
    return Fraction(100) if project.stage == "closed" else _done_by(project, _held(project, on))


def _held(project: Project, on: date) -> date:
    if project.stage == "closed":
        return project.days["project.closed"]
    started = project.days.get("project.started")
    if started is None:
        return project.days["project.plan-approved"]
    return _last_owed(project, on) or started


def _last_owed(project: Project, on: date) -> date | None:
    """The last month end that a report was due for: not while the project rests at it, or on the 5th after it."""
    end, first = last_due(on), month_end(project.days["project.started"])
    while end >= first and any(_rests(project, by) for by in (end, (end + timedelta(days=1)).replace(day=5))):
        end = end.replace(day=1) - timedelta(days=1)
    return end if end >= first else None


def _rests(project: Project, by: date) -> bool:
    return sum(on <= by for on in project.paused) > sum(on <= by for on in project.resumed)


def _mean(numbers: list[Fraction]) -> Fraction | None:
    return hundredths(sum(numbers, Fraction(0)) / len(numbers)) if numbers else None


def figures(events: Iterable[Json], county: str, year: int) -> dict[str, str]:
    """The figures of a county's bulletin."""
    every = list(events)
    found = projects(every)
    secretary = [p for p in registered(found, county, year) if p.proposal["kind"] == "secretary"]
    mine = [p for p in secretary if p.proposal["year"] == year]
    campaigns = {
        event["subject"].removeprefix("campaign-")
        for event in every
        if short(event) == "progress.campaign-opened"
        and (event["data"]["county"], event["data"]["year"], event["data"]["kind"]) == (county, year, "mid_term")
    }
    visits = [(v["campaign"], v["group"], v["township"]) for p in found.values() for v in p.inspections] + [
        (event["data"]["campaign"], event["data"]["group"], event["data"]["unit"][:9])
        for event in every
        if short(event) == "progress.unit-inspected"
    ]
    seen = [visit for visit in visits if visit[0] in campaigns]
    sizes = [
        len(index["indicators"])
        for event in ordered(every, f"scheme-{county}")[-1:]
        for index in event["data"]["indices"]
    ]
    return {
        "projects": str(len(mine)),
        "projects_done": str(sum(p.stage == "closed" for p in mine)),
        "evaluation_groups": str(len({visit[:2] for visit in seen})),
        "townships_evaluated": str(len({visit[2] for visit in seen})),
        "problems": str(sum(q["campaign"] in campaigns for p in found.values() for q in p.problems.values())),
        "brands": str(len(brands(every, county, date(year, 12, 31)))),
        "index_items": "-".join(map(str, sorted({min(sizes), max(sizes)}))) if sizes else "待报",
    }


def lamp_changes(events: Iterable[Json]) -> dict[str, list[str]]:
    """The lamps that every project has had, one after the other; each change begins where the last one ended."""
    changes: dict[str, list[str]] = defaultdict(list)
    for event in ordered(events, "lamp-"):
        had, data = changes[event["data"]["project"]], event["data"]
        assert data["was"] == (had[-1] if had else None)
        assert data["lamp"] != data["was"]
        had.append(data["lamp"])
    return dict(changes)


def open_alerts(events: Iterable[Json]) -> dict[str, str]:
    """The lamp of every project whose alert is open; episodes are raised and cleared in turn, numbered from 1."""
    episodes: dict[str, int] = defaultdict(int)
    lamps: dict[str, str] = {}
    for event in ordered(events, "alert-"):
        project, data = event["subject"].removeprefix("alert-behind-schedule-"), event["data"]
        match short(event):
            case "alert.raised":
                assert project not in lamps
                episodes[project] += 1
                lamps[project] = data["lamp"]
            case "alert.updated":
                assert lamps[project] != data["lamp"]
                lamps[project] = data["lamp"]
            case _:
                del lamps[project]
        assert data["episode"] == episodes[project]
    return lamps


def brands(events: Iterable[Json], below: str, until: date) -> list[Json]:
    """The brands recognised in the year of a day, up to it, for units whose code begins so."""
    return [
        event["data"]
        for event in events
        if short(event) == "project.brand-recognised"
        and event["data"]["unit"].startswith(below)
        and date(until.year, 1, 1) <= day(event["effective"]) <= until
    ]


def same(told: object, expected: object) -> bool:
    """Whether an answer says what is expected: days as text, exact numbers as any decimal string."""
    if isinstance(expected, Fraction):
        return isinstance(told, str) and Fraction(told) == expected
    if isinstance(expected, date):
        return told == expected.isoformat()
    if isinstance(expected, dict):
        return (
            isinstance(told, dict)
            and told.keys() == expected.keys()
            and all(same(told[key], value) for key, value in expected.items())
        )
    return told == expected


def differences(told: Json, expected: Json) -> Json:
    """What an answer says otherwise: the fields with what was told and what was expected."""
    names = told.keys() | expected.keys()
    return {n: (told.get(n), expected.get(n)) for n in names if not same(told.get(n), expected.get(n))}
