"""Posted forms carried out as the JSON routes carry out commands: the next page on success, else the form again."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from fastapi import Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from shared.command import Command
from shared.errors import BadRequest, GuatuError, IdReuse, NotFound, StaleVersion, Unauthenticated
from shared.field_errors import field_errors
from shared.http import Sent, carry_out, read_body
from shared.kit import Kit
from shared.problems import document
from shared.web.forms import Fields, Form, Posted, content, read

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Given:
    """A command that was carried out: where its stream stands. `at` is empty if no event was needed."""

    version: int
    stream: str = ""
    at: str = ""


@dataclass(frozen=True)
class Refused:
    """A form that was not carried out, with what is wrong in Chinese, and the status of the answer."""

    form: Form
    status: int


async def posted_form(request: Request, kit: Kit) -> Posted:
    """The form of a request.

    Raises:
        BadRequest("malformed_form"), TooLarge.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise BadRequest("malformed_form")
    return read(await read_body(request, kit.settings.body_limit))


async def give(
    kit: Kit,
    person: str,
    command: type[Command],
    form: Form,
    *,
    id: str | None = None,
    traceparent: str | None = None,
) -> Given | Refused:
    """Carry out the command that a form is filled in with, by the rules of its JSON route.

    Raises:
        NotFound, Unauthenticated, BadRequest("malformed_form"): there is no form to show again.
    """
    handler = next(each for each in kit.service.handlers if each.command is command)
    try:
        told = command.model_validate(content(form.fields))
        sent = Sent(person, id, form.key, form.version, traceparent=traceparent)
        verdict = await carry_out(kit, handler, told, sent)
    except ValidationError as error:
        return Refused(replace(form, errors=_by_path(error), refusal=_COUNTED.format(len(_by_path(error)))), 422)
    except (NotFound, Unauthenticated, BadRequest):
        raise
    except GuatuError as error:
        return refused(form, error)
    reply: Mapping[str, str] = orjson.loads(verdict.reply) if verdict.reply else {}
    return Given(verdict.version, reply.get("stream", ""), reply.get("at", ""))


_COUNTED = "有 {} 处需要补正，已在旁边注明。"


def refused(form: Form, error: GuatuError) -> Refused:
    """A form that a rule refuses: what it says stands above the form, and beside the fields that it names."""
    broken = [(each.field, str(document(each, "zh")["detail"])) for each in (error, *error.besides)]
    said = "".join(words for _, words in broken)
    places = _fields(form.fields)
    told = replace(form, refusal=said, errors={place: words for place, words in broken if place in places})
    match error:
        case StaleVersion():
            return Refused(replace(told, version=_version(error)), error.status)
        case IdReuse():
            return Refused(replace(told, key=str(uuid4()), refusal=_SENT_BEFORE, errors={}), error.status)
        case _ if error.status >= 500:
            return Refused(replace(told, refusal=f"没有存上，您填的还在。{said}"), error.status)
        case _:
            return Refused(told, error.status)


_SENT_BEFORE = "这张表已经提交过，现在填的与上次不同。请核对后再提交，将另记一次。"


def _version(error: StaleVersion) -> int | None:
    version = error.detail.get("version")
    return version if isinstance(version, int) else None


def _fields(fields: Fields) -> set[str]:
    """The paths that an error can stand at: those of the fields, and of the lists and groups that they are in."""
    parts = [path.split(".") for path in fields]
    return {".".join(each[:n]) for each in parts for n in range(1, len(each) + 1)}


def _by_path(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in field_errors(error.errors(include_url=False, include_input=False), "zh"):
        found.setdefault(each["field"], each["detail"])
    return found


def see_other(path: str, at: str = "", done: str = "") -> RedirectResponse:
    """To the next page, which then knows what was just written (`at`) and says what was done."""
    query = urlencode({name: value for name, value in (("at", at), ("done", done)) if value})
    joint = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joint}{query}" if query else path, 303)


async def answered(
    outcome: Given | Refused, then: str, show: Callable[[Form], Awaitable[Response]], done: str = ""
) -> Response:
    """The answer to a form: on to the next page, or the page again with the form as it was filled in."""
    if isinstance(outcome, Given):
        return see_other(then, outcome.at, done)
    page = await show(outcome.form)
    page.status_code = outcome.status
    return page
