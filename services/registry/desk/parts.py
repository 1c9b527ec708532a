"""A plan by its parts as a reviewer reads it, each as it was in the round before and as it is now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from services.registry.project.rounds import Change, Difference, Span, SpanKind, differences
from shared.contracts.project import Criterion, PlanSubmitted

Text = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PartOfPlan:
    """A part of a plan: what it is called, which criterion it speaks to, how it was and how it is."""

    label: str
    criterion: Criterion | None
    before: Text
    after: Text

    @property
    def changed(self) -> bool:
        """Whether anything is removed or added."""
        return any(span.kind is not SpanKind.SAME for span in (*self.before, *self.after))


def parts_of(now: PlanSubmitted, before: PlanSubmitted | None) -> list[PartOfPlan]:
    """A plan by its parts, with the difference to the round before; without one nothing is marked."""
    by_field: dict[str, list[Difference]] = {}
    for each in differences(before or now, now):
        by_field.setdefault(each.field, []).append(each)
    return [
        PartOfPlan(label, criterion, *(_text(lines, gone=gone) for gone in (True, False)))
        for label, criterion, lines in _parts(by_field)
    ]


Line = Sequence[tuple[str, Difference]]
"""What stands on one line: fields, each with what stands before it."""


def _parts(fields: Mapping[str, list[Difference]]) -> Iterable[tuple[str, Criterion | None, list[Line]]]:
    def lines(field: str) -> list[Line]:
        return [[("", each)] for each in fields.get(field, [])]

    term: Line = [("", fields["starts"][0]), (" 至 ", fields["ends"][0])]
    of_milestones = zip(*(fields[f"milestones.{name}"] for name in ("due", "title", "weight")), strict=True)
    milestones: list[Line] = [[("", due), ("　", title), ("　权重 ", weight)] for due, title, weight in of_milestones]
    return (
        ("项目内容", Criterion.SMALL, lines("four_ones.project")),
        ("目标", Criterion.EXEMPLARY, lines("goal")),
        ("措施", Criterion.HARD, lines("measures")),
        ("期限与节点", Criterion.DOABLE, [term, *milestones]),
        ("一支队伍", None, lines("team")),
        ("一抓到底", None, lines("four_ones.to_the_end")),
    )


def _text(lines: Iterable[Line], *, gone: bool) -> Text:
    """The lines as they were, if what is `gone` is shown, else as they are; a line that is not there is left out."""
    shown = [text for line in lines if (text := _line(line, gone=gone))]
    feed = Span(kind=SpanKind.SAME, text="\n")
    return tuple(chain.from_iterable((feed, *text) if n else text for n, text in enumerate(shown)))


def _line(line: Line, *, gone: bool) -> Text:
    found: list[Span] = []
    for before, each in line:
        spans = _spans(each, gone=gone)
        if before and spans:
            found.append(Span(kind=SpanKind.SAME, text=before))
        found += spans
    return tuple(found)


def _spans(each: Difference, *, gone: bool) -> Iterable[Span]:
    text = each.before if gone else each.after
    if each.change is Change.CHANGED:
        return [span for span in each.spans if span.kind is not (SpanKind.ADDED if gone else SpanKind.REMOVED)]
    if text is None:
        return []
    whole = SpanKind.SAME if each.change is Change.UNCHANGED else SpanKind.REMOVED if gone else SpanKind.ADDED
    return [Span(kind=whole, text=text)]
