"""The store: streams, events, outbox, log, commands; the views' offsets and parked events; rights and triggers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = ("events", "log", "commands")


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("topic_versions", JSONB, nullable=False, comment="{topic: events of this stream in it}"),
        sa.Column("head", sa.LargeBinary, nullable=False, comment="the hash chain's head"),
        postgresql_with={"fillfactor": "70"},
        comment="one row a stream: what an append is compared with",
    )
    op.create_table(
        "events",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="canonical bytes: stored, hashed and published"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        comment="the facts: INSERT and SELECT only",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, comment="where to publish; by the key's hash if null"),
        comment="what is not yet confirmed by Kafka; a row is deleted once it is",
    )
    op.create_table(
        "log",
        sa.Column("pos", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("stream", "version"),
        comment="dense positions, given by the relay in the order of publishing",
    )
    op.create_table(
        "commands",
        sa.Column("command_id", sa.Uuid, primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="of the command's content"),
        sa.Column("reply", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        comment="the same command again gets the same reply",
    )
    op.create_table(
        "offsets",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, comment="the view's version: each has its own table"),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False, comment="the first offset that is not yet in the view"),
        sa.Column("day", sa.Date, comment="the last DayBegan of this topic and partition"),
        sa.Column(
            "live",
            sa.Boolean,
            nullable=False,
            server_default=sa.true(),
            comment="false: superseded, may not fold",
        ),
        sa.Column("stopped", sa.Text, comment="why the partition stands still"),
        comment="how far each view has come, written in the view's own transaction",
    )
    op.create_table(
        "parked",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("view", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("topic_version", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("view", "version", "key", "topic", "topic_version"),
        comment="events that could not be folded, and the later ones of their keys, in order",
    )
    refuse_changes_of_the_past()
    grant_what_a_service_needs()


def refuse_changes_of_the_past() -> None:
    """Even the owner's UPDATE, DELETE and TRUNCATE are refused; only dropping the trigger first would do it."""
    op.execute("""
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% of % is refused: facts are never changed', tg_op, tg_table_name
                using errcode = 'insufficient_privilege';
        end $$
    """)
    for table in INSERT_ONLY:
        op.execute(
            f"create trigger {table}_are_facts before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def grant_what_a_service_needs() -> None:
    """The services' role: it may add facts, never change them; views are its own, in a schema of their own."""
    op.execute("grant usage on schema public to guatu_app")
    op.execute("grant select, insert on events, log, commands to guatu_app")
    op.execute("grant select, insert, update on streams to guatu_app")
    op.execute("grant select, insert, delete on outbox to guatu_app")
    op.execute("grant select, insert, update, delete on offsets, parked to guatu_app")
    op.execute("create schema views authorization guatu_app")
