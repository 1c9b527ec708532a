"""The token by which a query names what it must know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.at_least import At
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.errors import InvalidValue
from shared.store import at_token
from tests.boards import BOARD

TOKEN = "project-0192f0c0-0000-7000-8000-000000000001@progress=3,project=5"


def test_a_token_names_a_stream_and_its_versions_by_topic() -> None:
    at = At.parse(TOKEN)
    assert at.stream == "project-0192f0c0-0000-7000-8000-000000000001"
    assert at.versions == {Topic.PROGRESS: 3, Topic.PROJECT: 5}


@given(
    st.from_regex(r"[a-z]{1,12}-[a-z0-9-]{1,40}", fullmatch=True),
    st.dictionaries(st.sampled_from(Topic), st.integers(1, 10**9 - 1), min_size=1),
)
def test_what_a_reply_says_is_read_as_it_was_meant(stream: str, versions: dict[Topic, int]) -> None:
    token = at_token(stream, {topic.value: version for topic, version in versions.items()})
    at = At.parse(token)
    assert (at.stream, at.versions) == (stream, versions)
    assert str(at) == token


@pytest.mark.parametrize(
    "token",
    [
        "",
        "project-1",
        "project-1@",
        "@project=1",
        "project@project=1",
        "project-1@weather=1",
        "project-1@project",
        "project-1@project=",
        "project-1@project=-1",
        "project-1@project=1.5",
        "project-1@project=1,",
        "project-1@project=1,project=2",
        "project-1@project=12345678901",
        "project-1 @project=1",
        "project-1@project=1;drop",
        "x" * 10_000 + "-1@project=1",
        "project-" + "1" * 300 + "@project=1",
    ],
)
def test_any_other_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        At.parse(token)
    assert (refusal.value.code, refusal.value.field) == ("not_a_position", "Guatu-At-Least")


def test_a_view_is_asked_for_what_it_folds_alone() -> None:
    at = At(StreamId("project-1"), {Topic.PROGRESS: 3, Topic.ALERT: 2})
    assert at.wanted(BOARD) == {Topic.PROGRESS: 3}
    assert At(StreamId("campaign-1"), {Topic.PROGRESS: 3}).wanted(BOARD) == {}
