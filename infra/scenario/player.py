"""Plays a plot over HTTP, day by day: threads go on side by side, the commands of one follow each other."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from infra.ledger_job import Progress
from infra.scenario.action import Action, Thread
from infra.scenario.client import Client, Refused, caught_up
from infra.scenario.divisions import levels
from infra.scenario.ledger import import_ledger, written
from infra.scenario.model import Scenario
from infra.scenario.plot import Plot, sheets
from infra.services import SERVICES
from shared.clock import SHANGHAI, day_of
from shared.contracts.divisions import kind_of

DAYS = "按日推演"


@dataclass
class Player:
    """Plays one plot against one platform."""

    scenario: Scenario
    plot: Plot
    client: Client
    progress: Progress
    folder: Path | None = None

    @property
    def _admin(self) -> str:
        return self.plot.cast.post(self.scenario.city, "platform_admin")

    async def play(self) -> None:
        """The whole year, from an empty platform or from wherever an earlier playing was broken off."""
        await self._set_the_stage()
        await self._play_days()
        await self._wait()

    async def _set_the_stage(self) -> None:
        """Units, persons, appointments and the calendar; then wait until every service knows who may do what."""
        await self._begin(self.scenario.first_day)
        units = [
            [
                _line(f"/units/{u.code}/register", {"name": u.name, "kind": kind_of(u.code), "parent": u.parent})
                for u in level
            ]
            for level in (*levels(self.plot.units), self.plot.organisations)
        ]
        persons = list(self.plot.cast.persons.values())
        known = [_line(f"/persons/{p.id}/register", {"name": p.name}) for p in persons]
        since = self.scenario.first_day.isoformat()
        posts = [
            _line(f"/persons/{p.id}/appoint", {"role": p.role, "unit": p.unit, "since": since, "title": p.title})
            for p in persons
        ]
        calendar = [
            _line(f"/calendars/{year}/publish", days.model_dump(mode="json"))
            for year, days in self.scenario.calendar.items()
        ]
        self.progress.phase("机构、人员、任职、日历", sum(map(len, units)) + len(known) + len(posts) + len(calendar))
        for lines in (*units, calendar, known, posts):
            await self._count(self.client.bulk(self._admin, "registry", lines, at=self._at(self.scenario.first_day)))
        await self._wait()

    async def _play_days(self) -> None:
        days: dict[date, dict[str, list[Action]]] = defaultdict(lambda: defaultdict(list))
        threads = {thread.name: thread for thread in self.plot.threads}
        for thread in self.plot.threads:
            for action in thread.actions:
                days[day_of(action.at)][thread.name].append(action)
        papers: dict[date, list[Any]] = defaultdict(list)
        for paper in sheets(self.scenario, self.plot):
            papers[day_of(paper.at)].append(paper)
        total = sum(len(actions) for day in days.values() for actions in day.values())
        total += sum(len(p.bodies) for day in papers.values() for p in day)
        self.progress.phase(DAYS, total)
        ledger = self.scenario.ledger
        imported = {self.plot.timing.workday(ledger.imported)} if ledger else set[date]()
        for day in sorted(days.keys() | papers.keys() | imported):
            await self._begin(day)
            if day in imported:
                await self._import_ledger(day)
                self.progress.phase(DAYS, total)
            async with asyncio.TaskGroup() as group:
                for name, actions in days[day].items():
                    group.create_task(self._follow(threads[name], actions))
                for paper in papers[day]:
                    lines = [_line(_sheet(paper.actor, body), body) for body in paper.bodies]
                    group.create_task(self._count(self.client.bulk(paper.actor, "scoring", lines, at=paper.at)))
        await self._begin(self.scenario.last_day)

    async def _import_ledger(self, day: date) -> None:
        """The city's administrator brings in the projects that are not played."""
        file = self.folder / f"{self.scenario.name}-台账.xlsx" if self.folder else None
        content = written(self.plot.ledger, file)
        await import_ledger(self.client, self._admin, content, self._at(day), self.progress)

    async def _follow(self, thread: Thread, actions: Sequence[Action]) -> None:
        for action in actions:
            if action.path.endswith("/publish-results"):
                await self._wait()
            key = f"{self.scenario.name}/{thread.name}/{thread.actions.index(action)}"
            path = action.path.replace("{id}", thread.id)
            reply = await self.client.command(action.actor, path, action.body, key=key, at=action.at)
            thread.id = thread.id or reply["stream"].partition("-")[2]
            self.progress.advance()

    async def _begin(self, day: date) -> None:
        """Begin a day; one that began before, in an earlier playing, is left as it is."""
        try:
            await self.client.command(
                self._admin, "/registry/days/begin", {"day": day.isoformat()}, key=f"{self.scenario.name}/day/{day}"
            )
        except Refused as refused:
            if refused.code != "day_already_began":
                raise

    async def _wait(self) -> None:
        await caught_up(self.client, self._admin, SERVICES)

    async def _count(self, acknowledged: AsyncIterator[int]) -> None:
        async for lines in acknowledged:
            self.progress.advance(lines)

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, self.scenario.started, SHANGHAI)

    async def issue_bulletin(self) -> dict[str, Any]:
        """Draft and issue the bulletin at the end of the last day; gives it with the figures that it was made from."""
        supervisor = self.plot.cast.post(self.scenario.city, "supervisor")
        bulletin = self.scenario.bulletin
        at = datetime.combine(self.scenario.last_day, self.scenario.ended, SHANGHAI)
        drafted = await self.client.command(
            supervisor,
            "/reporting/bulletins/draft",
            {"manuscript": bulletin.manuscript},
            key=f"{self.scenario.name}/bulletin/draft",
            at=at,
        )
        number = drafted["stream"].partition("-")[2]
        await self._wait()
        await self.client.command(
            supervisor,
            f"/reporting/bulletins/{number}/issue",
            {"issue": bulletin.issue},
            key=f"{self.scenario.name}/bulletin/issue",
            at=at,
        )
        await self._wait()
        return await self.client.get(supervisor, f"/reporting/bulletins/{number}")


def _sheet(assessor: str, body: Mapping[str, Any]) -> str:
    """The route of a sheet: its id says what it is about and whose it is."""
    return f"/sheets/{body['county']}-{body['period']}-{body['unit']}-{body['channel']}-{assessor}/submit"


def _line(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a bulk; each of a scenario's has a path of its own, which is its key too."""
    return {"path": path, "key": path, "body": body}
