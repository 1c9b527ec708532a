"""The commands of what happens around projects: visits, cases, honours, metrics, mutual checks, the calendar."""

from collections.abc import Sequence
from typing import Any

from services.registry import gathering
from services.registry.around import case as cases
from services.registry.around import difficulty, honour, mutual, rhythm, unit_metric, visit
from services.registry.around.case import CASE
from services.registry.around.honour import HONOUR, LABEL
from services.registry.around.mutual import MUTUAL
from services.registry.around.rhythm import RHYTHM
from services.registry.around.unit_metric import MEASURES, METRIC
from services.registry.around.visit import VISIT
from services.registry.commands.cases import PublishCase, SelectCase
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.rhythm import (
    DrawMutualChecks,
    FindProblemMutually,
    HoldMutualCheck,
    HoldRhythm,
    SetRhythm,
)
from services.registry.commands.unit_metrics import CorrectMetric, DefineMetric, RecordMetric
from services.registry.commands.visits import (
    CollectSuggestion,
    HoldVisit,
    RaiseDifficulty,
    SolveDifficulty,
    SolveProjectDifficulty,
    TakeOnDifficulty,
    TakeOnProjectDifficulty,
)
from services.registry.project.life import PROJECT
from services.registry.rights import (
    CATALOGUER,
    CHECKING,
    COUNTY_DESK,
    HELPER,
    MEASURER,
    REVIEWER_NAMED,
    REVIEWER_OF,
    RHYTHM_DESK,
    VISIT_DESK,
    VISITOR,
)
from shared.command import Handler

OF_PROJECTS: Sequence[Handler[Any, Any]] = (
    Handler(
        TakeOnProjectDifficulty,
        PROJECT,
        HELPER,
        lambda s, cmd, case: difficulty.take_on_difficulty(s.difficulties, cmd, case.facts, case.today),
        gather=gathering.helper,
    ),
    Handler(
        FindProblemMutually,
        PROJECT,
        CHECKING,
        lambda s, cmd, case: mutual.find_problem_mutually(s, cmd, case.facts, case.actor, case.today),
        gather=gathering.mutual,
    ),
    Handler(
        SolveProjectDifficulty, PROJECT, HELPER, lambda s, cmd, _: difficulty.solve_difficulty(s.difficulties, cmd)
    ),
)
"""Those in the streams of projects."""

_RECURRING: Sequence[Handler[Any, Any]] = (
    Handler(
        DrawMutualChecks,
        MUTUAL,
        COUNTY_DESK,
        lambda s, cmd, case: mutual.draw_mutual_checks(s, cmd, case.facts, case.today),
        gather=gathering.lot,
        named=lambda cmd: mutual.mutual_id(cmd.county, cmd.quarter),
    ),
    Handler(
        HoldMutualCheck,
        MUTUAL,
        CHECKING,
        lambda s, cmd, case: mutual.hold_mutual_check(s, cmd, case.facts, case.today),
        gather=gathering.ended(lambda _, cmd: cmd.checking),
    ),
    Handler(
        SetRhythm,
        RHYTHM,
        COUNTY_DESK,
        lambda s, cmd, case: rhythm.set_rhythm(s, cmd, case.facts, cmd.effective or case.today),
        gather=gathering.ended(lambda _, cmd: cmd.county),
        named=rhythm.rhythm_id,
    ),
    Handler(
        HoldRhythm,
        RHYTHM,
        RHYTHM_DESK,
        lambda s, cmd, case: rhythm.hold_rhythm(s, cmd, case.facts, case.today),
        gather=gathering.ended(lambda s, _: s.county),
    ),
)

_VISITS: Sequence[Handler[Any, Any]] = (
    Handler(
        HoldVisit,
        VISIT,
        VISITOR,
        lambda _, cmd, case: visit.hold_visit(cmd, case.facts, case.today),
        gather=gathering.visit,
    ),
    Handler(
        CollectSuggestion,
        VISIT,
        VISIT_DESK,
        lambda s, cmd, case: visit.collect_suggestion(s, cmd, cmd.effective or case.today),
    ),
    Handler(
        RaiseDifficulty,
        VISIT,
        VISIT_DESK,
        lambda s, cmd, case: visit.raise_difficulty(s, cmd, cmd.effective or case.today),
    ),
    Handler(
        TakeOnDifficulty,
        VISIT,
        VISIT_DESK,
        lambda s, cmd, case: difficulty.take_on_difficulty(s.difficulties, cmd, case.facts, case.today),
        gather=gathering.helper,
    ),
    Handler(SolveDifficulty, VISIT, VISIT_DESK, lambda s, cmd, _: difficulty.solve_difficulty(s.difficulties, cmd)),
)

_RECORDS: Sequence[Handler[Any, Any]] = (
    Handler(
        SelectCase,
        CASE,
        REVIEWER_NAMED,
        lambda s, cmd, case: cases.select_case(s, cmd, case.facts, cmd.effective or case.today),
        gather=gathering.place,
        named=cases.case_id,
    ),
    Handler(PublishCase, CASE, REVIEWER_OF, lambda s, cmd, _: cases.publish_case(s, cmd)),
    Handler(
        RecordHonour,
        HONOUR,
        REVIEWER_NAMED,
        lambda s, cmd, case: honour.record_honour(s, cmd, case.facts, case.today),
        gather=gathering.unit_place,
        named=honour.honour_id,
    ),
    Handler(
        LabelUnit,
        LABEL,
        REVIEWER_NAMED,
        lambda s, cmd, case: honour.label_unit(s, cmd, case.facts, case.today),
        gather=gathering.unit_place,
        named=honour.label_id,
    ),
    Handler(
        DefineMetric,
        METRIC,
        CATALOGUER,
        lambda s, cmd, case: unit_metric.define_metric(s, cmd, case.facts, cmd.effective or case.today),
        gather=gathering.catalogue,
        named=lambda cmd: unit_metric.metric_id(cmd.unit, cmd.metric),
    ),
    Handler(
        RecordMetric,
        MEASURES,
        MEASURER,
        lambda s, cmd, case: unit_metric.record_metric(s, cmd, case.facts, case.today),
        gather=gathering.measure,
        named=lambda cmd: cmd.unit,
    ),
    Handler(
        CorrectMetric,
        MEASURES,
        MEASURER,
        lambda s, cmd, _: unit_metric.correct_metric(s, cmd),
        named=lambda cmd: cmd.unit,
    ),
)

AROUND = (*_VISITS, *_RECORDS, *_RECURRING)
"""Those in streams of their own."""
