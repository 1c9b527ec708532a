"""A difficulty (痛难点问题): raised, taken on by somebody, solved once; the same at a visit and in a project."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.registry.checks import found
from services.registry.commands.visits import SolveDifficulty, TakeOnDifficulty
from services.registry.reference.person import Person
from services.registry.reference.unit import Unit, check_standing
from shared.contracts.visits import DifficultyEvent, DifficultyRaised, DifficultySolved, DifficultyTakenOn
from shared.errors import require


@dataclass(frozen=True)
class Difficulty:
    """What was raised, who sees to it and how it was solved, each None until then; `on` the day of the last."""

    text: str
    on: date
    taken_on: DifficultyTakenOn | None = None
    how: str | None = None


Difficulties = Mapping[str, Difficulty]
"""By their slugs."""


@dataclass(frozen=True)
class Helper:
    """The person and the unit that a command names to see to a difficulty, None where it names none."""

    person: Person | None
    unit: Unit | None


def folded(known: Difficulties, event: DifficultyEvent, on: date) -> dict[str, Difficulty]:
    """The difficulties after one event of a day."""
    match event:
        case DifficultyRaised() as e:
            return {**known, e.difficulty: Difficulty(e.text, on)}
        case DifficultyTakenOn() as e:
            return {**known, e.difficulty: replace(known[e.difficulty], taken_on=e, on=on)}
        case DifficultySolved() as e:
            return {**known, e.difficulty: replace(known[e.difficulty], how=e.how, on=on)}
        case _:
            assert_never(event)


def take_on_difficulty(
    known: Difficulties, cmd: TakeOnDifficulty, helper: Helper, today: date
) -> list[DifficultyTakenOn]:
    """Say who sees to a difficulty that is not solved; a person and a unit that are named are registered."""
    _check_open(known, cmd)
    require(helper.person is None or bool(helper.person.name), "no_such_person", field="person", id=cmd.person)
    require(helper.unit is None or helper.unit.registered is not None, "no_such_unit", field="unit", unit=cmd.unit)
    check_standing(helper.unit.ended if helper.unit else None, cmd.unit or "", today)
    require(cmd.until is None or cmd.until >= today, "deadline_in_the_past", field="until")
    return [DifficultyTakenOn(difficulty=cmd.difficulty, by=cmd.by, person=cmd.person, unit=cmd.unit, until=cmd.until)]


def solve_difficulty(known: Difficulties, cmd: SolveDifficulty) -> list[DifficultySolved]:
    """Say how a difficulty was solved, once; that somebody took it on need not have been told before."""
    _check_open(known, cmd)
    return [DifficultySolved(difficulty=cmd.difficulty, how=cmd.how)]


def _check_open(known: Difficulties, cmd: TakeOnDifficulty | SolveDifficulty) -> None:
    raised = found(known.get(cmd.difficulty), "no_such_difficulty", "difficulty", difficulty=cmd.difficulty)
    require(raised.how is None, "difficulty_already_solved", field="difficulty", difficulty=cmd.difficulty)
    in_order = cmd.effective is None or cmd.effective >= raised.on
    require(in_order, "before_the_last_step", field="effective", last=str(raised.on))
