"""What else happens in a random world: one of everything that has a name, at each unit."""

from datetime import date
from decimal import Decimal
from hashlib import sha256

from shared.contracts.alert import AlertCleared, AlertRaised, Lamp, LampChanged, NoticeIssued, NoticeKind
from shared.contracts.bulletin import BulletinDrafted, BulletinIssued, Manuscript, Section
from shared.contracts.cases import CaseSelected
from shared.contracts.honours import HonourRecorded, UnitLabelled
from shared.contracts.mutual_checks import MutualChecksDrawn
from shared.contracts.progress import AttachmentAdded
from shared.contracts.reference import DataAnswered, DataRead, DataRequested
from shared.contracts.rhythm import RhythmSet
from shared.contracts.scoring import (
    Grade,
    Index,
    IndexId,
    IndexScore,
    Indicator,
    IndicatorScore,
    Metric,
    Ratio,
    ResultsPublished,
    SchemePublished,
    UnitResult,
)
from shared.contracts.unit_metrics import MetricRecorded
from shared.contracts.visits import DifficultyRaised, VisitHeld
from tests.unit.registry.builders import opened
from tests.worlds import BEGAN, World

FILE = "%PDF-1.7 {}"
"""The content of a file of this name."""
SHARES = (Decimal(40), Decimal(35), Decimal(25))


def work(world: World) -> None:
    """Let the registry tell of visits, difficulties, records, files, requests and what recurs, in any county."""
    codes = world.ids["unit"]
    for n, unit in enumerate(codes):
        county, project = world.random.choice(codes), world.ids["project"][n]
        world.recorded[unit] = county
        _around_project(world, n, project, unit)
        _visited(world, n, project, unit, county)
        _recorded(world, n, unit, county)
        _asked(world, n, unit, county)
        _recurs(world, unit)
    for code in world.random.sample(codes, 4):
        campaign = opened(code).model_copy(update={"name": world.has(f"campaign<{code}>", code)})
        world.tell(f"campaign-{code}-spot", campaign)


def _around_project(world: World, n: int, project: str, owner: str) -> None:
    """A file of a project, personal or not, and help that it asked for."""
    file = FILE.format(world.has(f"file<{n}>", owner)).encode()
    digest = sha256(file).hexdigest()
    world.ids["digest"].append(digest)
    added = {"digest": digest, "name": "附件", "media_type": "application/pdf", "size": len(file), "about": "plan"}
    needed = DifficultyRaised(difficulty="d1", text=world.has(f"help<{n}>", owner))
    world.tell(f"project-{project}", AttachmentAdded.model_validate({**added, "personal": n % 2 == 0}), needed)


def _visited(world: World, n: int, project: str, unit: str, county: str) -> None:
    id = f"0190a1b2-0000-7000-9000-{n:012}"
    world.ids["visit"].append(id)
    of = {"unit": unit, "county": county, "project": project, "leader": "p0", "stage": "review", "on": BEGAN}
    held = VisitHeld.model_validate({**of, "note": world.has(f"visit<{unit}>", unit)})
    raised = DifficultyRaised(difficulty="d1", text=world.has(f"difficulty<{unit}>", unit))
    world.tell(f"visit-{id}", held, raised)


def _recorded(world: World, n: int, unit: str, county: str) -> None:
    """An honour, a label, a case, a measure of a unit, and that something of it was read."""
    of = {"unit": unit, "county": county}
    honour = {**of, "kind": "case", "level": "city", "title": world.has(f"honour<{unit}>", unit), "given_by": "x"}
    label = {**of, "label": world.has(f"label<{unit}>", unit), "since": BEGAN}
    case = {**of, "title": world.has(f"case<{unit}>", unit), "summary": "x"}
    measured = {**of, "metric": "m", "value": "1", "measure": world.has(f"measure<{unit}>", unit), "day": BEGAN}
    read = {"kind": "file", "what": "x", "unit": unit, "purpose": world.has(f"reading<{unit}>", unit)}
    world.tell(f"honour-{n}", HonourRecorded.model_validate({**honour, "day": BEGAN}))
    world.tell(f"label-{n}", UnitLabelled.model_validate(label))
    world.tell(f"case-{n}", CaseSelected.model_validate(case))
    world.tell(f"metrics-{unit}", MetricRecorded.model_validate(measured))
    world.tell(f"access-{n}", DataRead.model_validate(read))


def _asked(world: World, n: int, unit: str, county: str) -> None:
    """A unit was asked for data by any county, and answered."""
    asked = {"request": f"r{n}", "county": county, "title": world.has(f"request<{unit}>", unit), "purpose": "x"}
    asked |= {"items": [{"id": "i", "name": "x", "as_of": BEGAN}], "units": [unit], "due": BEGAN}
    world.tell(f"requests-{county}-2023", DataRequested.model_validate(asked))
    world.ids["request"].append(f"{county}-2023-r{n}")
    answer = {"unit": unit, "answers": [{"item": "i", "value": world.has(f"answer<{unit}>", unit)}]}
    world.tell(f"answers-{county}-2023-r{n}-{unit}", DataAnswered.model_validate(answer))


