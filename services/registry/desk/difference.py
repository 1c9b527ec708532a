"""The difference of two rounds of a plan, part by part, in readable runs of characters."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum

from shared.contracts.project import Criterion, PlanSubmitted

SHORTEST = 2
"""Characters in common that are shown as such: fewer between two changes belong to them."""


class Change(StrEnum):
    """What became of a run of characters."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of characters with one fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class PartOfPlan:
    """A part of a plan: what it is called, which criterion it speaks to, how it was and how it is."""

    label: str
    criterion: Criterion | None
    before: tuple[Run, ...]
    after: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is removed or added."""
        return any(run.change is not Change.SAME for run in (*self.before, *self.after))


def parts_of(now: PlanSubmitted, before: PlanSubmitted | None) -> list[PartOfPlan]:
    """A plan by its parts, with the difference to the round before; without one nothing is marked."""
    was = _written(before) if before else None
    parts: list[PartOfPlan] = []
    for n, (label, criterion, text) in enumerate(_written(now)):
        runs = difference(was[n][2], text) if was else ((), (Run(Change.SAME, text),))
        parts.append(PartOfPlan(label, criterion, *runs))
    return parts


def difference(before: str, after: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """The runs of a text before and after; texts that have little in common are replaced as wholes."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if before and after and matcher.ratio() < _ALIKE:
        return (Run(Change.REMOVED, before),), (Run(Change.ADDED, after),)
    old: list[Run] = []
    new: list[Run] = []
    blocks = [block for block in matcher.get_matching_blocks() if _counts(block, len(before), len(after))]
    i = j = 0
    for block in (*blocks, None):
        to_i, to_j, size = (block.a, block.b, block.size) if block else (len(before), len(after), 0)
        _add(old, Change.REMOVED, before[i:to_i])
        _add(new, Change.ADDED, after[j:to_j])
        i, j = to_i + size, to_j + size
        _add(old, Change.SAME, before[to_i:i])
        _add(new, Change.SAME, after[to_j:j])
    return tuple(old), tuple(new)


_ALIKE = 0.25


def _counts(block: Match, before: int, after: int) -> bool:
    """Whether a common run is long enough to be read, or stands at a text's end, such as its full stop."""
    at_end = block.a + block.size == before and block.b + block.size == after
    at_start = block.a == 0 and block.b == 0
    return block.size >= SHORTEST or (block.size > 0 and (at_end or at_start))


def _add(runs: list[Run], change: Change, text: str) -> None:
    if not text:
        return
    if runs and runs[-1].change is change:
        runs[-1] = Run(change, runs[-1].text + text)
    else:
        runs.append(Run(change, text))


def _written(plan: PlanSubmitted) -> Sequence[tuple[str, Criterion | None, str]]:
    ones = plan.four_ones
    milestones = "\n".join(f"{m.due}　{m.title}　{m.weight.normalize():f}%" for m in plan.milestones)
    return (
        ("项目内容", Criterion.SMALL, ones.project),
        ("目标", Criterion.EXEMPLARY, plan.goal),
        ("措施", Criterion.HARD, "\n".join(plan.measures)),
        ("期限与节点", Criterion.DOABLE, f"{plan.starts} 至 {plan.ends}\n{milestones}"),
        ("一支队伍", None, "；".join(f"{member.name}：{member.duty}" for member in ones.team)),
        ("一抓到底", None, ones.to_the_end),
    )
