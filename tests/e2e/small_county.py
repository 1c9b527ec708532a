"""A small county of its own for the desks' tests: units, persons with posts, a calendar, a campaign, days."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from infra.scenario.client import Client, caught_up

ADMIN, SECRETARY, REVIEWER, INSPECTOR, STRANGER = "admin", "sun-qiang", "ding-jing", "li-juan", "wang-yuan"
SECOND_REVIEWER, DEPUTY = "wu-min", "chen-gang"
COUNTY, TOWNSHIP, ELSEWHERE = "340822", "340822100", "340828"
CAMPAIGN = f"{COUNTY}-spot-check"
FIRST = "2023-03-01"
SERVICES = ("registry", "scoring", "alerts", "reporting")
KNOWING = ("registry", "reporting")
"""The services whose pages are looked at."""

_UNITS = (
    ("340000", "安徽省", "province", None),
    ("340800", "安庆市", "city", "340000"),
    (COUNTY, "怀宁县", "county", "340800"),
    (ELSEWHERE, "岳西县", "county", "340800"),
    (TOWNSHIP, "高河镇", "township", COUNTY),
)
_POSTS = (
    (SECRETARY, "孙强", "township_secretary", TOWNSHIP),
    (REVIEWER, "丁静", "reviewer", COUNTY),
    (SECOND_REVIEWER, "吴敏", "reviewer", COUNTY),
    (DEPUTY, "陈刚", "township_secretary", TOWNSHIP),
    (INSPECTOR, "李娟", "inspector", COUNTY),
    (STRANGER, "王媛", "reviewer", ELSEWHERE),
)


class SmallCounty:
    """The county's people at work, each command in a thread of its own: a browser's driver has the test's loop."""

    def __init__(self, address: str) -> None:
        self._address = address

    def told(self, *commands: tuple[str, str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Give commands (who, the path under the registry's prefix, the body), and wait until the lists know of all."""

        async def work(client: Client) -> list[dict[str, Any]]:
            replies = [
                await client.command(who, f"/registry{path}", body, key=str(uuid4())) for who, path, body in commands
            ]
            await caught_up(client, ADMIN, KNOWING)
            return replies

        return self._aside(work)

    def ask(self, who: str, path: str, **parameters: str) -> Any:
        """Ask a query."""

        async def work(client: Client) -> Any:
            return await client.get(who, path, **parameters)

        return self._aside(work)

    def events(self, project: str) -> list[str]:
        """The types of a project's events in their order, in short."""
        items = self.ask(REVIEWER, f"/registry/projects/{project}/events")["items"]
        return [item["type"].removeprefix("cn.guatu.").removesuffix(".v1") for item in items]

    def begin(self, day: str) -> None:
        """A day begins."""
        self.told((ADMIN, "/days/begin", {"day": day}))

    def set_the_stage(self) -> None:
        """The county with its people on the first day."""
        self.begin(FIRST)
        self.told(
            *(
                (ADMIN, f"/units/{code}/register", {"name": name, "kind": kind, "parent": parent})
                for code, name, kind, parent in _UNITS
            ),
            (ADMIN, "/calendars/2023/publish", {"holidays": [], "workdays": []}),
            *((ADMIN, f"/persons/{person}/register", {"name": name}) for person, name, _, _ in _POSTS),
            *(
                (ADMIN, f"/persons/{person}/appoint", {"role": role, "unit": unit, "since": "2023-01-01"})
                for person, _, role, unit in _POSTS
            ),
        )
        group = {"id": "g1", "name": "第一组", "members": [INSPECTOR]}
        campaign = {"name": "一季度抽查", "kind": "spot_check", "county": COUNTY, "year": 2023, "groups": [group]}
        self.told((REVIEWER, f"/campaigns/{CAMPAIGN}/open", campaign))

    def proposed(self, title: str) -> str:
        """A project of the township."""
        words = dict.fromkeys(("small", "hard", "exemplary", "doable"), "写清了")
        place = {"owner": TOWNSHIP, "county": COUNTY, "secretary": SECRETARY, "year": 2023, "category": "人居环境"}
        body = {"title": title, "kind": "secretary", "criteria": words, **place}
        [reply] = self.told((SECRETARY, "/projects/propose", body))
        return str(reply["stream"]).partition("-")[2]

    def submitted(self, title: str) -> str:
        """A project whose plan waits for review."""
        id = self.proposed(title)
        self.told((SECRETARY, f"/projects/{id}/submit-plan", plan(title)))
        return id

    def started(self, title: str) -> str:
        """A project that is carried out."""
        id = self.proposed(title)
        self.told(
            (SECRETARY, f"/projects/{id}/submit-plan", plan(title)),
            (REVIEWER, f"/projects/{id}/approve-plan", {}),
            (SECRETARY, f"/projects/{id}/start", {}),
        )
        return id

    def _aside(self, work: Any) -> Any:
        async def run() -> Any:
            client = Client(self._address)
            try:
                return await work(client)
            finally:
                await client.close()

        with ThreadPoolExecutor(1) as threads:
            return threads.submit(asyncio.run, run()).result()


def plan(title: str) -> dict[str, Any]:
    """A plan of two milestones."""
    team = [{"name": "王芳", "duty": "统筹"}]
    return {
        "goal": "84 盏路灯全部点亮",
        "measures": ["每周调度一次"],
        "starts": "2023-03-01",
        "ends": "2023-06-30",
        "four_ones": {"project": title, "secretary": SECRETARY, "team": team, "to_the_end": "书记包到销号"},
        "milestones": [
            {"id": "m1", "title": "摸排定灯", "due": "2023-04-30", "weight": "40"},
            {"id": "m2", "title": "全部点亮", "due": "2023-06-30", "weight": "60"},
        ],
    }
