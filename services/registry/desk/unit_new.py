"""A unit's page, the part with which the tree grows: a unit is registered below it, the first one below none."""

from dataclasses import replace

from services.registry.commands.reference import RegisterUnit
from services.registry.desk.access import Caller
from shared.contracts.divisions import kind_of
from shared.web.forms import Form
from shared.web.posts import Given, Refused, give

VERB = "register-unit"
_NO_CODE = "不是单位编码：行政区划代码 6、9 或 12 位，或县（市、区）编码加 -D0001、-E0001、-X0001。"


async def registered(caller: Caller, form: Form, parent: str | None) -> Given | Refused:
    """Register the unit that a form names; its code says its kind, and what is wrong with either stands there."""
    code = form.value("code").strip()
    try:
        kind = kind_of(code)
    except ValueError:
        return Refused(replace(form, errors={"code": _NO_CODE}, refusal=_NO_CODE), 422)
    told = {"name": form.value("name"), "since": form.value("since"), "kind": kind.value, "parent": parent or ""}
    outcome = await give(caller.kit, caller.person, RegisterUnit, replace(form, fields=told), id=code)
    if isinstance(outcome, Given):
        return outcome
    errors = {path if path in ("name", "since") else "code": text for path, text in outcome.form.errors.items()}
    left = {} if errors else {"code": outcome.form.refusal}
    return replace(outcome, form=replace(outcome.form, fields=form.fields, errors={**errors, **left}))
