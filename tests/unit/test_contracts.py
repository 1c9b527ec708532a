"""The envelope: canonical bytes, digests, upcasting, and schemas that never break."""

import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infra import schemas as released
from shared.contracts import event as contract
from shared.contracts.chain import extend, genesis
from shared.contracts.event import Context, EventData, UnknownEventType, canonical, data_of, read, seal, upcaster
from shared.contracts.schemas import breaks, schemas
from shared.contracts.topics import Topic
from shared.contracts.values import Month, StreamId, UnitCode

COMMAND = UUID("0190a1b2-0000-7000-8000-000000000001")
CONTEXT = Context(
    COMMAND,
    "/guatu/test",
    datetime(2023, 8, 22, 1, 2, 3, 456, tzinfo=UTC),
    "zhang",
    "340822",
    date(2023, 8, 22),
    on_behalf_of="li",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)


class LampHung(EventData, name="test.lamp-hung.v2", topic=Topic.PROJECT):
    """A lamp was hung; v1 had its place in one text."""

    street: str
    number: int
    note: str = ""


@upcaster("test.lamp-hung.v1", "test.lamp-hung.v2")
def _split_the_place(data: dict[str, Any]) -> dict[str, Any]:
    street, _, number = data["place"].rpartition(" ")
    return {"street": street, "number": int(number)}


def sealed() -> bytes:
    hung = LampHung(street="城北路", number=7)
    return seal(hung, CONTEXT, n=0, stream=StreamId("project-1"), stream_version=3, topic_version=2).body


def changed(**attributes: object) -> bytes:
    return orjson.dumps({**orjson.loads(sealed()), **attributes})


def test_an_event_is_read_as_it_was_sealed() -> None:
    event = read(sealed())
    assert event.data == LampHung(street="城北路", number=7)
    assert event.id == uuid5(COMMAND, "0")
    assert (event.subject, event.stream_version, event.topic_version) == ("project-1", 3, 2)
    assert (event.actor, event.on_behalf_of, event.org) == ("zhang", "li", "340822")
    assert (event.time, event.effective) == (CONTEXT.time, CONTEXT.effective)
    assert event.causation_id == event.correlation_id == str(COMMAND)


def test_why_a_fact_was_dated_back_stands_on_the_event_if_anything_was_said() -> None:
    assert read(sealed()).effective_reason is None
    assert "effectivereason" not in orjson.loads(sealed())
    late = replace(CONTEXT, effective_reason="补录")
    body = seal(
        LampHung(street="城北路", number=7), late, n=0, stream=StreamId("p-1"), stream_version=1, topic_version=1
    ).body
    assert read(body).effective_reason == "补录"
    assert all(name.isascii() and name.isalnum() and name.islower() and len(name) <= 20 for name in orjson.loads(body))


def test_the_envelope_is_a_cloudevent() -> None:
    envelope = orjson.loads(sealed())
    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == "cn.guatu.test.lamp-hung.v2"
    assert envelope["dataschema"] == "urn:guatu:schema:test.lamp-hung.v2"
    assert envelope["time"] == "2023-08-22T01:02:03.000456Z"
    assert all(name.isascii() and name.isalnum() and name.islower() and len(name) <= 20 for name in envelope)
    assert all(isinstance(value, str | int) for name, value in envelope.items() if name != "data")


def test_an_event_of_an_old_version_is_read_as_the_present_one() -> None:
    old = changed(type="cn.guatu.test.lamp-hung.v1", data={"place": "城北路 7"})
    assert read(old).data == LampHung(street="城北路", number=7)
    assert read(old).type == LampHung.type
    assert data_of("cn.guatu.test.lamp-hung.v1", {"place": "城北路 7"}) == LampHung(street="城北路", number=7)


def test_a_later_writers_new_field_is_ignored_on_reading_and_refused_on_writing() -> None:
    later = changed(data={"street": "城北路", "number": 7, "colour": "warm"})
    assert read(later).data == LampHung(street="城北路", number=7)
    with pytest.raises(ValidationError, match="colour"):
        LampHung(street="城北路", number=7, colour="warm")  # pyright: ignore[reportCallIssue]


def test_an_unknown_type_and_broken_bytes_are_told_apart() -> None:
    with pytest.raises(UnknownEventType):
        read(changed(type="cn.guatu.test.never-heard.v1"))
    for broken in (b"", b"{", b'{"type": "cn.guatu.test.lamp-hung.v2"}', changed(data={"street": 1})):
        with pytest.raises(ValueError, match=r".") as error:
            read(broken)
        assert not isinstance(error.value, UnknownEventType)


