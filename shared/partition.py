"""Which partition a key's messages are in, as Java's clients choose it."""

from functools import lru_cache

from aiokafka.partitioner import murmur2

from shared.contracts.topics import PARTITIONS


@lru_cache(maxsize=16_384)
def partition_of(key: str) -> int:
    """The partition of a message's key, which is its stream."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS
