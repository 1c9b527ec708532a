"""Ctrl-C and its kin while a stack is being started: noted, and heeded where that is safe.

An exception raised by the signal itself can strike between starting a process and noting that it runs,
or be swallowed in a finaliser; so the signal only sets a flag, which every wait looks at.
"""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_interrupted = threading.Event()


@contextmanager
def noted() -> Generator[None]:
    """Within this an interruption, a termination or a lost terminal is noted for `heed`."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread, which keeps its own ways
        return
    _interrupted.clear()
    before = {number: signal.signal(number, _note) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _interrupted.clear()


def _note(number: int, frame: FrameType | None) -> None:
    _interrupted.set()


def heed() -> None:
    """Raise KeyboardInterrupt, in whatever thread, once an interruption was noted."""
    if _interrupted.is_set():
        raise KeyboardInterrupt
