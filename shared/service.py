"""The shell that makes one runnable service of its parts: API, relay, projector, health, metrics, a clean stop."""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import log, problems
from shared.appender import Appender
from shared.at_least import AtLeast
from shared.auth import Auth
from shared.authority import Authority
from shared.authority_table import Reads, reads
from shared.consume import Projector
from shared.contracts.event import source_of
from shared.database import Database, database_url
from shared.days import Days
from shared.handle import CommandDesk
from shared.http import command_routes
from shared.kit import Kit, Service, Upkeep
from shared.loader import Loader
from shared.moment import Moments
from shared.openapi import describe
from shared.outage import is_outage
from shared.relay import Relay
from shared.server import SERVING, Server
from shared.settings import ClockMode, Rules, Settings, refused, unknown
from shared.status import status_routes
from shared.view_table import ViewChanged
from shared.web.headers import SecurityHeaders
from shared.web.static_files import mount_static

logger = structlog.get_logger()

NOT_STARTED = 3
"""The exit status of a process that could not start, as uvicorn's own command has it."""

HOUR = 3600


class RoleOf(StrEnum):
    """What a process does of its service's work; each can be replicated on its own."""

    ALL = "all"
    API = "api"
    RELAY = "relay"
    PROJECTOR = "projector"


def main(service_of: Callable[[Rules], Service], package: str | None) -> None:
    """`python -m services.<name> [--role all|api|relay|projector]`: run until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog=package)
    parser.add_argument("--role", type=RoleOf, choices=list(RoleOf), default=RoleOf.ALL)
    role: RoleOf = parser.parse_args().role
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(refused(Settings, error))
    service = service_of(settings)
    log.configure(service.name, form=settings.log_format, level=settings.log_level)
    for sentence in unknown(os.environ):
        logger.warning("unknown_setting", reason=sentence)
    uvloop.run(_serve(service, settings, role))


async def _serve(service: Service, settings: Settings, role: RoleOf) -> None:
    app = application(service, settings, role)
    server = Server(uvicorn.Config(app, host=settings.host, port=settings.port, **SERVING))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await server.serve()
    if not server.started:
        raise SystemExit(NOT_STARTED)


def application(service: Service, settings: Settings, role: RoleOf) -> FastAPI:
    """The ASGI application of one process: every role answers for its health and metrics, `api` for the rest."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            try:
                await _start(stack, app, service, settings, role)
            except ViewChanged as error:
                logger.error("view_changed", reason=str(error))
                raise
            logger.info("started", role=role, port=settings.port)
            yield
        logger.info("stopped", role=role)

    app = FastAPI(
        title=f"Guatu {service.name}",
        lifespan=lifespan,
        openapi_url=f"/{service.name}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    describe(app)
    app.add_middleware(SecurityHeaders)
    app.include_router(HEALTH)
    if role in (RoleOf.ALL, RoleOf.API):
        for router in routers_of(service):
            app.include_router(router)
        mount_static(app)
    return app


def routers_of(service: Service) -> Sequence[APIRouter]:
    """What a service answers beside its health: commands, how far it has come, queries and pages."""
    return (command_routes(service.name, service.handlers), status_routes(service.name), *service.routers)


async def _start(stack: AsyncExitStack, app: FastAPI, service: Service, settings: Settings, role: RoleOf) -> None:
    """Start the parts that the role needs; what was started last is stopped first."""
    url = database_url(settings.database.get_secret_value(), service.name)
    database = Database(url, name=f"guatu-{service.name}-{role}", size=settings.pool_size)
    stack.push_async_callback(database.dispose)
    checks: list[Callable[[], bool]] = []
    if role in (RoleOf.ALL, RoleOf.PROJECTOR):
        projector = Projector(database, settings.kafka, service.views, service.name, reconcilers=service.reconcilers)
        await projector.start()
        stack.push_async_callback(projector.stop)
        checks.append(projector.ready)
    if role in (RoleOf.ALL, RoleOf.RELAY):
        await _start_relay(stack, database, service, settings)
        _start_upkeep(stack, database, service, settings)
    if role in (RoleOf.ALL, RoleOf.API):
        app.state.auth = Auth(settings)
        stack.push_async_callback(app.state.auth.close)
        app.state.kit = await _start_kit(stack, database, service, settings)
        checks.append(app.state.kit.authority.ready)
    app.state.readiness = Readiness(database, checks)


async def _start_relay(stack: AsyncExitStack, database: Database, service: Service, settings: Settings) -> None:
    real_days = service.publishes_days and settings.clock is ClockMode.REAL
    relay = Relay(database, settings.kafka, service.name, days=Days(source_of(service.name)) if real_days else None)
    task = asyncio.create_task(relay.run(), name="relay")

    async def stop() -> None:
        await relay.stop()
        await task

    stack.push_async_callback(stop)


def _start_upkeep(stack: AsyncExitStack, database: Database, service: Service, settings: Settings) -> None:
    """What is due every hour, in each process that has a relay, whether that leads or stands by."""
    for upkeep in service.hourly:
        task = asyncio.create_task(_hourly(upkeep, database, settings), name="upkeep")
        stack.push_async_callback(asyncio.wait, {task})
        stack.callback(task.cancel)


async def _hourly(upkeep: Upkeep, database: Database, settings: Settings) -> None:
    while True:
        try:
            await upkeep(database, settings)
        except Exception as error:
            if is_outage(error):
                logger.warning("upkeep_put_off", error=repr(error))
            else:
                logger.exception("upkeep_failed")
        await asyncio.sleep(HOUR)


async def _start_kit(stack: AsyncExitStack, database: Database, service: Service, settings: Settings) -> Kit:
    appender = Appender(database)
    await appender.start()
    stack.push_async_callback(appender.stop)
    loader = Loader(database)
    await loader.start()
    stack.push_async_callback(loader.stop)
    authority = Authority(database, settings)
    await authority.start()
    stack.push_async_callback(authority.stop)
    at_least = AtLeast(database, service.views)
    await at_least.start()
    stack.push_async_callback(at_least.stop)
    desk = CommandDesk(service.name, database, loader, appender, authority, late_after=settings.late_after)
    return Kit(service, settings, database, appender, desk, authority, Moments(settings, database), at_least)


class Readiness:
    """Whether this process can do its work now: its database answers, its views follow, its rights are known."""

    def __init__(self, database: Database, checks: Sequence[Callable[[], bool]]) -> None:
        self._database = database
        self._checks = checks

    async def ready(self) -> bool:
        """Ask the database and every part."""
        try:
            async with self._database.core() as connection:
                await connection.execute(text("select 1"))
        except (OSError, SQLAlchemyError) as error:
            logger.warning("database_unreachable", error=repr(error))
            return False
        return all(check() for check in self._checks)


HEALTH = APIRouter(tags=["health"])
"""What every process answers, whatever its role."""


@HEALTH.get("/health/live", openapi_extra=reads(Reads.OPEN, "of the process"))
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


@HEALTH.get(
    "/health/ready",
    responses={503: {"description": "Not now", "model": dict[str, str]}},
    openapi_extra=reads(Reads.OPEN, "of the process"),
)
async def ready(request: Request, response: Response) -> dict[str, str]:
    """The process can do its work; 503 while it cannot."""
    if await request.app.state.readiness.ready():
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "not ready"}


@HEALTH.get("/metrics", response_class=PlainTextResponse, openapi_extra=reads(Reads.OPEN, "of the process"))
async def metrics() -> Response:
    """Every metric of this process in Prometheus form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
