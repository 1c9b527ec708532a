"""What the plan's form holds: the last round's content, the opinions beside their fields, rows of lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.registry.desk.words import CRITERIA
from services.registry.project.state import Opinion, Project
from shared.contracts.project import Criterion, OpinionKind
from shared.web.forms import Form, compact, flat, with_ids

IDS = ("id",)
HEADS = {"milestones": "title", "four_ones.team": "name"}
ANSWERS = "answers"
"""The form of the answers to opinions, which are commands of their own."""
ANSWER = "answers-"
"""How the fields of the answers begin, with the opinion after it: it may be a number, and is no row of a list."""

BESIDE: Mapping[Criterion, str] = {
    Criterion.SMALL: "four_ones.project",
    Criterion.HARD: "measures",
    Criterion.EXEMPLARY: "goal",
    Criterion.DOABLE: "milestones",
}
"""Which part of a plan says how it meets a criterion."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An opinion beside the field that it is about."""

    id: str
    criterion: str
    round: int
    change: bool
    text: str
    by: str
    answer: str | None


def plan_fields(project: Project) -> Mapping[str, str]:
    """What the form is first filled in with: the last round's plan, else the proposal; who is responsible now."""
    if project.plan is not None:
        plan = flat(project.plan.model_dump(mode="json", exclude={"round"}))
        return {**plan, "four_ones.secretary": project.secretary}
    return {"four_ones.project": project.proposed.title, "four_ones.secretary": project.secretary}


def asked_beside(project: Project, names: Mapping[str, str]) -> Mapping[str, list[Asked]]:
    """The opinions of all rounds by the field that they stand beside, those without an answer first."""
    found: dict[str, list[Asked]] = {}
    for id, opinion in sorted(project.opinions.items(), key=_open_first):
        found.setdefault(BESIDE[opinion.given.criterion], []).append(asked_of(id, opinion, names))
    return found


def _open_first(item: tuple[str, Opinion]) -> tuple[bool, int, str]:
    id, opinion = item
    return opinion.answer is not None, -opinion.given.round, id


def asked_of(id: str, opinion: Opinion, names: Mapping[str, str]) -> Asked:
    """An opinion as it is shown; `names` are those of persons."""
    given = opinion.given
    return Asked(
        id,
        CRITERIA[given.criterion],
        given.round,
        given.kind is OpinionKind.CHANGE,
        given.text,
        names.get(opinion.by, opinion.by),
        opinion.answer,
    )


def ready(form: Form) -> Form:
    """The form as it is carried out: without blank rows, every milestone with an id."""
    return replace(form, fields=with_ids(compact(form.fields, IDS), "milestones", "id", "m"))


def without_answers(form: Form) -> Form:
    """The part that is the plan itself."""
    return replace(form, fields={name: text for name, text in form.fields.items() if not _is_answer(name)})


def answers(form: Form, open: Iterable[str]) -> Mapping[str, Form]:
    """A form for each answer that was filled in to an open opinion, with a key of its own."""
    given = {id: form.value(f"{ANSWER}{id}").strip() for id in open}
    return {
        id: replace(form, fields={"opinion": id, "answer": text}, key=f"{form.key}-{id}", version=None)
        for id, text in given.items()
        if text
    }


def open_opinions(project: Project) -> list[str]:
    """The opinions without an answer."""
    return [id for id, opinion in project.opinions.items() if opinion.answer is None]


def _is_answer(name: str) -> bool:
    return name.startswith(ANSWER)
