"""The store keeps its promises while its writers are killed and cut off."""

from pathlib import Path

from shared.database import Database
from tests.chaos import store


async def test_nothing_acknowledged_is_lost_nothing_is_doubled_nothing_is_half(
    database: Database, tmp_path: Path
) -> None:
    did = await store.run(database.url, tmp_path / "notes", seconds=12)
    wrong, seen = await store.check(database.url, tmp_path / "notes")
    assert wrong == []
    assert min(did["killed"], did["ended"]) > 0
    assert min(seen["ok"], seen["unknown"]) > 100
