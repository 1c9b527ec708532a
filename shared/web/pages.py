"""What every desk page shows around its own matter, and the templates' environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.web import wording
from shared.web.static_files import static

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class NavLink:
    """An entry of the top bar; `key` is what a page names as its own, `count` where the number beside it comes from."""

    key: str
    label: str
    href: str
    count: str = ""


NAV = (
    NavLink("overview", "总览", "/overview"),
    NavLink("desk", "办理", "/registry/desk", "/registry/desk/count"),
    NavLink("projects", "项目", "/registry/desk/projects"),
    NavLink("bulletins", "通报", "/bulletins"),
)
"""Addresses behind the one origin, so that pages of different services can link to each other."""


@dataclass(frozen=True)
class Crumb:
    """A step of the way down to the page's place; the last one has no address."""

    label: str
    href: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """Who looks at the page, and from which office."""

    name: str
    office: str


class Knowledge(StrEnum):
    """Whether a page shows the latest state or an earlier one."""

    LATEST = "latest"
    PAST = "past"


@dataclass(frozen=True)
class AsOf:
    """The moment whose state the page shows."""

    at: datetime
    knowledge: Knowledge = Knowledge.LATEST


@dataclass(frozen=True)
class Page:
    """The frame of a desk page. `section` is the key of its entry in the top bar."""

    title: str
    section: str
    crumbs: tuple[Crumb, ...]
    as_of: AsOf | None
    person: SignedIn | None
    lead: str = ""


class StepState(StrEnum):
    """Where a step of a process stands."""

    DONE = "done"
    CURRENT = "current"
    FUTURE = "future"


@dataclass(frozen=True)
class Step:
    """A step of a process, with short lines under it such as its day and person."""

    label: str
    state: StepState
    lines: tuple[str, ...] = ()


def environment(
    *folders: Path,
    nav: Sequence[NavLink] = NAV,
    sample: bool = False,
    sign_in: str = "/sign-in",
    sign_out: str = "/sign-out",
) -> Environment:
    """The templates of a service's own folders and the shared ones; HTML is escaped, text is not.

    `sample` is whether the data is invented: each page then says so.
    """
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names: dict[str, Any] = {
        "nav": nav,
        "sample": sample,
        "sign_in": sign_in,
        "sign_out": sign_out,
        "static": static,
    }
    made.globals.update(names)
    made.filters.update(
        number=wording.number,
        signed=wording.signed,
        day=wording.day,
        day_in_words=wording.day_in_words,
        moment=wording.moment,
        person=wording.person,
        lines=wording.lines,
    )
    return made
