"""The account that PostgreSQL runs as: ours, or `nobody` where we are root, which it refuses."""

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from infra.stack.failure import StackError

_STAND_IN = "nobody"  # on every system; making an account would outlive the stack


def as_server(command: Sequence[str], *folders: Path) -> list[str]:
    """The command as the server's account; `folders` are those that it must be able to enter.

    Where one lies behind a folder closed to others, such as /root, the process gets the capability to
    pass it, rather than that folder's mode being loosened.
    """
    if os.geteuid() != 0:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "PostgreSQL refuses to run as root, and `setpriv` (package util-linux) is missing. "
            "Install it, work as an ordinary user, or name a database server of your own in GUATU_DATABASE."
        )
    account = pwd.getpwnam(_STAND_IN)
    identity = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    passage = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [setpriv, *identity, *([] if _open_to_others(folders) else passage), *command]


def give(path: Path) -> None:
    """Make the server's account the owner of a file or folder."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(_STAND_IN)
        os.chown(path, account.pw_uid, account.pw_gid)


def _open_to_others(folders: Sequence[Path]) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for folder in folders for place in (folder, *folder.parents))
