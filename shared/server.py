"""The HTTP server of every process: it stops when told to, and the process then ends with status 0."""

import signal
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn, which would end a process that has stopped cleanly by the same signal once more: status 143."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or Ctrl-C: let what runs finish; a second Ctrl-C does not wait for it."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
