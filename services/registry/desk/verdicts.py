"""What a reviewer says of the four criteria on one form, as the opinions and the decision that it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from services.registry.around.named import named
from services.registry.commands.reviewing import ApprovePlan, RejectPlan, ReturnPlan
from services.registry.desk.words import CRITERIA
from shared.command import Command
from shared.contracts.project import OpinionKind
from shared.web.forms import Form


class Verdict(StrEnum):
    """How a plan meets a criterion: it does, all but, or not; the latter two are opinions with words."""

    MEETS = "meets"
    NEARLY = "nearly"
    FAILS = "fails"


VERDICTS: Mapping[Verdict, str] = {Verdict.MEETS: "符合", Verdict.NEARLY: "基本符合", Verdict.FAILS: "不符合"}
_KINDS = {Verdict.NEARLY: OpinionKind.REMARK, Verdict.FAILS: OpinionKind.CHANGE}
DECISIONS: Mapping[str, type[Command]] = {each.verb(): each for each in (ApprovePlan, ReturnPlan, RejectPlan)}


@dataclass(frozen=True, slots=True)
class Judged:
    """The opinions to be given, each with a form and a key of its own; what is wrong, by field."""

    opinions: tuple[Form, ...]
    errors: Mapping[str, str]


def judged(form: Form, id: str, verb: str) -> Judged:
    """Read the verdicts of a form on the project `id`.

    Who approves has judged each criterion, and fails none; a verdict that is not “meets” has words. An opinion's name
    follows from the form's key, so that the same form sent twice gives it once.
    """
    opinions: list[Form] = []
    errors: dict[str, str] = {}
    for criterion, word in CRITERIA.items():
        given, text = form.value(f"{criterion}.verdict"), form.value(f"{criterion}.text").strip()
        verdict = Verdict(given) if given in VERDICTS else None
        if verb == ApprovePlan.verb() and verdict is None:
            errors[f"{criterion}.verdict"] = f"“{word}”未评，评完方可通过"
        elif verb == ApprovePlan.verb() and verdict is Verdict.FAILS:
            errors[f"{criterion}.verdict"] = f"“{word}”不符合，应退回修改"
        elif verdict is not None and verdict in _KINDS:
            if not text:
                errors[f"{criterion}.text"] = "写明意见：哪里不够，应怎样改"
                continue
            name = named("opinion", id, form.key, criterion)
            fields = {"opinion": name, "criterion": criterion.value, "kind": _KINDS[verdict].value, "text": text}
            opinions.append(replace(form, fields=fields, key=f"{form.key}-{criterion}"))
    if verb in (ReturnPlan.verb(), RejectPlan.verb()) and not _reason(form, verb):
        errors["reason"] = "写明理由"
    return Judged(tuple(opinions), errors)


def decision(form: Form, verb: str) -> Form:
    """The form of the decision itself."""
    reason = _reason(form, verb)
    return replace(form, fields={"reason": reason} if reason and verb != ApprovePlan.verb() else {})


def _reason(form: Form, verb: str) -> str:
    """The reason that was written; a plan that is returned for opinions has these for a reason."""
    written = form.value("reason").strip()
    if written or verb != ReturnPlan.verb():
        return written
    asked = [word for each, word in CRITERIA.items() if form.value(f"{each}.verdict") == Verdict.FAILS]
    return f"“{'”“'.join(asked)}”须修改，见各项意见。" if asked else ""
