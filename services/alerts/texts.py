"""What people read when alerts refuses something."""

TEXTS: dict[str, tuple[str, str]] = {
    "notice_unit_not_in_county": (
        "单位 {unit} 不在 {county} 之下。",
        "The unit {unit} does not lie below {county}.",
    ),
    "addressee_not_of_unit": (
        "受文人不是该单位（{unit}）的书记。",
        "The addressee is not the secretary of the unit {unit}.",
    ),
    "sign_by_past": ("签收期限不能早于今天。", "The day to sign by lies in the past."),
    "reply_before_signing": ("回复期限应晚于签收期限。", "The day to reply by must be after the day to sign by."),
    "already_signed": ("该通知已经签收。", "The notice has been signed for."),
    "not_signed": ("请先签收，再回复。", "Sign for the notice before replying to it."),
    "already_replied": ("该通知已经回复。", "The notice has been replied to."),
}
