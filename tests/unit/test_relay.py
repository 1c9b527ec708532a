"""The relay's choice of a partition is that of every Java client; its pauses stay short however long an outage is."""

import pytest

from shared.contracts.topics import PARTITIONS
from shared.partition import partition_of
from shared.relay import LONGEST_PAUSE, pause_after

# From the tests of Apache Kafka's Utils.murmur2.
JAVAS_HASHES = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), JAVAS_HASHES.items())
def test_a_key_goes_to_the_partition_that_javas_clients_choose(key: str, hashed: int) -> None:
    assert partition_of(key) == (hashed & 0x7FFFFFFF) % PARTITIONS


@pytest.mark.parametrize("failures", [1, 2, 3, 10, 100_000])
def test_a_pause_is_never_nothing_and_never_longer_than_the_longest(failures: int) -> None:
    pauses = {pause_after(failures) for _ in range(100)}
    assert 0.05 <= min(pauses) < max(pauses) <= LONGEST_PAUSE
