"""What people read when something of units, persons, the calendar or a list is refused."""

TEXTS: dict[str, tuple[str, str]] = {
    "not_a_unit_code": ("{id} 不是单位编码。", "{id} is no unit code."),
    "unit_exists": ("单位 {unit} 已登记。", "The unit {unit} is registered already."),
    "kind_not_of_the_code": (
        "单位类别与编码 {unit} 不符。",
        "The kind of the unit is not the one that its code {unit} says.",
    ),
    "no_such_parent": ("上级单位 {parent} 尚未登记。", "The parent unit {parent} is not registered."),
    "parent_unfit": ("这类单位不能设在该上级之下。", "A unit of this kind cannot lie below that parent."),
    "change_in_the_future": (
        "这一天还没有到：只登记今天或以前生效的变更。",
        "That day has not come: a change is told on its first day or later.",
    ),
    "before_the_last_change": (
        "早于该单位上一次变更（{last}）。",
        "That is before the unit's last change ({last}).",
    ),
    "unit_has_ended": ("单位 {unit} 已于 {day} 撤销。", "The unit {unit} has ended on {day}."),
    "unit_not_there_yet": (
        "单位 {unit} 自 {day} 起才设立。",
        "The unit {unit} is there from {day} on.",
    ),
    "below_itself": (
        "单位不能归到自己或自己的下级之下。",
        "A unit cannot lie below itself or below what lies below it.",
    ),
    "another_rank": (
        "单位 {unit} 的层级不符。",
        "The unit {unit} is of another rank.",
    ),
    "heir_of_another_rank": (
        "单位撤销后由同级的单位承接，村、社区等支部也可由乡镇承接：请指明。",
        "What a unit leaves goes to another of its rank, or a branch's to a township: name it.",
    ),
    "units_named_twice": ("有单位重复列出。", "A unit is named twice."),
    "heir_not_among_them": (
        "承接单位应是拆分后的单位之一。",
        "The heir is one of the units that it is split into.",
    ),
    "no_heir": ("没有可以承接的上级单位，请指明。", "There is no unit above it: name an heir."),
    "no_such_place": ("没有这一页，请从第一页看起。", "There is no such place in this list: begin with the first."),
    "no_such_person": ("没有编号为 {id} 的人员。", "There is no person with the id {id}."),
    "hands_over_to_oneself": ("不能移交给自己。", "Nobody hands over to him- or herself."),
    "not_a_person_id": (
        "人员编号 {id} 不合要求：只用小写字母、数字和连字符。",
        "{id} is no person id: small letters, digits and hyphens.",
    ),
    "person_exists": ("人员 {person} 已登记。", "The person {person} is registered already."),
    "role_unfit": ("这一级单位不设该职责。", "This role is not held at a unit of this rank."),
    "already_appointed": (
        "该人员当时已担任这一职务。",
        "The person holds this role at this unit at that time already.",
    ),
    "not_appointed": ("该人员没有担任这一职务。", "The person does not hold this role at this unit."),
    "ends_before_it_began": (
        "任职结束日期早于开始日期（{since}）。",
        "The appointment would end before it began ({since}).",
    ),
    "not_a_year": ("{id} 不是年份。", "{id} is no year."),
    "day_of_another_year": ("有日期不在 {year}年。", "A day does not lie in {year}."),
    "holiday_on_a_weekend": (
        "放假日只列周一至周五的日期。",
        "Holidays are weekdays that are off; a weekend day needs no mention.",
    ),
    "workday_on_a_weekday": ("调休上班日只列周六、周日。", "Workdays are weekend days that are worked."),
    "no_scenario_time": ("当前没有使用推演时间。", "Days are begun by hand in scenario time alone."),
    "day_already_began": (
        "这一天之后的日期（{last}）已经开始。",
        "A later day ({last}) has begun already.",
    ),
    "day_too_far": ("距上一个开始的日期（{last}）超过 366 天。", "More than 366 days after the last day ({last})."),
}
