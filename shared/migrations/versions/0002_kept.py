"""What is kept beside the facts and can be erased: files by the hash of their content, and persons' data."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("digest", sa.LargeBinary, primary_key=True, comment="SHA-256 of the body"),
        sa.Column("kept_by", sa.Text, primary_key=True, comment="the person who sent it, who alone may have it named"),
        sa.Column("media_type", sa.Text, nullable=False, comment="as its content says"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        comment="what events name by its hash",
    )
    op.execute("alter table files alter column body set storage external")
    op.create_table(
        "personal",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        comment="what events name by a salted hash",
    )
    op.execute("grant select, insert, delete on files, personal to guatu_app")