def test_two_models_of_one_type_are_refused() -> None:
    with pytest.raises(TypeError, match="two models"):
        type("Again", (EventData,), {}, name="test.lamp-hung.v2", topic=Topic.PROJECT)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_019", min_size=1), inner),
    max_leaves=10,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text("abcXYZ_019", min_size=1), values))
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.lists(st.binary(), max_size=5))
def test_a_chains_head_is_the_hash_of_every_event_before_it(bodies: list[bytes]) -> None:
    head = sha256(b"guatu-stream/v1\n/guatu/test\nproject-1").digest()
    for body in bodies:
        head = sha256(b"\x02" + head + sha256(body).digest()).digest()
    assert extend(genesis("/guatu/test", "project-1"), bodies) == head


def test_no_contract_has_a_float() -> None:
    assert '"number"' not in orjson.dumps([list(_types(schema)) for schema in schemas().values()]).decode()


def _types(schema: Any) -> Any:
    if isinstance(schema, dict):
        yield from ([schema["type"]] if isinstance(schema.get("type"), str) else [])
        for value in schema.values():
            yield from _types(value)
    if isinstance(schema, list):
        for value in schema:
            yield from _types(value)


def test_a_reader_that_validates_by_the_schemas_meets_no_error_in_what_a_later_writer_adds() -> None:
    assert b'"additionalProperties":false' not in orjson.dumps(schemas())


def test_the_released_schemas_are_those_of_the_contracts() -> None:
    assert released.main("check") == 0


def _schema(**fields: Any) -> dict[str, Any]:
    return {"t.v1": {"type": "object", "properties": fields, "required": list(fields)}}


TEXT = {"type": "string", "maxLength": 10}
KIND = {"type": "string", "enum": ["a", "b"]}


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        (_schema(a=TEXT), {}, "t.v1"),
        (_schema(a=TEXT, b=TEXT), _schema(a=TEXT), "t.v1.b"),
        (_schema(a=TEXT), _schema(a=TEXT, b=TEXT), "t.v1.b"),
        (_schema(a=TEXT), _schema(a={"type": "integer"}), "t.v1.a"),
        (_schema(a=TEXT), _schema(a={**TEXT, "maxLength": 9}), "t.v1.a"),
        (_schema(a=TEXT), _schema(a={**TEXT, "minLength": 1}), "t.v1.a"),
        (_schema(a=TEXT), _schema(a={**TEXT, "pattern": "^x"}), "t.v1.a"),
        (_schema(a=KIND), _schema(a={"type": "string", "enum": ["a"]}), "t.v1.a"),
        (_schema(a={"anyOf": [TEXT, {"type": "null"}]}), _schema(a={"anyOf": [TEXT]}), "t.v1.a"),
        (_schema(a={"type": "string"}), _schema(a=KIND), "t.v1.a"),
        (_schema(a={"type": "array", "items": KIND}), _schema(a={"type": "array", "items": TEXT}), "t.v1.a[]"),
    ],
)
def test_a_breaking_change_is_found_at_its_place(before: dict[str, Any], after: dict[str, Any], where: str) -> None:
    assert {line.split(": ")[0] for line in breaks(before, after)} == {where}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, _schema(a=TEXT)),
        (_schema(a=TEXT), _schema(a=TEXT, b={**TEXT, "default": ""})),
        (_schema(a=TEXT), _schema(a={**TEXT, "maxLength": 11})),
        (_schema(a=KIND), _schema(a={"type": "string", "enum": ["a", "b", "c"]})),
        (_schema(a={"anyOf": [TEXT]}), _schema(a={"anyOf": [{"type": "null"}, TEXT]})),
    ],
)
def test_an_additive_change_is_allowed(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert breaks(before, after) == []


def test_a_renamed_definition_is_no_change() -> None:
    reference = {"$ref": "#/$defs/Kind"}
    before = {"t.v1": {"properties": {"a": reference}, "$defs": {"Kind": KIND}}}
    after = copy.deepcopy(before)
    after["t.v1"]["$defs"] = {"Sort": KIND}
    after["t.v1"]["properties"]["a"] = {"$ref": "#/$defs/Sort"}
    assert breaks(before, after) == []


def test_every_model_has_a_documented_type() -> None:
    for name, model in contract.models():
        assert model.__doc__, name


@pytest.mark.parametrize(
    ("kind", "value"), [(UnitCode, "３４０８２２"), (Month, "２０２３-07"), (Month, "0000-01"), (Month, "9999-12")]
)
def test_codes_and_months_are_in_ascii_digits_and_months_of_years_that_facts_are_about(kind: Any, value: str) -> None:
    with pytest.raises(ValidationError, match="digits"):
        TypeAdapter(kind).validate_python(value)
