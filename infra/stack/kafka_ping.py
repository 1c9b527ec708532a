"""The two questions that tell whether a broker is ready: ApiVersions and Metadata, spoken by hand.

A client library would retry, log and want an event loop; the answer wanted here is yes or no, now.
https://kafka.apache.org/protocol: request header v1, ApiVersions v0, Metadata v1.
"""

import socket
import struct

_API_VERSIONS = 18
_METADATA = 3
_CLIENT = b"guatu"
_NO_TOPICS = struct.pack(">i", 0)


def answers(host: str, port: int) -> bool:
    """Whether the broker at this address answers both and names at least one live broker."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            (error,) = struct.unpack_from(">h", _ask(connection, _API_VERSIONS, 0, b""))
            (brokers,) = struct.unpack_from(">i", _ask(connection, _METADATA, 1, _NO_TOPICS))
            return error == 0 and brokers > 0
    except (OSError, EOFError, struct.error):
        return False


def _ask(connection: socket.socket, api: int, version: int, body: bytes) -> bytes:
    """Send one request; returns the answer's body, without its correlation id."""
    request = struct.pack(">hhih", api, version, 0, len(_CLIENT)) + _CLIENT + body
    connection.sendall(struct.pack(">i", len(request)) + request)
    (size,) = struct.unpack(">i", _exactly(connection, 4))
    return _exactly(connection, size)[4:]


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
