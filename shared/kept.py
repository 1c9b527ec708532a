"""What is kept beside the facts and can be erased: files by the hash of their content, persons' data by a salted one.

Events hold the hashes alone. So the log stays provable when something is erased: who has the file, or the value and
its salt, can show that it is the one that the event names; who has only the log can read nothing out of it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import filetype

if TYPE_CHECKING:
    import asyncpg

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is kept; `digest` is the SHA-256 of its content in hexadecimal digits."""

    digest: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Datum:
    """A value that is kept of a person, with the salt that its hash is made with."""

    value: str
    salt: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the salt and the value, in hexadecimal digits."""
        return sha256(self.salt + self.value.encode()).hexdigest()


def media_type_of(body: bytes) -> str | None:
    """What a file is by its content, whatever it is called; None if its content does not say."""
    return filetype.guess_mime(body)


async def keep_file(connection: "asyncpg.Connection", person: str, body: bytes, media_type: str) -> File:
    """Keep a file that a person has sent; the same content from the same person is kept once, later anew."""
    digest = sha256(body)
    key = digest.digest()
    async with connection.transaction():
        await connection.execute(_ALONE, digest.hexdigest())
        old = "delete from files where digest = $1 and kept_by = $2 and stored_at < now() - $3::interval"
        await connection.execute(old, key, person, _RENEWED)
        await connection.execute(
            "insert into files(digest, kept_by, media_type, body) values ($1, $2, $3, $4) on conflict do nothing",
            key,
            person,
            media_type,
            body,
        )
    return File(digest.hexdigest(), media_type, len(body))


async def kept_lately(connection: "asyncpg.Connection", person: str) -> int:
    """How many files a person has sent within a day."""
    lately = "select count(*) from files where kept_by = $1 and stored_at > now() - interval '1 day'"
    return await connection.fetchval(lately, person)


async def file_of(connection: "asyncpg.Connection", digest: str, person: str) -> File | None:
    """The file with this hash that the person has sent; None if none is kept, or it was erased."""
    row = await connection.fetchrow(
        "select media_type, length(body) as size from files where digest = $1 and kept_by = $2",
        bytes.fromhex(digest),
        person,
    )
    return File(digest, row["media_type"], row["size"]) if row else None


async def body_of(connection: "asyncpg.Connection", digest: str) -> bytes | None:
    """The content of a file; None if none is kept, or it was erased."""
    return await connection.fetchval("select body from files where digest = $1 limit 1", bytes.fromhex(digest))


_ALONE = "select pg_advisory_xact_lock(hashtextextended('guatu file ' || $1, 0))"
"""A file is sent, named or let go by one transaction after the other."""
_RENEWED = timedelta(hours=12)
"""How long ago a file was sent that is written anew when it is sent again: then it is kept for its days from now on."""
_UNNAMED = "stored_at < now() - $1::interval and not exists (select from file_uses u where u.digest = files.digest)"


async def use_file(connection: "asyncpg.Connection", digest: str, stream: str) -> bool:
    """Say that a stream names a file, in the transaction that appends it; False if it was erased just now."""
    key = bytes.fromhex(digest)
    await connection.execute(_ALONE, digest)
    if not await connection.fetchval("select true from files where digest = $1 limit 1", key):
        return False
    await connection.execute(
        "insert into file_uses(digest, stream) values ($1, $2) on conflict do nothing", key, stream
    )
    return True


async def erase_file(connection: "asyncpg.Connection", digest: str, stream: str) -> None:
    """Let a stream name a file no longer; its content is erased if no other stream names it."""
    key = bytes.fromhex(digest)
    await connection.execute(_ALONE, digest)
    await connection.execute("delete from file_uses where digest = $1 and stream = $2", key, stream)
    await connection.execute(
        "delete from files where digest = $1 and not exists (select from file_uses where digest = $1)", key
    )


async def remove_unnamed(connection: "asyncpg.Connection", age: timedelta) -> int:
    """Remove the files that were sent so long ago and that no stream names; returns how many there were.

    Each is looked at again once nobody else sends or names it.
    """
    gone = 0
    for row in await connection.fetch(f"select distinct digest from files where {_UNNAMED}", age):  # noqa: S608
        key: bytes = row["digest"]
        async with connection.transaction():
            await connection.execute(_ALONE, key.hex())
            let_go = f"delete from files where {_UNNAMED} and digest = $2 returning true"  # noqa: S608
            gone += len(await connection.fetch(let_go, age, key))
    return gone


def salted(value: str) -> Datum:
    """A value with a salt of its own."""
    return Datum(value, secrets.token_bytes(SALT_BYTES))


async def keep_datum(connection: "asyncpg.Connection", person: str, field: str, datum: Datum) -> None:
    """Keep a value of a person in the place of the one before."""
    await erase_datum(connection, person, field)
    await connection.execute(
        "insert into personal(person, field, value, salt) values ($1, $2, $3, $4)",
        person,
        field,
        datum.value,
        datum.salt,
    )


async def data_of_person(connection: "asyncpg.Connection", person: str) -> dict[str, Datum]:
    """What is kept of a person, by field."""
    rows = await connection.fetch("select field, value, salt from personal where person = $1 order by field", person)
    return {row["field"]: Datum(row["value"], row["salt"]) for row in rows}


async def erase_datum(connection: "asyncpg.Connection", person: str, field: str) -> None:
    """Erase a value of a person."""
    await connection.execute("delete from personal where person = $1 and field = $2", person, field)
