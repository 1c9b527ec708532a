"""The rounds of a project's review, and what each plan changed of the one before: readable, field by field.

Texts are compared clause by clause, and clauses that differ by words: a number or a Latin word is one, a Chinese
character another. Where little stays the same the whole is shown as replaced, since scattered characters are not read.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from pydantic import BaseModel

from services.registry.project.state import Project, Round, Stage
from shared.contracts.project import Criterion, Milestone, OpinionKind, PlanSubmitted

_CLAUSES = re.compile(r"[^，。；：！？、\n]*[，。；：！？、\n]|[^，。；：！？、\n]+")
_WORDS = re.compile(r"[0-9A-Za-z]+(?:[.,:/-][0-9A-Za-z]+)*%?|\s+|.", re.DOTALL)
SHORT = 2
"""What stays the same between two changes and is shorter, in characters, is read as a part of them."""
ALIKE = 0.4
"""The share that must stay the same of two texts for one to be read as the other, changed."""
AHEAD = 5
"""How many texts of a list are looked through for the one that another was made of."""
MOST = 300
"""Longer pieces, in characters, are not compared by words; and by so many of the first ones two texts are alike."""
MOST_PAIRS = 5000
"""Sequences in which more pieces are the same, each counted with each, are compared as wholes: else it takes long."""


class Change(StrEnum):
    """What happened to a field from one round to the next."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class SpanKind(StrEnum):
    """What a run of text is: in both plans, only in the one before, only in this one."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Span(BaseModel):
    """A run of text. All but the added ones read as the old text, all but the removed ones as the new."""

    kind: SpanKind
    text: str


class Difference(BaseModel):
    """A field of two plans; `item` is the id of a milestone, else empty. `spans` are those of a changed field.

    Fields: goal, measures (each one), starts, ends, milestones.title, .due, .weight, team (each member),
    four_ones.project, .secretary, .to_the_end.
    """

    field: str
    item: str = ""
    change: Change
    before: str | None
    after: str | None
    spans: tuple[Span, ...] = ()


class OpinionLine(BaseModel):
    """A reviewer's opinion, and what was answered."""

    opinion: str
    criterion: Criterion
    kind: OpinionKind
    text: str
    by: str
    answer: str | None


class RoundLine(BaseModel):
    """A round: its plan with what it changed of the one before, the opinions on it, and how it ended, if it has."""

    round: int
    plan: PlanSubmitted
    submitted_by: str
    submitted_on: date
    differences: list[Difference]
    opinions: list[OpinionLine]
    outcome: Stage | None
    reason: str
    decided_by: str | None
    decided_on: date | None


def rounds_of(project: Project) -> list[RoundLine]:
    """The rounds of a project's review, the first one first; that one differs from nothing."""
    changes = [[], *(differences(before, after) for before, after in pairwise(project.plans))]
    return [_round(project, each, changed) for each, changed in zip(project.rounds, changes, strict=False)]


def differences(before: PlanSubmitted, after: PlanSubmitted) -> list[Difference]:
    """Every field of two plans, in the order of the plan; what is gone stands where it stood."""
    return [
        _field("goal", before.goal, after.goal),
        *_listed("measures", before.measures, after.measures),
        _field("starts", str(before.starts), str(after.starts)),
        _field("ends", str(before.ends), str(after.ends)),
        *_milestones(before.milestones, after.milestones),
        _field("four_ones.project", before.four_ones.project, after.four_ones.project),
        _field("four_ones.secretary", before.four_ones.secretary, after.four_ones.secretary),
        *_listed("team", _team(before), _team(after)),
        _field("four_ones.to_the_end", before.four_ones.to_the_end, after.four_ones.to_the_end),
    ]


def spans(before: str, after: str) -> tuple[Span, ...]:
    """Two texts as runs that are the same, removed or added; a removed run stands before the one that replaces it."""
    runs = _joined(_by_words(_CLAUSES.findall(before), _CLAUSES.findall(after)))
    kept = sum(len(run.before) for run in runs if run.same)
    if kept < ALIKE * min(len(before), len(after)):
        runs = [_Run(before, after, same=False)]
    return tuple(span for run in runs for span in _spans(run))


class _Run(NamedTuple):
    before: str
    after: str
    same: bool


