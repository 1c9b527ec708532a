"""Which errors say that a part of the platform is away for now, so that the same request may succeed later."""

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_AWAY = (
    ConnectionError,
    TimeoutError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    KafkaError,
)


def is_outage(error: BaseException) -> bool:
    """Whether an error, or what caused it, is a lost connection, a server on its way down or up or full, a timeout.

    For telling a caller to come again, not for deciding what was written: a torn connection shows itself in more
    ways than these.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _AWAY) or (isinstance(cause, DBAPIError) and cause.connection_invalidated):
            return True
        cause = cause.__cause__
    return False
