"""A wrong cell, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from shared.errors import GuatuError
from shared.field_errors import field_errors
from shared.problem_texts import Language, phrase, text_of

Fault = GuatuError | ErrorDetails
"""A rule, or what a field's shape says."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell by its row's number and its column's key, what is wrong with it, and what stands in it."""

    row: int
    column: str
    fault: Fault
    value: str

    @property
    def code(self) -> str:
        """The name of the rule."""
        return self.fault.code if isinstance(self.fault, GuatuError) else self.fault["type"]

    def words(self, language: Language) -> str:
        """The rule in words."""
        if not isinstance(self.fault, GuatuError):
            return field_errors([self.fault], language)[0]["detail"]
        text = text_of(self.fault.code)
        values: Mapping[str, Any] = {**self.fault.detail, "field": self.fault.field or ""}
        return phrase(text, language, values) if text else self.fault.code
