"""`python -m bench [name ...]`: every measure, or the named ones, over at least five interleaved rounds."""

import gc
import sys
import tempfile
from pathlib import Path

import uvloop

from bench import appends
from infra.stack import postgres
from shared.database import Database, database_url
from shared.migrate import migrate_all_async

ROUNDS = 5
MEASURES = ("appends",)


async def main(names: list[str], owner_url: str) -> None:
    """Run the named measures on one server."""
    await migrate_all_async(owner_url, ["bench"])
    database = Database(database_url(owner_url, "bench"), name="bench", size=34)
    if "appends" in names:
        (await appends.measure(database, owner_url, ROUNDS)).show()
    await database.dispose()


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MEASURES)
    unknown = set(wanted) - set(MEASURES)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.start(Path(folder) / "postgres")
        try:
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 100)
            uvloop.run(main(wanted, server.url))
        finally:
            postgres.stop(server)
