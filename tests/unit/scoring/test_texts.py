"""Every refusal of scoring has its text in both languages."""

from pathlib import Path

from services import scoring
from services.scoring.app import SERVICE
from services.scoring.texts import TEXTS
from shared.problem_texts import text_of
from tests.unit.refusals import codes


def test_every_refusal_has_a_text_in_both_languages_and_every_text_its_refusal() -> None:
    found = codes(Path(scoring.__path__[0]))
    assert SERVICE.name == "scoring"
    assert [code for code in sorted(found) if text_of(code) is None] == []
    assert sorted(TEXTS.keys() - found) == []
