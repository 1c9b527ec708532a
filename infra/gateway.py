"""The gateway: one origin for pages and APIs. `python -m infra.gateway`

`/registry`, `/scoring` and `/alerts` go to their services with the prefix kept, `/oidc` to the embedded issuer where
sign-in is local, everything else to reporting.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from infra.forwarding import Forwarder
from infra.oidc import embedded_issuer
from infra.replicas import Replicas
from infra.services import SERVICES
from shared import log
from shared.server import SERVING, Server
from shared.settings import AsJson, AuthMode, Settings, refused, unknown

logger = structlog.get_logger()

DEFAULT = "reporting"
PREFIXED = tuple(service for service in SERVICES if service != DEFAULT)
FIRST_PORT = 8001
"""Of the services where no routes are told: each has the next one."""
SERVER: dict[str, Any] = SERVING | {
    "ws": "none",
    "proxy_headers": False,
    "date_header": False,
    "timeout_keep_alive": 75,
}
"""How uvicorn serves it. It is the edge: what clients say of proxies before it is not believed."""


class GatewaySettings(Settings):
    """The settings of the gateway: those of a service, and where the services are."""

    port: int = Field(default=8000, ge=1, le=65535, description="where to listen")
    routes: AsJson[dict[str, list[str]]] = Field(
        default={name: [f"http://127.0.0.1:{port}"] for port, name in enumerate(SERVICES, FIRST_PORT)},
        description="gateway: the origins of each service's replicas, as JSON; a name may stand for several addresses",
    )
    oidc_key: Path | None = Field(
        default=None, description="gateway: where the embedded issuer keeps its key; else in memory"
    )


class Gateway:
    """The ASGI application."""

    def __init__(self, routes: Mapping[str, Sequence[str]], issuer: FastAPI | None = None) -> None:
        """Raises ValueError if a service has no route, or one is no http origin."""
        missing = {DEFAULT, *PREFIXED} - {service for service, origins in routes.items() if origins}
        if missing:
            raise ValueError(f"It names no replica of {', '.join(sorted(missing))}")
        self._replicas = {service: Replicas(service, origins) for service, origins in routes.items()}
        self._issuer = issuer
        self._forwarder: Forwarder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's matter."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    def end_streams(self) -> None:
        """End what has no end, so that the process can; safe within a signal's handler."""
        if self._forwarder is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._forwarder.end_streams)

    async def ready(self) -> dict[str, bool]:
        """Whether each service has a replica that is ready."""
        services = list(self._replicas)
        return dict(zip(services, await asyncio.gather(*map(self._has_ready, services)), strict=True))

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        if first in PREFIXED:
            assert self._forwarder is not None
            await self._forwarder.forward(self._replicas[first], scope, receive, send)
        elif path in ("/health/live", "/health/ready", "/metrics"):
            await (await self._own(path))(scope, receive, send)
        elif first == "oidc" and self._issuer is not None:
            await self._issuer(scope, receive, send)
        else:
            assert self._forwarder is not None
            await self._forwarder.forward(self._replicas[DEFAULT], scope, receive, send)

    async def _own(self, path: str) -> Response:
        if path == "/metrics":
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
        if path == "/health/live":
            return JSONResponse({"status": "live"})
        services = await self.ready()
        ready = all(services.values())
        return JSONResponse({"status": "ready" if ready else "not ready", "services": services}, 200 if ready else 503)

    async def _has_ready(self, service: str) -> bool:
        assert self._forwarder is not None
        replicas = await self._replicas[service].all()
        return any(await asyncio.gather(*map(self._forwarder.healthy, replicas)))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            self._loop = asyncio.get_running_loop()
            self._forwarder = Forwarder()
            stack.push_async_callback(self._forwarder.close)
            if self._issuer is not None:
                await stack.enter_async_context(self._issuer.router.lifespan_context(self._issuer))
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


class GatewayServer(Server):
    """A server that first ends the streams which would keep it from stopping."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or Ctrl-C."""
        super().handle_exit(sig, frame)
        self._gateway.end_streams()


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    try:
        settings = GatewaySettings()
    except ValidationError as error:
        sys.exit(refused(GatewaySettings, error))
    log.configure("gateway", form=settings.log_format, level=settings.log_level)
    for sentence in unknown(os.environ):
        logger.warning("unknown_setting", reason=sentence)
    local = settings.auth is AuthMode.LOCAL
    issuer = embedded_issuer(settings, settings.oidc_key, settings.routes.get("registry", [])) if local else None
    try:
        gateway = Gateway(settings.routes, issuer)
    except ValueError as error:
        sys.exit(f"GUATU_ROUTES is refused: {error}.")
    logger.info("started", port=settings.port, routes=settings.routes, embedded_issuer=local)
    config = uvicorn.Config(gateway, host=settings.host, port=settings.port, **SERVER)
    uvloop.run(GatewayServer(config, gateway).serve())


if __name__ == "__main__":
    main()
