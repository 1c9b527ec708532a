"""The database of a service: one SQLAlchemy engine, and its driver's own connections for the hot statements."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import orjson
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

APP_ROLE = "guatu_app"
"""The role that the services act as: it may add facts and read them, and owns nothing but the views."""


def database_name(service: str) -> str:
    """The database of a service on the server that all may share."""
    return f"guatu_{service}"


def database_url(server_url: str, service: str) -> str:
    """The URL of a service's database on the server that `server_url` names."""
    return make_url(server_url).set(database=database_name(service)).render_as_string(hide_password=False)


def engine_url(url: str) -> str:
    """The same URL for SQLAlchemy's asyncpg dialect."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def driver_url(url: str) -> str:
    """The same URL for asyncpg itself."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


SESSION = {"role": APP_ROLE, "plan_cache_mode": "force_generic_plan", "timezone": "UTC"}
"""Each session acts as the services' role; generic plans keep the set-based statements from being planned anew."""

KEYED = {"enable_seqscan": "off"}
"""For sessions whose statements all look up by key: a plan that was made while a table was empty would read it whole
for as long as the session keeps it."""
KEYED_HERE = "set local enable_seqscan = off"
"""The same for a transaction of a session that has other statements too."""

PLANNED_HERE = text("set local plan_cache_mode = force_custom_plan")
"""For a transaction whose statements are planned for the values that they are asked with: what a filter finds may be
everything or nothing, and no one plan is quick for both."""


class Database:
    """A pool of connections to one service's database, all acting as the role `guatu_app`."""

    def __init__(self, url: str, *, name: str, size: int = 10) -> None:
        """`name` is the application name that the server shows of its sessions; `size` connections, no more."""
        self.url = url
        self.name = name
        self.engine: AsyncEngine = create_async_engine(
            engine_url(url),
            pool_size=size,
            max_overflow=0,
            pool_timeout=10,
            json_serializer=_json,
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {**SESSION, "application_name": name}, "command_timeout": 30},
        )
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def core(self) -> AsyncGenerator[AsyncConnection]:
        """A Core connection within a transaction: for lists, and what takes several statements (see PLANNED_HERE)."""
        async with self.engine.begin() as connection:
            await connection.execute(PLANNED_HERE)
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A Core connection in autocommit, for a query of one statement: it saves BEGIN and COMMIT."""
        async with self._reading.connect() as connection:
            yield connection

    @asynccontextmanager
    async def driver(self) -> AsyncGenerator[asyncpg.Connection]:
        """The driver's connection out of the same pool, in autocommit: for the hot statements."""
        async with self.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert isinstance(driver, asyncpg.Connection)
            try:
                yield driver
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
                await connection.invalidate()
                raise

    @asynccontextmanager
    async def keyed(self) -> AsyncGenerator[asyncpg.Connection]:
        """The driver's connection within a transaction whose statements all look up by key (see KEYED)."""
        async with self.driver() as connection, connection.transaction():
            await connection.execute(KEYED_HERE)
            yield connection

    async def dedicated(self, **settings: str) -> asyncpg.Connection:
        """A connection outside of the pool, for statements that look up by key; the caller closes it.

        `settings` are further ones of the session.
        """
        return await asyncpg.connect(
            driver_url(self.url),
            server_settings={**SESSION, **KEYED, "application_name": self.name, **settings},
            command_timeout=30,
        )

    async def dispose(self) -> None:
        """Close the pool."""
        await self.engine.dispose()
