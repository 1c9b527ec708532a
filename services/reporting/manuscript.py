"""A manuscript and its figures: which ones it names, and the bulletin that it makes with their values."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from services.reporting.bulletin_page import BulletinPage, Figure, Paragraph, Section, paragraph
from services.reporting.figures import FigureKey, known
from shared.contracts.bulletin import Manuscript
from shared.errors import InvalidValue

CITY = "city."
"""What stands before the name of a figure of the city."""


class Wanted(NamedTuple):
    """A figure that a manuscript names."""

    unit: str
    key: FigureKey


def wanted(manuscript: Manuscript) -> tuple[Wanted, ...]:
    """The figures that a manuscript names, each once, in the order of their first mention.

    Raises:
        InvalidValue("no_such_figure" | "stray_brace"): with the place, such as `manuscript.sections.0.paragraphs.2`.
    """
    found: dict[Wanted, None] = {}
    for place, unit, source in _sources(manuscript):
        for run in paragraph(source, _AnyName()):
            if isinstance(run, Figure):
                found[_wanted(run.key, unit, manuscript.city, place)] = None
            elif "{" in run.text or "}" in run.text:
                raise InvalidValue("stray_brace", place, {"text": run.text.strip()[:40]})
    return tuple(found)


def laid_out(
    manuscript: Manuscript,
    figures: Mapping[Wanted, str],
    *,
    issue: int,
    day: date,
    draft: bool,
    as_of: datetime,
    id: str | None = None,
) -> BulletinPage:
    """The bulletin with its figures filled in, each with the address of the facts that it was counted from.

    With the `id` of an issued bulletin they are those that it was issued with.

    Raises:
        KeyError: a figure that the manuscript names is not given.
    """

    def filled(source: str, unit: str) -> Paragraph:
        return paragraph(source, _Filled(figures, unit, manuscript, day, id))

    return BulletinPage(
        series=manuscript.series,
        issue=issue,
        unit=manuscript.publisher,
        day=day,
        editor_note=filled(manuscript.editor_note, ""),
        sections=tuple(
            Section(section.title, tuple(filled(source, section.unit) for source in section.paragraphs))
            for section in manuscript.sections
        ),
        report_to=manuscript.report_to,
        send_to=manuscript.send_to,
        publish_to=manuscript.publish_to,
        draft=draft,
        as_of=as_of,
    )


FIGURES = "/figures/{key}"
"""Where people read the facts of a figure."""


def facts_address(wanted: Wanted, year: int, day: date, path: str = FIGURES, *, boundaries: date | None = None) -> str:
    """Where the facts of a figure are shown as they are known now, in today's boundaries or those of a day."""
    drawn = {"boundaries": boundaries.isoformat()} if boundaries else {}
    query = urlencode({"unit": wanted.unit, "year": year, "day": day.isoformat(), **drawn})
    return f"{path.format(key=wanted.key)}?{query}"


def issued_address(wanted: Wanted, bulletin: str, path: str = FIGURES) -> str:
    """Where the facts of a figure are shown that an issued bulletin counted."""
    query = urlencode({"unit": wanted.unit, "bulletin": bulletin})
    return f"{path.format(key=wanted.key)}?{query}"


def _sources(manuscript: Manuscript) -> Iterator[tuple[str, str, str]]:
    """Every text with figures: its place, the unit whose figures it names without a prefix, the text."""
    yield "manuscript.editor_note", "", manuscript.editor_note
    for n, section in enumerate(manuscript.sections):
        for k, source in enumerate(section.paragraphs):
            yield f"manuscript.sections.{n}.paragraphs.{k}", section.unit, source


def _wanted(name: str, unit: str, city: str, place: str) -> Wanted:
    of, key = (city, name.removeprefix(CITY)) if name.startswith(CITY) else (unit, name)
    there = known(of) if of else {}
    if key not in there:
        names = "、".join(there) if there else "、".join(CITY + each for each in known(city))
        raise InvalidValue("no_such_figure", place, {"name": name, "known": names})
    return Wanted(of, FigureKey(key))


class _AnyName(dict[str, Figure]):
    """Takes every name for a figure."""

    def __missing__(self, key: str) -> Figure:
        return Figure("", key, "")


class _Filled(dict[str, Figure]):
    """The figures as a text of one unit names them."""

    def __init__(
        self, figures: Mapping[Wanted, str], unit: str, manuscript: Manuscript, day: date, id: str | None
    ) -> None:
        super().__init__()
        for each, value in figures.items():
            address = issued_address(each, id) if id else facts_address(each, manuscript.plan_year, day)
            shown = Figure(value, each.key, address)
            if each.unit == unit:
                self[each.key] = shown
            if each.unit == manuscript.city:
                self[CITY + each.key] = shown
