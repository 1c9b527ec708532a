"""The services' settings in a table, those of all and those of one; secrets masked."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr, ValidationError
from pydantic_core import to_json
from pydantic_settings import BaseSettings

from infra.gateway import GatewaySettings
from infra.stack.failure import StackError
from shared.issuer import Reach
from shared.settings import Settings, refused, unknown, variable_of

_MASK = "********"

EVERY: Sequence[type[BaseSettings]] = (Settings, Reach, GatewaySettings)
"""Those of services, and the gateway's beside them."""


def effective(environment: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """A row a setting: variable, value, "environment" or "default", what it is.

    StackError names each value that is refused.
    """
    rows: dict[str, tuple[str, str, str, str]] = {}
    for model in EVERY:
        for row in _effective(model, environment):
            rows.setdefault(row[0], row)
    return list(rows.values())


def require_settings(environment: Mapping[str, str]) -> None:
    """Refuse what the local stack's processes would be given of an environment and refuse, or not know.

    Servers and sign-in that are not named are the stack's own. StackError has a line for each variable.
    """
    if lines := unknown(environment):
        raise StackError("\n".join(lines))
    effective({"GUATU_AUTH": "local"} | {name: value for name, value in environment.items() if value})


def _effective(model: type[BaseSettings], environment: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    given = {
        name: environment[variable] for name in model.model_fields if (variable := variable_of(name)) in environment
    }
    try:
        settings = model.model_validate(given)
    except ValidationError as error:
        raise StackError(refused(model, error)) from error
    for name, field in model.model_fields.items():
        origin = "environment" if name in given else "default"
        value = getattr(settings, name)
        shown = given.get(name, to_json(field.default).decode()) if isinstance(value, dict) else masked(value)
        yield variable_of(name), shown, origin, field.description or ""


def masked(value: object) -> str:
    """A value for people to read: of a secret nothing but, in a URL, what is no password."""
    if not isinstance(value, SecretStr):
        return "" if value is None else str(value)
    secret = value.get_secret_value()
    parts = re.fullmatch(r"([a-z+0-9]+://)(?:([^:@/]*)(:.*)?@)?([^@?]*)(\?.*)?", secret)
    if parts is None:
        return _MASK if secret else ""
    scheme, user, password, place, options = parts.groups()
    login = f"{user}{':' + _MASK if password else ''}@" if user is not None else ""
    return f"{scheme}{login}{place}{'?' + _MASK if options else ''}"
