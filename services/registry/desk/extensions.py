"""Extensions at the problem desk: what may be put off, what waits to be decided, and what of it the caller may do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.desk.words import EXTENSIONS
from services.registry.project.state import Extension, ExtensionStage, Project
from shared.command import Command
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.progress import Extended
from shared.web.forms import Fields
from shared.web.wording import day_in_words

COMMANDS: Mapping[str, type[Command]] = {
    each.verb(): each for each in (RequestExtension, EndorseExtension, GrantExtension, RefuseExtension)
}
_SHOWN = 20
"""Characters of a problem by which it is known in a list."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who looks at a project's extensions.

    `township` is the one that the project lies in today, empty if it lies in none. Its steps are decided by the person
    as its `secretary`, or as its `office` for the secretary.
    """

    person: str
    township: str
    secretary: bool
    office: bool
    reviews: bool
    own_work: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An extension: what for, from which day to which, where it stands, and what the caller may do with it.

    `for_secretary` is the township for whose secretary the caller acts, empty if for nobody. `overtaken` is the day
    that has been set since, so that it can only be refused.
    """

    id: str
    what: str
    was: date
    due: date
    reason: str
    stage: ExtensionStage
    word: str
    colour: str
    said: str
    endorse: bool
    grant: bool
    refuse: bool
    overtaken: bool
    for_secretary: str


def subjects(project: Project, today: date) -> Sequence[tuple[str, str]]:
    """What may be put off today, as it is chosen and in words: due after today, not done, not asked for before."""
    if not project.being_carried_out:
        return []
    others = (each for each in project.extensions.values() if each.stage is not ExtensionStage.REFUSED)
    taken = {(each.asked.of, each.asked.subject) for each in others}
    return [
        (f"{of} {id}", f"{_what(project, of, id)}，{day_in_words(due)}到期")
        for of, id, due in _due(project)
        if today < due and (of, id) not in taken
    ]


def with_subject(fields: Fields) -> Fields:
    """The fields of a request with the kind and the id of what was chosen as one."""
    of, _, subject = fields.get("subject", "").partition(" ")
    return {**fields, "of": of, "subject": subject}


def extension_lines(project: Project, decider: Decider) -> Sequence[Line]:
    """A project's extensions, those that wait first, then the last asked for first."""
    lines = [_line(project, id, each, decider) for id, each in reversed(list(project.extensions.items()))]
    return sorted(lines, key=lambda line: line.stage in (ExtensionStage.GRANTED, ExtensionStage.REFUSED))


def _line(project: Project, id: str, extension: Extension, decider: Decider) -> Line:
    asked, stage = extension.asked, extension.stage
    timely = (asked.of, asked.subject, asked.was) in set(_due(project))
    open = project.being_carried_out and extension.pending and not decider.own_work
    of_township = bool(decider.township) and rank_of(asked.endorsed_at) is Rank.TOWNSHIP
    in_township = of_township and (decider.secretary or decider.office)
    first, second = stage is ExtensionStage.REQUESTED, stage is ExtensionStage.ENDORSED
    mine = in_township if of_township else decider.reviews
    another = decider.person not in extension.decided_by
    by_office = first and in_township and not decider.secretary
    word, colour = EXTENSIONS[stage]
    return Line(
        id,
        _what(project, asked.of, asked.subject),
        asked.was,
        asked.due,
        asked.reason,
        stage,
        word,
        colour,
        extension.said,
        endorse=open and timely and first and mine,
        grant=open and timely and second and another and decider.reviews,
        refuse=open and another and (decider.reviews or (first and in_township)),
        overtaken=open and not timely,
        for_secretary=decider.township if by_office else "",
    )


def _due(project: Project) -> Iterator[tuple[Extended, str, date]]:
    """What is still to be done, with its day of now."""
    for id in project.missing_milestones:
        if due := project.due_of(id):
            yield Extended.MILESTONE, id, due
    for id, problem in project.problems.items():
        if problem.to_be_rectified:
            yield Extended.PROBLEM, id, problem.due


def _what(project: Project, of: Extended, subject: str) -> str:
    match of:
        case Extended.MILESTONE:
            titles = {each.id: each.title for each in project.plan.milestones} if project.plan else {}
            return f"节点“{titles.get(subject, subject)}”"
        case Extended.PROBLEM:
            text = project.problems[subject].found.text
            return f"问题“{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}”"
