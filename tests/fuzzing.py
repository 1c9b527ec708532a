"""Asks a running service what its OpenAPI offers, in its words and against them, and says which answers belie it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished

SEED = 340822
REFUSED = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422]
PATIENCE = 60
"""Seconds that an answer may take: how fast it comes is no matter here."""
QUERIES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
"""The checks of what is only read: no failure, and nothing but what is described."""


def asking(headers: Mapping[str, str], examples: int, parameters: Mapping[str, str]) -> dict[str, Any]:
    """A few examples of each operation, the same ones each time, in the words of the OpenAPI and against them.

    What it cannot say of a value (a day that no fact is about, another unit's code) is refused with 422, and with 412
    what would change another version; what has the right shape is never refused for its shape (400). The bulk is left
    out: it answers 200, and refuses each line by itself.
    """
    return {
        "seed": SEED,
        "headers": dict(headers),
        "request-timeout": PATIENCE,
        "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {name: {"enabled": name == "fuzzing"} for name in ("examples", "coverage", "fuzzing", "stateful")},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 412, 422]},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        "parameters": dict(parameters),
        "operations": [{"include-path-regex": "/commands$", "enabled": False}],
    }


def reading(headers: Mapping[str, str], examples: int) -> dict[str, Any]:
    """The same of queries alone, with nothing asked of how they judge what they are sent.

    Without the status, which asks a broker how far the service has come: none need be there for queries.
    """
    checks = {"enabled": False, **{name: {"enabled": True} for name in QUERIES}}
    beside = [{"include-method": "POST", "enabled": False}, {"include-path-regex": "/status$", "enabled": False}]
    return {**asking(headers, examples, {}), "checks": checks, "operations": beside}


def findings(url: str, told: Mapping[str, Any]) -> list[str]:
    """What is wrong, one text each."""
    schema = schemathesis.openapi.from_url(url, timeout=PATIENCE, config=SchemathesisConfig.from_dict(dict(told)))
    return list(_told(from_schema(schema).execute()))


def _told(events: Iterable[EngineEvent]) -> Iterator[str]:
    for event in events:
        match event:
            case NonFatalError():
                yield f"{event.label}: {event.value!r}"
            case FatalError():
                yield repr(event.exception)
            case ScenarioFinished():
                yield from _failures(event)
            case _:
                pass


def _failures(scenario: ScenarioFinished) -> Iterator[str]:
    for case, checks in scenario.recorder.checks.items():
        asked = scenario.recorder.interactions[case]
        answer = asked.response.content.decode(errors="replace") if asked.response else "no answer"
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                shown = (check.name, failure.title, failure.message, asked.request.uri, asked.request.body, answer)
                yield f"{scenario.label}: {' | '.join(str(each) for each in shown)}"
