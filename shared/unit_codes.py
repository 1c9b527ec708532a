"""The codes that commands name a county by: a refusal says that it is another unit's."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.contracts.divisions import Rank, rank_of
from shared.contracts.values import UnitCode


def _of_a_county(code: str) -> str:
    if rank_of(code) is not Rank.COUNTY:
        raise PydanticCustomError("not_a_county", "{unit} is not the code of a county or district", {"unit": code})
    return code


COUNTY_CODE = r"^\d{4}([1-9]\d|0[1-9])$"
CountyCode = Annotated[
    UnitCode, AfterValidator(_of_a_county), WithJsonSchema({"type": "string", "pattern": COUNTY_CODE})
]
"""A county, a district, or a zone of that rank."""
