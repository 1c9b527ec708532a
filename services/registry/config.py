"""What the registry's rules leave to the operator."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts.months import LAST_REPORT_DAY, REPORT_DAY


class RuleSettings(BaseSettings):
    """Judgements of the domain; each becomes a part of the fact that it bears on."""

    model_config = SettingsConfigDict(env_prefix="GUATU_", extra="ignore", frozen=True)

    report_day: int = Field(
        default=REPORT_DAY,
        ge=1,
        le=LAST_REPORT_DAY,
        description="registry: the day of the next month on which a report is due, for plans approved from now on",
    )
