"""What people read when scoring refuses something."""

TEXTS: dict[str, tuple[str, str]] = {
    "scheme_of_another_county": (
        "网址中的编码应与方案所属的县（市、区）{county} 一致。",
        "The id in the address must be the code of the scheme's county, {county}.",
    ),
    "not_the_next_version": (
        "方案公布后不再修改，只能公布下一版（第 {next} 版）。",
        "A published scheme is never edited; the next version is {next}.",
    ),
    "index_twice": (
        "方案应有党委引领、支部堡垒、党员先锋三项指数，各一项。",
        "A scheme has the three indices, each of them once.",
    ),
    "scheme_weights_not_100": (
        "“{of}”各项权重之和应为 100。",
        "The weights within “{of}” must sum to 100.",
    ),
    "indicator_twice": ("指标 {indicator} 出现了不止一次。", "The indicator {indicator} stands more than once."),
    "channel_twice": ("同一个评价渠道出现了不止一次。", "A channel stands more than once."),
    "floor_too_high": ("扣分下限不能高于 100。", "The floor of a deduction cannot be above 100."),
    "not_the_sheets_id": (
        "考评表的编号应为 {expected}。",
        "The id of this sheet must be {expected}.",
    ),
    "sheet_already_submitted": (
        "您已就该单位、该时段、该渠道交过考评表，不能再交。",
        "You have submitted a sheet of this channel about this unit and period; there is no second one.",
    ),
    "unit_not_in_county": (
        "该单位不是县（市、区）{county} 的下属单位。",
        "The unit does not lie below the county {county}.",
    ),
    "channel_of_the_county": (
        "县级抽查督查由县级评议人打分。",
        "The spot check is the county's: assessors of a township have no part in it.",
    ),
    "own_unit": ("不能给自己任职的单位评分。", "Nobody scores a unit at which he or she holds a post."),
    "period_not_begun": ("评议时段尚未开始。", "The period has not begun."),
    "period_not_over": (
        "评议时段尚未结束，不能公布结果。",
        "The period is not over; its results cannot be published.",
    ),
    "results_already_published": ("该时段的结果已经公布。", "The results of this period have been published."),
    "no_scheme": ("该县（市、区）尚未公布指数方案。", "The county has not published a scheme."),
    "indicator_not_of_channel": (
        "指标 {indicator} 不由该渠道评价。",
        "The indicator {indicator} is not one of this channel in the county's present scheme.",
    ),
    "not_the_periods_id": ("结果的编号应为 {expected}。", "The id of these results must be {expected}."),
    "no_units_to_score": ("该县（市、区）没有参评的乡镇。", "The county has no townships to be scored."),
    "scheme_not_here_yet": (
        "结果所依据的方案尚未汇入，请稍后再试。",
        "The scheme of these results has not been taken in yet; try again later.",
    ),
    "facts_parked": (
        "有事实未能汇入，运维人员处理后才能公布结果。",
        "Some facts could not be taken in; results wait until an operator has seen to them (`guatu parked`).",
    ),
    "facts_not_here_yet": (
        "该时段的事实和考评表尚未全部汇入，请稍后再试。",
        "Not every fact and sheet of the period has been taken in yet; try again later.",
    ),
}
