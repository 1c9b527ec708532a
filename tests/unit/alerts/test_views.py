"""The views of alerts' own events, and by how many days a notice is late."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.alerts.views import ALERTS, LAMPS, NOTICES, AlertRow, LampRow, Stage, overdue
from shared.contracts.alert import AlertCleared, AlertUpdated, Lamp, NoticeKind, NoticeReplied, NoticeSigned
from shared.view import View
from tests.projecting import History, fold_all
from tests.unit.alerts.build import COUNTY, SECRETARY, TOWN, day, notice_issued
from tests.unit.alerts.test_reactions import AS_OF, OWNER, PROJECT, changed, raised


def test_a_lamp_is_as_it_last_changed() -> None:
    told = History()
    told.tell("lamp-1", changed(Lamp.GREEN, None), on=day("03-01"))
    told.tell("lamp-1", changed(Lamp.RED, Lamp.GREEN), on=day("04-06"))
    assert fold_all(LAMPS, told.events)["lamp-1"] == LampRow(
        PROJECT, OWNER, COUNTY, Lamp.RED, "red的原因", AS_OF, Decimal("44.5"), Decimal(20), day("04-06")
    )


def test_an_alert_is_its_last_episode_and_without_a_lamp_once_cleared() -> None:
    told = History()
    told.tell("alert-1", raised(1, Lamp.YELLOW), on=day("03-06"))
    told.tell("alert-1", AlertUpdated(episode=1, lamp=Lamp.RED, text="更落后", as_of=AS_OF), on=day("04-06"))
    open_row = AlertRow(
        "behind-schedule", PROJECT, OWNER, COUNTY, 1, Lamp.RED, "落后于序时进度", "更落后", AS_OF, day("03-06")
    )
    assert fold_all(ALERTS, told.events)["alert-1"] == open_row
    told.tell("alert-1", AlertCleared(episode=1, text="赶上", as_of=AS_OF), on=day("05-06"))
    cleared = fold_all(ALERTS, told.events)["alert-1"]
    assert (cleared.lamp, cleared.text, cleared.raised, cleared.cleared) == (None, "赶上", day("03-06"), day("05-06"))
    told.tell("alert-1", raised(2, Lamp.RED), on=day("06-06"))
    anew = fold_all(ALERTS, told.events)["alert-1"]
    assert (anew.episode, anew.lamp, anew.raised, anew.cleared) == (2, Lamp.RED, day("06-06"), None)


def test_a_notice_has_the_days_of_its_life() -> None:
    told = History()
    told.tell("notice-1", notice_issued(), on=day("06-08"))
    told.tell("notice-1", NoticeSigned(), on=day("06-09"))
    told.tell("notice-1", NoticeReplied(text="已整改"), on=day("06-18"))
    row = fold_all(NOTICES, told.events)["notice-1"]
    assert (row.kind, row.number, row.unit, row.addressee) == (
        NoticeKind.WARNING,
        "怀组预〔2023〕1号",
        TOWN,
        SECRETARY,
    )
    assert (row.stage, row.issued, row.signed, row.replied, row.reply) == (
        Stage.REPLIED,
        day("06-08"),
        day("06-09"),
        day("06-18"),
        "已整改",
    )


@pytest.mark.parametrize(
    ("stage", "today", "late"),
    [
        (Stage.ISSUED, "06-12", 0),
        (Stage.ISSUED, "06-13", 1),
        (Stage.SIGNED, "06-13", 0),
        (Stage.SIGNED, "06-26", 0),
        (Stage.SIGNED, "06-29", 3),
        (Stage.REPLIED, "12-31", 0),
    ],
)
def test_a_deadline_ends_with_its_day(stage: Stage, today: str, late: int) -> None:
    assert overdue(stage, date(2023, 6, 12), date(2023, 6, 26), day(today)) == late


@pytest.mark.parametrize("view", [LAMPS, ALERTS, NOTICES], ids=lambda view: view.name)
def test_an_event_of_another_kind_changes_nothing(view: View[Any]) -> None:
    told = History().tell("lamp-1", changed(Lamp.GREEN, None), raised(1, Lamp.RED), NoticeSigned())
    kind = {LAMPS.name: 1, ALERTS.name: 2, NOTICES.name: 0}[view.name]
    assert view.evolve(view.row(), told[kind]) == view.row()
