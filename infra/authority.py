"""`python -m infra.authority write|check`: docs/authority.md, who may use which route, made from the code."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.alerts.app import service as alerts
from services.registry.app import service as registry
from services.reporting.app import service as reporting
from services.scoring.app import service as scoring
from shared.authority_table import Rule
from shared.service import HEALTH, routers_of
from shared.settings import Rules

FILE = Path(__file__).parent.parent / "docs" / "authority.md"
SERVICES = (registry, scoring, alerts, reporting)
OF_ALL = "every service"

HEAD = """# Who may what

Made from the code by `make authority`; `make lint` checks that it is current.

A right is a role that is held today, at the unit that a row names, at one above it in today's tree of units, or, where
the row says so, at that very unit. A unit that has ended lies below its heir, which acts for it; a post at it lets read
alone ([tree](decisions/tree.md)). Where a secretary may act, an office may too; both names are on the event. Who acted
for the owner of a project checks nothing of it. A fact that is dated far back is told by a reviewer alone
([late-facts](decisions/late-facts.md)). What a person may not read is as if it were not there.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A route with its rule; None if it declares none."""

    method: str
    path: str
    about: str
    rule: Rule | None


def lines(router: APIRouter) -> Iterator[Line]:
    """The routes of a router."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            about = (route.summary or route.description or "").strip().split("\n")[0]
            for method in sorted(route.methods or ()):
                yield Line(method, route.path, about, Rule.of(route.openapi_extra))


def table() -> dict[str, list[Line]]:
    """The routes of each service by its name, commands and queries and pages; under OF_ALL what all answer alike."""
    found: dict[str, list[Line]] = {}
    for made in SERVICES:
        service = made(Rules())
        found[service.name] = [line for router in routers_of(service) for line in lines(router)]
    return found | {OF_ALL: list(lines(HEALTH))}


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(title, found) for title, found in table().items())])


def _section(title: str, found: Sequence[Line]) -> str:
    ordered = sorted(found, key=lambda line: (line.method, line.path))
    rows = "\n".join(_row(line) for line in ordered)
    return f"## {title}\n\n| route | what | who | where |\n|---|---|---|---|\n{rows}\n"


def _row(line: Line) -> str:
    rule = line.rule or Rule("**not declared**", "")
    where = f"{rule.where}; {rule.besides}" if rule.besides else rule.where
    return f"| `{line.method} {line.path}` | {line.about} | {rule.who} | {where} |"


def main(action: str) -> int:
    """Write the page, or check that the one written is current."""
    now = document()
    if action == "write":
        FILE.write_text(now, "utf-8")
        return 0
    if not FILE.exists() or FILE.read_text("utf-8") != now:
        print("docs/authority.md is behind the code: `make authority`")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit("usage: python -m infra.authority write|check")
    sys.exit(main(sys.argv[1]))
