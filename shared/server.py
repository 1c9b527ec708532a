"""The HTTP server of every process: it stops when told to, and takes no head of more than a limit."""

import signal
from types import FrameType
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.errors import BadRequest, HeadTooLarge
from shared.problems import MEDIA_TYPE, document

_AROUND = b": \r\n"
"""What stands around a header's name and value."""
HEAD_LIMIT = 16_384
"""Bytes of a request's address and headers."""


class Protocol(HttpToolsProtocol):
    """Uvicorn's, which would take heads and trailers of any length, and says in plain text what is no HTTP."""

    _head = 0
    """Bytes of the address and the headers that are known of the present request, and of its trailers."""
    _unread = 0
    """Bytes that came and completed neither a head nor a request, nor were of a body."""

    def data_received(self, data: bytes) -> None:
        """What arrived."""
        self._unread += len(data)
        super().data_received(data)
        if max(self._head, self._unread) > HEAD_LIMIT and not self.transport.is_closing():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._counted(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header or a trailer is whole."""
        self._counted(name + value + _AROUND)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._unread = 0
        super().on_message_complete()

    def _counted(self, part: bytes) -> None:
        self._head += len(part)
        if self._head > HEAD_LIMIT:
            raise HeadTooLarge("head_too_large")

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, and hang up."""
        too_large = max(self._head, self._unread) > HEAD_LIMIT
        limit: dict[str, object] = {"limit": HEAD_LIMIT}
        error = HeadTooLarge("head_too_large", None, limit) if too_large else BadRequest("malformed_request")
        body = orjson.dumps(document(error, "zh"))
        head = f"HTTP/1.1 {error.status} \r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode() + body)
        self.transport.close()


SERVING: dict[str, Any] = {
    "http": Protocol,
    "lifespan": "on",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 5,
}
"""How uvicorn serves every process."""


class Server(uvicorn.Server):
    """Uvicorn, which would end a process that has stopped cleanly by the same signal once more: status 143."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or Ctrl-C: let what runs finish; a second Ctrl-C does not wait for it."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