def _recurs(world: World, county: str) -> None:
    """The mutual checks and the calendar of a county."""
    lot = {"county": county, "quarter": "2023-Q1", "seed": world.has(f"mutual<{county}>", county)}
    pair = {"checking": county, "checked": county}
    world.tell(f"mutual-{county}-2023-Q1", MutualChecksDrawn.model_validate({**lot, "pairs": [pair, pair]}))
    due = {"id": "i", "kind": "mid_term", "title": world.has(f"rhythm<{county}>", county), "due": BEGAN}
    world.tell(f"rhythm-{county}-2023", RhythmSet.model_validate({"county": county, "year": 2023, "items": [due]}))


def score(world: World) -> None:
    """Let scoring publish a scheme of each unit, and results of one that lay in it when they were counted."""
    codes = world.ids["unit"]
    made = Ratio(done=Metric.REPORTS_MADE, of=Metric.REPORTS_DUE)
    indicators = (Indicator(id="reports", name="x", weight=Decimal(100), source=made),)
    indices = tuple(
        Index(id=id, name="x", weight=share, indicators=indicators) for id, share in zip(IndexId, SHARES, strict=True)
    )
    for county in codes:
        name = world.has(f"scheme<{county}>", county)
        world.tell(f"scheme-{county}", SchemePublished(county=county, name=name, version=1, indices=indices))
    for unit in codes:
        world.has(f"result-{unit}", unit)
    for county in codes:
        below = [unit for unit in codes if county in world.way_at_first(unit)]
        results = tuple(
            UnitResult(
                unit=unit,
                total=Decimal(80),
                grade=Grade.GOOD,
                rank=1,
                rank_before=None,
                indices=tuple(IndexScore(id=id, points=Decimal(80)) for id in IndexId),
                indicators=tuple(IndicatorScore(id=id, points=Decimal(80)) for id in ("reports", f"result-{unit}")),
            )
            for unit in below
        )
        published = ResultsPublished(county=county, period="2023-Q1", scheme_version=1, results=results)
        world.tell(f"period-{county}-2023-Q1", published)


def warn(world: World) -> None:
    """Let alerts tell of each project's lamp, an alert that is open and one that is over, and a notice to its owner."""
    for n, unit in enumerate(world.ids["unit"]):
        project, county = world.ids["project"][n], world.counties[unit]
        of = {"owner": unit, "county": county, "as_of": BEGAN}
        percents = {"scheduled": 50, "actual": 20, "reason": "x"}
        lamp = {**of, **percents, "project": project, "lamp": Lamp.RED, "was": None}
        world.tell(f"lamp-{project}", LampChanged.model_validate(lamp))
        raised = {**of, "subject": project, "episode": 1, "lamp": Lamp.RED, "text": "x"}
        for rule in ("open", "over"):
            alert = {**raised, "rule": rule, "title": world.has(f"{rule}<{n}>", unit)}
            world.tell(f"alert-{rule}-{project}", AlertRaised.model_validate(alert))
        world.tell(f"alert-over-{project}", AlertCleared(episode=1, text="x", as_of=BEGAN))
        _noticed(world, n, unit, county)


def _noticed(world: World, n: int, unit: str, county: str) -> None:
    id = f"0190a1b2-0000-7000-a000-{n:012}"
    world.ids["notice"].append(id)
    notice = NoticeIssued(
        kind=NoticeKind.SUPERVISION,
        number=f"{n}",
        county=county,
        unit=unit,
        addressee="p0",
        subject="x",
        title=world.has(f"notice<{n}>", unit),
        reason="x",
        sign_by=BEGAN,
        reply_by=BEGAN,
    )
    world.tell(f"notice-{id}", notice)


def write(world: World) -> None:
    """Let reporting write two bulletins of each unit, and issue one of them."""
    for n, city in enumerate(world.ids["unit"]):
        for m, kind in enumerate(("draft", "bulletin")):
            id, name = f"0190a1b2-0000-7000-b00{m}-{n:012}", world.has(f"{kind}<{city}>", city)
            world.ids["bulletin"].append(id)
            section = Section(unit=city, title="x", paragraphs=(name,))
            manuscript = Manuscript(
                series=f"{kind}s",
                publisher="x",
                city=city,
                plan_year=2023,
                editor_note=name,
                sections=(section,),
                report_to="x",
                send_to="x",
                publish_to="x",
            )
            world.tell(f"bulletin-{id}", BulletinDrafted(manuscript=manuscript))
            if kind == "bulletin":
                issued = BulletinIssued(issue=1, year=2023, day=date(2023, 1, 1), figures=(), text=name)
                world.tell(f"bulletin-{id}", issued)
