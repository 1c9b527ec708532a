"""How far a service has come: what is not yet published, and how far each view is behind its topics."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import func, select

from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.caught_up import ends_of
from shared.database import Database
from shared.kit import Kit, kit
from shared.schema import offsets, outbox, parked
from shared.view import View


class ViewStatus(BaseModel):
    """One view: records that are not in it yet, keys that are parked, partitions that stand still and why."""

    view: str
    version: int
    lag: int
    parked: int
    stopped: dict[str, str]


class Status(BaseModel):
    """One service: events that are not yet confirmed by Kafka, and its views."""

    outbox: int
    views: list[ViewStatus]


async def status_of(database: Database, kafka: str, declared: Sequence[View[Any]]) -> Status:
    """Ask the database and Kafka; works in every process, whoever folds the views."""
    ends = await ends_of(kafka, declared)
    async with database.core() as connection:
        waiting = await connection.scalar(select(func.count()).select_from(outbox))
        rows = (await connection.execute(select(offsets))).all()
        keys = select(parked.c.view, parked.c.version, func.count(parked.c.key.distinct())).group_by(
            parked.c.view, parked.c.version
        )
        kept = {(row[0], row[1]): row[2] for row in await connection.execute(keys)}
    views: list[ViewStatus] = []
    for view in declared:
        mine = [row for row in rows if (row.view, row.version) == (view.name, view.version)]
        come = {(row.topic, row.partition): row.next for row in mine}
        lag = sum(
            max(0, end - come.get((tp.topic, tp.partition), 0)) for tp, end in ends.items() if tp.topic in view.topics
        )
        stopped = {f"{row.topic}/{row.partition}": row.stopped for row in mine if row.stopped}
        views.append(
            ViewStatus(
                view=view.name,
                version=view.version,
                lag=lag,
                parked=kept.get((view.name, view.version), 0),
                stopped=stopped,
            )
        )
    return Status(outbox=waiting or 0, views=views)


def status_routes(service: str) -> APIRouter:
    """`GET /<service>/status`, for everybody who is signed in."""
    router = APIRouter(prefix=f"/{service}", tags=["health"], responses=problems.RESPONSES)

    @router.get("/status", openapi_extra=reads(Reads.SIGNED_IN, "how far the service has come"))
    async def status(kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Status:
        """Events not yet published, and how far each view is behind."""
        return await status_of(kit.database, kit.settings.kafka, kit.service.views)

    return router
