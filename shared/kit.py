"""What a service is made of, and what its routes work with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request

from shared.appender import Appender
from shared.at_least import HEADER, AtLeast
from shared.authority import Authority
from shared.command import Handler
from shared.database import Database
from shared.handle import CommandDesk
from shared.moment import Moments
from shared.reconcile import Reconciler
from shared.settings import Settings
from shared.view import View

Upkeep = Callable[[Database, Settings], Awaitable[None]]
"""What a service does now and then beside its work; any number of its processes may do it at once."""

AtLeastHeader = Annotated[str | None, Header(alias=HEADER)]
"""What a query must know before it is answered: the `at` of an earlier reply (shared/at_least.py)."""


@dataclass(frozen=True)
class Service:
    """A service, as its app.py wires it."""

    name: str
    handlers: Sequence[Handler[Any, Any]] = ()
    views: Sequence[View[Any]] = ()
    reconcilers: Sequence[Reconciler[Any, Any]] = ()
    routers: Sequence[APIRouter] = ()
    publishes_days: bool = False
    hourly: Sequence[Upkeep] = ()


@dataclass(frozen=True)
class Kit:
    """What the routes of a service work with."""

    service: Service
    settings: Settings
    database: Database
    appender: Appender
    desk: CommandDesk
    authority: Authority
    moments: Moments
    at_least: AtLeast


def kit(request: Request) -> Kit:
    """The dependency that gives a route its kit."""
    return request.app.state.kit
