"""How long a view that keeps up rests after a batch."""

import pytest

from shared.consume import Pace


@pytest.mark.parametrize(
    ("work", "rest"),
    [(0.0, 0.0), (0.01, 0.0), (0.03, 0.02), (5.0, 0.1)],
    ids=["nothing to do", "an idle machine", "a busy one", "no more than the longest"],
)
def test_a_view_rests_as_long_as_a_batch_took_beyond_what_is_easy(work: float, rest: float) -> None:
    assert Pace(easy=0.01, longest_rest=0.1).rest_after(work) == pytest.approx(rest)
