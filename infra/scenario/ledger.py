"""The ledger of a scenario: projects that are not played day by day, in a spreadsheet that is imported over HTTP."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from infra.ledger_job import Progress, followed
from infra.scenario.action import Thread
from infra.scenario.cast import Cast
from infra.scenario.client import Client, Refused
from infra.scenario.divisions import Unit, below
from infra.scenario.model import Ledger, Scenario
from infra.scenario.timing import DAY
from shared.contracts.months import last_day
from shared.contracts.project import Milestone
from shared.contracts.schedule import scheduled_percent

LedgerLine = Mapping[str, str]
"""The cells of a project, by the columns' keys."""

NAME = "全市台账.xlsx"
KINDS = {True: "书记领办项目", False: "书记项目"}
_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Owner:
    """A township or village, its county, and who its secretary is."""

    unit: Unit
    county: Unit
    secretary: str


def ledger_lines(scenario: Scenario, cast: Cast, threads: Sequence[Thread]) -> list[LedgerLine]:
    """As many projects as the total wants beside those that the threads get approved; they go around the owners."""
    ledger = scenario.ledger
    if ledger is None:
        return []
    played = sum(action.path.endswith("/approve-plan") for thread in threads for action in thread.actions)
    owners = list(_owners(ledger, cast))
    drawing = _Drawing(scenario, ledger, cast, random.Random(f"{scenario.seed} ledger"), _proposed(threads))
    return [drawing.line(owners[n % len(owners)]) for n in range(max(0, ledger.total - played))]


def _proposed(threads: Sequence[Thread]) -> set[tuple[str, str]]:
    """Owner and title of every project that is played: the ledger has none of these."""
    first = (thread.actions[0] for thread in threads)
    return {(each.body["owner"], each.body["title"]) for each in first if each.path.endswith("/projects/propose")}


def _owners(ledger: Ledger, cast: Cast) -> Iterator[_Owner]:
    for code in ledger.counties:
        county = next(unit for unit in cast.units if unit.code == code)
        for township in below(cast.units, code):
            yield _Owner(township, county, cast.post(township.code, "township_secretary"))
            for village in below(cast.units, township.code):
                yield _Owner(village, county, cast.post(village.code, "branch_secretary"))


class _Drawing:
    """Draws the lines, with the words of the story."""

    def __init__(
        self, scenario: Scenario, ledger: Ledger, cast: Cast, rng: random.Random, taken: set[tuple[str, str]]
    ) -> None:
        self._story, self._ledger, self._cast, self._rng = scenario.story, ledger, cast, rng
        self._year, self._taken = scenario.plan_year, taken
        self._titles = [(category, title) for category, titles in self._story.categories.items() for title in titles]

    def line(self, owner: _Owner) -> LedgerLine:
        """The next project of an owner: no two of an owner have one title."""
        rng, story, ledger = self._rng, self._story, self._ledger
        category, title = self._title(owner)
        approved = ledger.approved[0] + DAY * rng.randint(0, (ledger.approved[1] - ledger.approved[0]).days)
        starts = approved + DAY
        ends = starts + DAY * rng.randint(*ledger.lasts)
        milestones = self._milestones(starts, ends)
        pace = Decimal(rng.randint(*(int(each * 100) for each in ledger.pace))) / 100
        scheduled = scheduled_percent(milestones, starts, last_day(ledger.month))
        percent = min(_WHOLE, scheduled * pace).quantize(Decimal("0.1"), ROUND_HALF_UP)
        place = owner.unit.name
        criteria = {name: self._one(texts, place) for name, texts in story.criteria.items()}
        team = [f"{self._cast.random_name(rng)}：{duty}" for duty in rng.sample(story.duties, story.team)]
        return {
            "county": owner.county.name,
            "unit": owner.unit.code,
            "secretary": self._cast.persons[owner.secretary].name,
            "kind": KINDS[rng.random() < ledger.led],
            "category": category,
            "year": str(self._year),
            "title": title,
            **criteria,
            "goal": self._one(story.goals, place),
            "measures": "；".join(rng.sample(story.measures, story.measures_each)),
            "team": "；".join(team),
            "to_the_end": story.to_the_end,
            "starts": starts.isoformat(),
            "ends": ends.isoformat(),
            "milestones": "\n".join(f"{each.title}|{each.due}|{each.weight}" for each in milestones),
            "approved": approved.isoformat(),
            "started": (approved + DAY * rng.randint(*ledger.start_after)).isoformat(),
            "month": ledger.month,
            "percent": str(percent),
            "note": self._one(story.notes, place),
        }

    def _title(self, owner: _Owner) -> tuple[str, str]:
        """A category and a title that the owner does not have yet; the next part of one if it has them all."""
        for part in itertools.count(1):
            for category, words in self._rng.sample(self._titles, len(self._titles)):
                title = words.format(place=owner.unit.name) + (f"（{part}期）" if part > 1 else "")
                if (owner.unit.code, title) not in self._taken:
                    self._taken.add((owner.unit.code, title))
                    return category, title
        raise AssertionError("there is always another part")

    def _one(self, texts: Sequence[str], place: str) -> str:
        return self._rng.choice(texts).format(place=place)

    def _milestones(self, starts: date, ends: date) -> tuple[Milestone, ...]:
        titles, term = self._story.milestones, (ends - starts).days
        count = self._rng.randint(*self._ledger.milestones)
        chosen = sorted(self._rng.sample(range(len(titles)), count))
        weights = [_WHOLE // count] * count
        weights[-1] += _WHOLE - sum(weights)
        return tuple(
            Milestone(id=f"m{n}", title=titles[k], due=starts + DAY * (term * n // count), weight=weights[n - 1])
            for n, k in enumerate(chosen, 1)
        )


def written(lines: Sequence[LedgerLine], file: Path | None) -> bytes:
    """The spreadsheet of these lines, kept in a file if one is named."""
    from services.registry.ledger.archive import LEDGER_SHEET  # noqa: PLC0415 (other commands need not load these)
    from services.registry.ledger.columns import COLUMNS  # noqa: PLC0415 (likewise)
    from shared.spreadsheet import Sheet  # noqa: PLC0415 (likewise)
    from shared.spreadsheet import written as workbook  # noqa: PLC0415 (likewise)

    with workbook() as book:
        sheet = Sheet(book, LEDGER_SHEET)
        sheet.row([column.head for column in COLUMNS], head=True)
        for line in lines:
            sheet.row([line.get(column.key, "") for column in COLUMNS])
    if file is not None:
        file.write_bytes(book.content)
    return book.content


async def import_ledger(client: Client, actor: str, content: bytes, at: datetime, progress: Progress) -> None:
    """Import a spreadsheet and wait until it is in.

    Raises:
        Refused: the platform found something wrong; the message has the first wrong cells.
    """
    job = await followed(client, actor, "import", content, name=NAME, at=at, progress=progress)
    if not job["report"]["imported"]:
        raise Refused("/registry/ledger/import", actor, 422, {"code": "wrong", "errors": job["report"]["errors"][:5]})
