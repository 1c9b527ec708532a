"""Jobs that a ledger's file has begun: how far each has come and what came of it, for whichever process is asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_jobs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("doing", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="of the file"),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("done", sa.Integer, nullable=False, server_default="0", comment="rows of the phase"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0"),
        sa.Column("outcome", sa.Text, comment="null until it is over"),
        sa.Column("report", JSONB),
        sa.Column("problem", JSONB),
        sa.Column("file", sa.LargeBinary, nullable=False, server_default="", comment="what its page still offers"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
            comment="when the process that works on it last said so",
        ),
        sa.Index("ledger_jobs_of_person", "person", "begun_at"),
        comment="ledgers that are or were worked on; forgotten after some days",
    )
    op.execute("alter table ledger_jobs alter column file set storage external")
    op.execute("grant select, insert, update, delete on ledger_jobs to guatu_app")
