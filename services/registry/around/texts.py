"""What people read when something of what lies around projects is refused."""

TEXTS: dict[str, tuple[str, str]] = {
    # Visits and difficulties
    "no_such_visit": ("没有编号为 {id} 的现场办公。", "There is no visit {id}."),
    "not_a_leader_there": (
        "所填领导当天不是单位 {unit} 或其上级的领导或书记。",
        "The person named was on that day no leader or secretary of the unit {unit} or of one above it.",
    ),
    "before_the_visit": ("不能早于现场办公当天（{on}）。", "It lies before the day of the visit ({on})."),
    "suggestion_exists": ("编号为 {suggestion} 的建议已存在。", "There is a suggestion {suggestion} already."),
    "difficulty_exists": ("编号为 {difficulty} 的难点已存在。", "There is a difficulty {difficulty} already."),
    "no_such_difficulty": ("没有编号为 {difficulty} 的难点。", "There is no difficulty {difficulty}."),
    "difficulty_already_solved": (
        "这个难点（{difficulty}）已经解决。",
        "The difficulty {difficulty} is solved already.",
    ),
    # Mutual checks and the calendar of the year
    "mutual_checks_drawn": ("{quarter} 的互查已经抽签。", "The mutual checks of {quarter} have been drawn already."),
    "quarter_not_begun": ("{quarter} 还没有开始。", "The quarter {quarter} has not begun."),
    "too_few_townships": (
        "{county} 的乡镇不足两个，无法互查。",
        "The county {county} has fewer than two townships, so that none can check another.",
    ),
    "not_in_the_lot": ("{unit} 没有参加这次抽签。", "The unit {unit} was not in the lot."),
    "mutual_check_held": ("{unit} 的互查已经登记。", "The check by {unit} has been recorded already."),
    "before_the_quarter": ("早于 {quarter} 的开始。", "It lies before the quarter {quarter}."),
    "mutual_check_not_held": ("{unit} 的互查还没有登记。", "The check by {unit} has not been recorded."),
    "checks_its_own": (
        "单位 {unit} 已由被查乡镇承接，不能查自己的项目。",
        "The unit {unit} has been left to the checked township, which does not check its own projects.",
    ),
    "not_of_the_checked_township": (
        "项目不在 {unit} 抽到的乡镇。",
        "The project does not lie in the township that {unit} has drawn.",
    ),
    "no_such_mutual": ("{id} 没有抽签。", "No mutual checks {id} have been drawn."),
    "no_such_rhythm": ("没有编号为 {id} 的工作日历。", "There is no calendar {id}."),
    "held_item_lost": ("已办的事项不能去掉：{items}。", "What was held must stay in the calendar: {items}."),
    "no_such_item": ("日历中没有编号为 {item} 的事项。", "The calendar has no item {item}."),
    "item_already_held": ("事项 {item} 已经登记。", "The item {item} has been recorded already."),
    # Cases, honours, labels, metrics
    "no_such_case": ("没有编号为 {id} 的案例。", "There is no case {id}."),
    "case_exists": (
        "单位 {unit} 的案例“{title}”已经入选。",
        "The case “{title}” of the unit {unit} has been selected already.",
    ),
    "case_already_published": ("该案例已在这个专栏刊发。", "The case has been published in this column already."),
    "honour_exists": (
        "单位 {unit} 当天的荣誉“{title}”已经登记。",
        "The honour “{title}” of the unit {unit} on that day has been recorded already.",
    ),
    "label_exists": (
        "单位 {unit} 的称号“{label}”已经登记。",
        "The label “{label}” of the unit {unit} has been recorded already.",
    ),
    "no_catalogue_there": (
        "指标由省、市、县（市、区）设立，不能设在 {unit}。",
        "Metrics are defined at a province, city or county, not at {unit}.",
    ),
    "metric_exists": ("指标 {metric} 已由 {unit} 设立。", "The metric {metric} is defined at {unit} already."),
    "metric_measured_otherwise": (
        "指标 {metric} 已由下级 {unit} 以另一计量单位设立。",
        "The metric {metric} is defined below, at {unit}, in another measure.",
    ),
    "unit_in_no_county": ("单位 {unit} 不在任何县（市、区）。", "The unit {unit} lies in no county."),
    "no_such_metric": ("没有名为 {metric} 的指标。", "There is no metric {metric}."),
    "metric_already_recorded": (
        "{day} 的数值已经登记；如有误，请作更正。",
        "The value of {day} has been recorded already; correct it instead.",
    ),
    "metric_not_recorded": ("没有 {day} 的数值，无从更正。", "No value of {day} has been recorded."),
}
