"""One hierarchy of errors. What a caller may see has a status and a code; texts are in two languages."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar


@dataclasses.dataclass
class GuatuError(Exception):
    """An error with a name: `code` selects its texts (shared/problems.py), `field` the place that is wrong.

    `besides` are errors of other places that were found with it, so that all can be mended at once.
    """

    code: str
    field: str | None = None
    detail: dict[str, object] = dataclasses.field(default_factory=dict[str, object])
    besides: "tuple[GuatuError, ...]" = ()

    status: ClassVar[int] = 500

    def __str__(self) -> str:
        place = f" at {self.field}" if self.field else ""
        return f"{self.code}{place} {self.detail or ''}".rstrip()


class BadRequest(GuatuError):
    """The request has no readable shape."""

    status = 400


class Unauthenticated(GuatuError):
    """Who is asking is not known."""

    status = 401


class Forbidden(GuatuError):
    """Who is asking may not do this here."""

    status = 403


class NotFound(GuatuError):
    """There is no such thing within the caller's sight."""

    status = 404


class RuleViolation(GuatuError):
    """A rule of the domain forbids the command in the present state."""

    status = 409


class IdReuse(GuatuError):
    """The same Idempotency-Key came with another body."""

    status = 409


class StaleVersion(GuatuError):
    """If-Match names a version that is no longer the present one; `detail["version"]` is."""

    status = 412


class TooLarge(GuatuError):
    """The body is longer than is taken."""

    status = 413


class InvalidValue(GuatuError):
    """A field's value is not allowed."""

    status = 422


class HeadTooLarge(GuatuError):
    """A request's address and headers are longer than is taken."""

    status = 431


class NotReady(GuatuError):
    """For now it cannot be answered: come again."""

    status = 503


def require(holds: bool, code: str, *, field: str | None = None, **detail: object) -> None:
    """Raise RuleViolation(code, field) unless the rule holds."""
    if not holds:
        raise RuleViolation(code, field, detail)


def refuse_all(broken: Sequence[GuatuError]) -> None:
    """Raise the first of these, if there are any, with the others besides."""
    if broken:
        first, *others = broken
        first.besides = tuple(others)
        raise first
