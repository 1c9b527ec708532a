"""The tables that every service's database has: the store, insert-only, and the book-keeping of its views."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

streams = Table(
    "streams",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic_versions", JSONB, nullable=False, comment="{topic: events of this stream in it}"),
    Column("head", LargeBinary, nullable=False, comment="the hash chain's head"),
    postgresql_with={"fillfactor": "70"},
    comment="one row a stream: what an append is compared with",
)

events = Table(
    "events",
    metadata,
    Column("stream", Text),
    Column("version", Integer),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="canonical bytes: stored, hashed and published"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("stream", "version"),
    comment="the facts: INSERT and SELECT only",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("stream", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", SmallInteger, comment="where to publish; by the key's hash if null"),
    comment="what is not yet confirmed by Kafka; a row is deleted once it is",
)

log = Table(
    "log",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("stream", "version"),
    comment="dense positions, given by the relay in the order of publishing",
)

commands = Table(
    "commands",
    metadata,
    Column("command_id", Uuid, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of the command's content"),
    Column("reply", LargeBinary, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="the same command again gets the same reply",
)

offsets = Table(
    "offsets",
    metadata,
    Column("view", Text),
    Column("version", Integer, comment="the view's version: each has its own table"),
    Column("partition", SmallInteger),
    Column("topic", Text),
    Column("next", BigInteger, nullable=False, comment="the first offset that is not yet in the view"),
    Column("day", Date, comment="the last DayBegan of this topic and partition"),
    Column("live", Boolean, nullable=False, server_default=true(), comment="false: superseded, may not fold"),
    Column("stopped", Text, comment="why the partition stands still"),
    PrimaryKeyConstraint("view", "version", "partition", "topic"),
    comment="how far each view has come, written in the view's own transaction",
)

parked = Table(
    "parked",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("view", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("view", "version", "key", "topic", "topic_version"),
    comment="events that could not be folded, and the later ones of their keys, in order",
)
