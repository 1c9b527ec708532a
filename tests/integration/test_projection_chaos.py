"""The view keeps its promises while its processes are killed and shared, and the topics bring copies and poison."""

from pathlib import Path

from shared.database import Database
from tests.chaos import projection


async def test_rows_are_a_fold_of_what_was_sent_whoever_was_killed(
    database: Database, kafka: str, tmp_path: Path
) -> None:
    sent, members, went_back = await projection.run(database.url, kafka, tmp_path)
    assert await projection.check(database, sent) == []
    assert went_back == 0
    assert members.killed == 3
    assert (members.ended_well, members.ended_badly) == (2, 0)
    assert sent.messages > projection.KEYS * projection.VERSIONS * 2
