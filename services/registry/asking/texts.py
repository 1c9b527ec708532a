"""What people read when a data request, or an answer to one, is refused."""

TEXTS: dict[str, tuple[str, str]] = {
    "not_a_request_year": (
        "编号 {id} 不合要求：县（市、区）编码、连字符、年份。",
        "{id} is no county's year: the county's code, a hyphen, the year.",
    ),
    "not_this_years_requests": (
        "数据需求登记在本县（市、区）{year}年之下。",
        "A request is registered under the county's own code and the year {year}.",
    ),
    "request_exists": ("编号为 {request} 的数据需求已存在。", "There is a request {request} already."),
    "items_share_an_id": ("事项编号有重复。", "Two items have the same id."),
    "held_already": (
        "“{item}”系统已有，不再向下索要：见{where}。",
        "“{item}” is held already and not asked for again: see {where}.",
    ),
    "asked_already": (
        "“{item}”已在“{request}”中向同一单位要过，不再重复索要。",
        "“{item}” was asked of the same unit in “{request}” and is not asked for again.",
    ),
    "no_such_request": ("没有这项数据需求，或已撤回。", "There is no such request, or it was withdrawn."),
    "not_asked_of_the_unit": ("这项数据需求没有发给单位 {unit}。", "The request was not put to the unit {unit}."),
    "not_every_item": (
        "请对每个数据项各答一次；没有的填“不适用”。",
        "Each item is answered once; what a unit does not have is answered by null.",
    ),
}
