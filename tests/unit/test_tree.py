"""Which county a unit lies in is said by the units above it."""

import pytest

from shared.tree import county_among


@pytest.mark.parametrize(
    ("above", "county"),
    [
        (("340822", "340800", "340000"), "340822"),
        (("340822100", "340822", "340800", "340000"), "340822"),
        (("340871", "340800", "340000"), "340871"),
        (("340822400", "340822", "340800"), "340822"),
        (("340822100008", "340828100", "340828", "340800"), "340828"),
        (("340800", "340000"), "340800"),
        (("340000",), "340000"),
        ((), None),
    ],
)
def test_a_unit_lies_in_the_nearest_county_above_it_or_right_below_its_city(
    above: tuple[str, ...], county: str | None
) -> None:
    assert county_among(above) == county
