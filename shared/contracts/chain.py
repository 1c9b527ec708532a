"""The hash chain of a stream: who holds a head can prove every event before it.

h0 = SHA-256("guatu-stream/v1\\n" source "\\n" stream), h(v) = SHA-256(0x02 h(v-1) SHA-256(body of v)).
"""

from collections.abc import Iterable
from hashlib import sha256


def genesis(source: str, stream: str) -> bytes:
    """The head of a stream without events; source and stream are the events' own `source` and `subject`."""
    return sha256(f"guatu-stream/v1\n{source}\n{stream}".encode()).digest()


def extend(head: bytes, bodies: Iterable[bytes]) -> bytes:
    """The head after these events, in their order."""
    for body in bodies:
        head = sha256(b"\x02" + head + sha256(body).digest()).digest()
    return head
