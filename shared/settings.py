"""The settings of a process, from the environment alone (prefix GUATU_)."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import from_json
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.contracts.months import LAST_REPORT_DAY, REPORT_DAY
from shared.contracts.values import UnitCode
from shared.lamps import Thresholds
from shared.server_url import FORM, names_postgresql

T = TypeVar("T")


def _decoded(value: object) -> object:
    try:
        return from_json(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"It is not JSON: {error}") from error


AsJson = Annotated[T, NoDecode, BeforeValidator(_decoded)]
"""A setting that is written as JSON."""


class AuthMode(StrEnum):
    """`oidc`: an issuer of the operator's; `local`: the embedded issuer with its demo persons."""

    OIDC = "oidc"
    LOCAL = "local"


class ClockMode(StrEnum):
    """`scenario`: times and days are told by a scenario; refused unless sign-in is local."""

    REAL = "real"
    SCENARIO = "scenario"


class Rules(BaseSettings):
    """Judgements of the domain that are left to the operator: what a service's commands and views are made with.

    A county's thresholds are those of its projects' lamps and of its own wall, a city's or province's those of its
    wall. A changed one counts for a project from its next event, or the next day on which its lamp may change.
    """

    model_config = SettingsConfigDict(env_prefix="GUATU_", extra="ignore", frozen=True)

    report_day: int = Field(
        default=REPORT_DAY,
        ge=1,
        le=LAST_REPORT_DAY,
        description=f"registry: the day, 1 to {LAST_REPORT_DAY}, of the next month on which a report is due, "
        "for plans approved from now on",
    )
    extension_days: int = Field(
        default=30,
        ge=1,
        le=366,
        description="registry: by how many days at most a milestone's or problem's due day is extended",
    )
    review_days: int = Field(
        default=10,
        ge=1,
        le=366,
        description="registry: within how many days a plan that was submitted is reviewed, as the review desk shows",
    )
    lamp_thresholds: AsJson[dict[UnitCode, Thresholds]] = Field(
        default={},
        description="alerts and reporting: when lamps change, JSON by county; of "
        '{"340822": {"yellow": "10", "red": "30", "start_months": 3, "near_days": 7}} what is not named is as here',
    )


class Settings(Rules):
    """All that may be configured of a process. Every field is the variable GUATU_<NAME>."""

    kafka: str = Field(default="127.0.0.1:9092", description="bootstrap servers, host:port, with commas between")
    database: SecretStr = Field(
        default=SecretStr("postgresql://postgres@127.0.0.1:5432"),
        description="the PostgreSQL server; each service has the database guatu_<service> on it",
    )
    host: str = Field(default="127.0.0.1", description="where to listen")
    port: int = Field(
        default=8001, ge=1, le=65535, description="where to listen; each process of a machine has its own"
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="the origin that people see: the gateway's")
    auth: AuthMode = Field(default=AuthMode.OIDC, description="oidc or local")
    issuer: str = Field(default="", description="the OpenID Connect issuer; with local sign-in <public_url>/oidc")
    audience: str = Field(default="guatu", description="the audience that a token must name")
    client_id: str = Field(default="guatu", description="this platform's client id at the issuer")
    client_secret: SecretStr | None = Field(default=None, description="its secret, if the issuer wants one")
    session_key: SecretStr | None = Field(
        default=None, description="signs the pages' cookie; the same for all replicas"
    )
    bootstrap_admin: str = Field(default="", description="a person who is platform_admin until one is appointed")
    clock: ClockMode = Field(default=ClockMode.REAL, description="real or scenario")
    log_format: str = Field(default="auto", pattern="^(auto|json|text)$", description="auto: text on a terminal")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR"
    )
    body_limit: int = Field(
        default=1_000_000, ge=1000, description="bytes of a request's body; bulk takes ten times that"
    )
    file_limit: int = Field(default=10_000_000, ge=1000, description="bytes of a file that is added to a project")
    file_days: int = Field(
        default=2,
        ge=1,
        le=366,
        description="registry: days after which a file that was sent and never named is removed",
    )
    pool_size: int = Field(default=16, ge=8, description="database connections of a process, beside some of its own")
    late_after: int = Field(
        default=31, ge=0, le=366, description="days back from which on only a reviewer, with a reason, dates a fact"
    )
    map_approval: str = Field(default="", description="审图号 of the maps, shown on the wall")

    @field_validator("database")
    @classmethod
    def _database_is_postgresql(cls, url: SecretStr) -> SecretStr:
        if not names_postgresql(url.get_secret_value()):
            raise ValueError(FORM)
        return url

    @model_validator(mode="after")
    def _scenario_time_needs_local_sign_in(self) -> Self:
        if self.clock is ClockMode.SCENARIO and self.auth is not AuthMode.LOCAL:
            raise ValueError("GUATU_CLOCK=scenario is refused unless GUATU_AUTH=local")
        if self.auth is AuthMode.OIDC and not self.issuer:
            raise ValueError("GUATU_ISSUER must name the OpenID Connect issuer, or GUATU_AUTH=local be set")
        return self

    @cached_property
    def issuer_url(self) -> str:
        """The issuer as tokens must name it."""
        return self.issuer or f"{self.public_url}/oidc"


def variable_of(name: str) -> str:
    """The variable that a setting is read from."""
    return f"GUATU_{name.upper()}"


BESIDE = frozenset(
    {
        "GUATU_DATABASE_OWNER",
        "GUATU_HOME",
        "GUATU_IMAGE",
        "GUATU_ISSUER_INTERNAL",
        "GUATU_KAFKA_PORT",
        "GUATU_KAFKA_REPLICATION",
        "GUATU_OIDC_KEY",
        "GUATU_POSTGRES_PASSWORD",
        "GUATU_ROUTES",
        "GUATU_TOKEN",
    }
)
"""Variables beside those of `Settings`: of the gateway, the command line and the containers."""


def unknown(variables: Iterable[str]) -> list[str]:
    """A sentence for each variable GUATU_… that no setting has, with the nearest one that there is."""
    known = BESIDE | {variable_of(name) for name in Settings.model_fields}
    return [_no_setting(each, known) for each in sorted(variables) if each.startswith("GUATU_") and each not in known]


def _no_setting(variable: str, known: Collection[str]) -> str:
    nearest = get_close_matches(variable, sorted(known), 1)
    return f"{variable} is no setting; {f'there is {nearest[0]}' if nearest else 'guatu settings shows all'}."


def refused(model: type[BaseSettings], error: ValidationError) -> str:
    """Why settings are refused: a line each with its variable and what it is to be.

    The values are not among it: they may be secret.
    """
    lines: list[str] = []
    for each in error.errors(include_input=False):
        reason = each["msg"].removeprefix("Value error, ")
        if each["loc"]:
            name, *place = map(str, each["loc"])
            where = " ".join([variable_of(name), *filter(None, [".".join(place)])])
            reason = f"{where} is refused: {reason} ({model.model_fields[name].description})."
        lines.append(reason)
    return "\n".join(lines)
