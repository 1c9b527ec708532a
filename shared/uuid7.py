"""UUIDv7 (RFC 9562): ids that sort by the time they were made."""

import secrets
from datetime import datetime
from hashlib import sha256
from time import time_ns
from uuid import UUID


def uuid7() -> UUID:
    """48 bits of milliseconds, then 74 random bits."""
    return _made(time_ns() // 1_000_000, secrets.randbits(74))


def uuid7_of(moment: datetime, name: bytes) -> UUID:
    """The id of what is named so and belongs to a moment: 74 bits of the name's SHA-256 stand for the random ones."""
    return _made(int(moment.timestamp()) * 1000, int.from_bytes(sha256(name).digest()[:10]) >> 6)


def _made(milliseconds: int, random: int) -> UUID:
    high = (milliseconds << 16) | 0x7000 | (random >> 62)
    low = (0b10 << 62) | (random & ((1 << 62) - 1))
    return UUID(int=(high << 64) | low)
