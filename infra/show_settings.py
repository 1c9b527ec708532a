"""The services' settings in a table, secrets masked."""

import re
from collections.abc import Mapping

from pydantic import SecretStr, ValidationError

from infra.stack.failure import StackError
from shared.settings import Settings

_MASK = "********"


def effective(environment: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """A row a setting: variable, value, "environment" or "default", what it is.

    StackError names each value that is refused.
    """
    given = {
        name: environment[variable] for name in Settings.model_fields if (variable := _variable(name)) in environment
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        lines = ["The settings are refused:"]
        for each in error.errors():
            variables = [_variable(str(part)) for part in each["loc"]]
            lines.append(" ".join([*variables, each["msg"].removeprefix("Value error, ")]))
        raise StackError("\n".join(lines)) from error
    return [
        (
            _variable(name),
            masked(getattr(settings, name)),
            "environment" if name in given else "default",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


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


def _variable(name: str) -> str:
    return f"GUATU_{name.upper()}"
