"""Forms: posted fields whose names are dotted paths are the content of a command, and a content fills them in."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import uuid4

from shared.errors import BadRequest

MOST = 1000
"""Fields of one form."""
DEEPEST = 6
"""Parts of a field's name."""

Fields = Mapping[str, str]
"""What is filled in, by dotted path: `milestones.0.title`."""
NONE = "\0"
"""What stands for null among the fields: no posted field can hold it."""


@dataclass(frozen=True)
class Form:
    """A form as it is shown: what is filled in, what is wrong with it, and what it hides.

    `name` tells the forms of one page apart. `key` is the idempotency key, made when the form is first shown: the same
    form sent twice is one command. `version` is what If-Match takes, None where any will do. `errors` are by path,
    `refusal` is what is wrong with the whole.
    """

    name: str
    fields: Fields = field(default_factory=dict[str, str])
    key: str = field(default_factory=lambda: str(uuid4()))
    version: int | None = None
    errors: Fields = field(default_factory=dict[str, str])
    refusal: str = ""
    focus: str = ""
    """The field that was just added, where the work goes on."""

    def value(self, path: str) -> str:
        """What is filled in there; empty if nothing is."""
        return self.fields.get(path, "")

    def error(self, path: str) -> str:
        """What is wrong there; empty if nothing is."""
        return self.errors.get(path, "")

    @property
    def first(self) -> str:
        """The path that the page's focus goes to: that of the first error, or of what was just added."""
        return next(iter(self.errors), self.focus)

    def rows(self, path: str, least: int = 1) -> int:
        """How many rows a list shows: those that are filled in, and at least so many."""
        return max(least, *(n + 1 for n in _numbers(self.fields, path)), 0)


@dataclass(frozen=True)
class Posted:
    """A form that was posted: `verb` names the button, `rows` what the button changes of the rows alone."""

    form: Form
    verb: str
    rows: str = ""


class Forms:
    """The forms of one page: each as it is first shown, but for the one that was refused."""

    def __init__(self, refused: Form | None = None) -> None:
        self._refused = refused
        self._shown = False

    @property
    def left(self) -> Form | None:
        """The refused form, if the page has no more place for it: meanwhile somebody else has gone on."""
        return None if self._shown else self._refused

    def of(self, name: str, fields: Fields | None = None, *, version: int | None = None) -> Form:
        """The form of this name; `fields` are what it is filled in with at first."""
        if self._refused is not None and self._refused.name == name:
            self._shown = True
            return self._refused
        return Form(name, fields or {}, version=version)