def _by_words(before: Sequence[str], after: Sequence[str]) -> Iterator[_Run]:
    for run in _runs(before, after):
        if run.same or max(len(run.before), len(run.after)) > MOST:
            yield run
        else:
            yield from _runs(_WORDS.findall(run.before), _WORDS.findall(run.after))


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterator[_Run]:
    for same, was, now in _compared(before, after):
        yield _Run("".join(was), "".join(now), same=same)


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Two sequences as runs that are the same or differ, in order; in time that what they say cannot drive up."""
    there = Counter(after)
    pairs = sum(there[piece] for piece in before)
    if pairs > MOST_PAIRS:
        yield before == after, before, after
        return
    for code, i, j, k, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield code == "equal", before[i:j], after[k:n]


def _joined(runs: Iterator[_Run]) -> list[_Run]:
    """Runs that alternate: what is the same and short between two changes goes into them."""
    every = _merged(runs)
    inside = range(1, len(every) - 1)
    return _merged(
        run._replace(same=run.same and not (n in inside and len(run.before.strip()) < SHORT))
        for n, run in enumerate(every)
    )


def _merged(runs: Iterable[_Run]) -> list[_Run]:
    merged: list[_Run] = []
    for run in runs:
        if merged and merged[-1].same == run.same:
            last = merged.pop()
            merged.append(_Run(last.before + run.before, last.after + run.after, same=run.same))
        else:
            merged.append(run)
    return merged


def _spans(run: _Run) -> Iterator[Span]:
    if run.same:
        yield Span(kind=SpanKind.SAME, text=run.before)
        return
    if run.before:
        yield Span(kind=SpanKind.REMOVED, text=run.before)
    if run.after:
        yield Span(kind=SpanKind.ADDED, text=run.after)


def _field(field: str, before: str | None, after: str | None, item: str = "") -> Difference:
    change = Change.UNCHANGED
    if before != after:
        change = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
    runs = spans(before, after) if change is Change.CHANGED and before is not None and after is not None else ()
    return Difference(field=field, item=item, change=change, before=before, after=after, spans=runs)


def _listed(field: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """The texts of a list, each beside the one that it was made of."""
    for same, was, now in _compared(before, after):
        if same:
            yield from (_field(field, text, text) for text in was)
        else:
            yield from (_field(field, old, new) for old, new in _paired(was, now))


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    first = 0
    for new in after:
        ahead = range(first, min(first + AHEAD, len(before)))
        likest = max(ahead, key=lambda n: _likeness(before[n], new), default=None)
        if likest is None or _likeness(before[likest], new) < ALIKE:
            yield None, new
            continue
        yield from ((gone, None) for gone in before[first:likest])
        yield before[likest], new
        first = likest + 1
    yield from ((gone, None) for gone in before[first:])


def _likeness(before: str, after: str) -> float:
    return SequenceMatcher(None, before[:MOST], after[:MOST], autojunk=False).quick_ratio()


def _milestones(before: Sequence[Milestone], after: Sequence[Milestone]) -> Iterator[Difference]:
    old, new = ({each.id: each for each in plan} for plan in (before, after))
    for id in [*new, *(id for id in old if id not in new)]:
        was, now = old.get(id), new.get(id)
        yield _field("milestones.title", was and was.title, now and now.title, id)
        yield _field("milestones.due", was and str(was.due), now and str(now.due), id)
        yield _field("milestones.weight", was and _weight(was), now and _weight(now), id)


def _weight(milestone: Milestone) -> str:
    return f"{milestone.weight.normalize():f}"


def _team(plan: PlanSubmitted) -> list[str]:
    return [f"{member.name}：{member.duty}" for member in plan.four_ones.team]


def _round(project: Project, of: Round, changed: list[Difference]) -> RoundLine:
    outcome = of.outcome
    return RoundLine(
        round=of.plan.round,
        plan=of.plan,
        submitted_by=of.by,
        submitted_on=of.on,
        differences=changed,
        opinions=[
            OpinionLine(
                opinion=each.given.opinion,
                criterion=each.given.criterion,
                kind=each.given.kind,
                text=each.given.text,
                by=each.by,
                answer=each.answer,
            )
            for each in project.opinions.values()
            if each.given.round == of.plan.round
        ],
        outcome=outcome and outcome.stage,
        reason=outcome.reason if outcome else "",
        decided_by=outcome and outcome.by,
        decided_on=outcome and outcome.on,
    )
