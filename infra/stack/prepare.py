"""`python -m infra.stack.prepare`: fetch and record ahead what the first local broker would have to."""

from infra.stack import kafka, servers
from infra.stack.folders import LIBRARY
from infra.stack.requirements import require_disk
from infra.terminal import explained

if __name__ == "__main__":
    with explained():
        if servers.named_kafka() is None:
            require_disk(LIBRARY)
            kafka.record_archive()
