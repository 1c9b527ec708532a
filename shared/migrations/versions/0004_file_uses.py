"""Which streams name a kept file: it is erased when the last of them lets it go."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAMED = """
insert into file_uses(digest, stream)
select decode(digest, 'hex'), stream from (
  select distinct on (stream, digest) stream, digest, type
  from (
    select stream, version, type, convert_from(body, 'UTF8')::jsonb #>> '{data,digest}' as digest
    from events
    where type in ('cn.guatu.progress.attachment-added.v1', 'cn.guatu.progress.attachment-erased.v1')
  ) facts
  order by stream, digest, version desc
) last
where type = 'cn.guatu.progress.attachment-added.v1'
"""


def upgrade() -> None:
    op.create_table(
        "file_uses",
        sa.Column("digest", sa.LargeBinary, primary_key=True, comment="of the file"),
        sa.Column("stream", sa.Text, primary_key=True, comment="whose events name it, and have not erased it"),
        comment="what files are kept for",
    )
    op.execute("grant select, insert, delete on file_uses to guatu_app")
    op.execute(_NAMED)
