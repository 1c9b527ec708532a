"""When lamps change: configuration by county, with a default, for alerts' lamps and for the colours of walls."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.values import UnitCode


class Thresholds(BaseModel):
    """When a lamp changes: points behind schedule, months until the start, days before something is due."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    yellow: Decimal = Field(default=Decimal(10), gt=0, le=100, description="yellow from so many points behind")
    red: Decimal = Field(default=Decimal(30), gt=0, le=100, description="red when more points behind than that")
    start_months: int = Field(default=3, ge=1, le=24, description="red when not started so many months after approval")
    near_days: int = Field(default=7, ge=0, le=90, description="blue when a milestone is due within so many days")

    @model_validator(mode="after")
    def _yellow_before_red(self) -> Self:
        if self.yellow > self.red:
            raise ValueError("yellow begins before red")
        return self


DEFAULT = Thresholds()
ByCounty = Mapping[UnitCode, Thresholds]