def read(body: bytes) -> Posted:
    """A posted body.

    Raises:
        BadRequest("malformed_form"): it is no form, or has too many fields.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        raise BadRequest("malformed_form") from None
    return of_pairs(pairs)


def of_pairs(pairs: Iterable[tuple[str, str]]) -> Posted:
    """What was posted, by its names and values. Names that begin with `_` are the form's own.

    Raises:
        BadRequest("malformed_form"): there is a NUL in it.
    """
    pairs = list(pairs)
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise BadRequest("malformed_form")
    own = {name: value for name, value in pairs if name.startswith("_")}
    fields = {name: value.replace("\r\n", "\n") for name, value in pairs if not name.startswith("_")}
    version = own.get("_version", "")
    form = Form(
        own.get("_form", ""),
        fields,
        own.get("_key") or str(uuid4()),
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
    )
    return Posted(form, own.get("_verb", ""), own.get("_rows", ""))


def content(fields: Fields) -> dict[str, Any]:
    """The nested content: numbered parts are lists, in the order of their numbers. Blank fields are left out.

    Raises:
        BadRequest("malformed_form"): a name lies both beside and below another.
    """
    root: dict[str, Any] = {}
    for path, value in fields.items():
        if value.strip():
            _put(root, path.split("."), None if value == NONE else value.strip())
    return {name: _listed(each) for name, each in root.items()}


def _put(root: dict[str, Any], parts: Sequence[str], value: str | None) -> None:
    if len(parts) > DEEPEST:
        raise BadRequest("malformed_form")
    here = root
    for part in parts[:-1]:
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            raise BadRequest("malformed_form")
    if parts[-1] in here:
        raise BadRequest("malformed_form")
    here[parts[-1]] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, Any]", value)
    if all(_is_number(name) for name in parts):
        return [_listed(parts[name]) for name in sorted(parts, key=int)]
    return {name: _listed(each) for name, each in parts.items()}


def flat(value: Any, path: str = "") -> dict[str, str]:
    """The fields that a content fills in; None is left out."""
    match value:
        case None:
            return {}
        case dict():
            named = cast("dict[str, Any]", value).items()
        case list() | tuple():
            named = [(str(n), each) for n, each in enumerate(cast("Sequence[Any]", value))]
        case _:
            return {path: str(value)}
    found: dict[str, str] = {}
    for name, each in named:
        found |= flat(each, f"{path}.{name}" if path else name)
    return found


def compact(fields: Fields, ids: Collection[str] = ()) -> dict[str, str]:
    """Rows that are blank but for their `ids` are left out, the others numbered anew from 0."""
    filled: dict[str, set[int]] = {}
    for path, value in fields.items():
        row = _row_of(path)
        if row and value.strip() and path.rsplit(".", 1)[-1] not in ids:
            filled.setdefault(row[0], set()).add(row[1])
    numbers = {name: {old: new for new, old in enumerate(sorted(rows))} for name, rows in filled.items()}
    kept: dict[str, str] = {}
    for path, value in fields.items():
        row = _row_of(path)
        if row is None:
            kept[path] = value
        elif row[1] in numbers.get(row[0], {}):
            kept[".".join((row[0], str(numbers[row[0]][row[1]]), *row[2]))] = value
    return kept


def changed_rows(form: Form, asked: str, ids: Collection[str] = (), heads: Mapping[str, str] | None = None) -> Form:
    """The form with a row more (`add milestones`) or less (`drop milestones.2`); what is filled in stays.

    `heads` are the first fields of rows that have several, by list.
    """
    verb, _, path = asked.partition(" ")
    if verb == "drop":
        left = {name: value for name, value in form.fields.items() if name != path and not name.startswith(path + ".")}
        return replace(form, fields=compact(left, ids))
    fields = compact(form.fields, ids)
    last = max(_numbers(fields, path), default=-1)
    head = (heads or {}).get(path)
    added = f"{path}.{max(last + 1, 1)}" + (f".{head}" if head else "")
    return replace(form, fields={**fields, added: ""}, focus=added)


def with_ids(fields: Fields, path: str, name: str, prefix: str, taken: Collection[str] = ()) -> dict[str, str]:
    """The fields with an id in every row of a list that has none yet: the prefix and the next free number."""
    known = {*taken, *(fields.get(f"{path}.{n}.{name}", "") for n in _numbers(fields, path))}
    given = dict(fields)
    for n in sorted(set(_numbers(fields, path))):
        if not given.get(f"{path}.{n}.{name}"):
            free = next_id(prefix, known)
            known.add(free)
            given[f"{path}.{n}.{name}"] = free
    return given


def next_id(prefix: str, taken: Collection[str]) -> str:
    """The prefix with the first number from 1 on that is not taken."""
    n = 1
    while f"{prefix}{n}" in taken:
        n += 1
    return f"{prefix}{n}"


def _numbers(fields: Fields, path: str) -> Iterator[int]:
    for name in fields:
        row = _row_of(name)
        if row and row[0] == path:
            yield row[1]


def _row_of(path: str) -> tuple[str, int, Sequence[str]] | None:
    """The list, the number and the rest of a field's name that lies in a list."""
    parts = path.split(".")
    for place, part in enumerate(parts):
        if place and _is_number(part):
            return ".".join(parts[:place]), int(part), parts[place + 1 :]
    return None


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) < 5
