"""What reporting's refusals say, in Chinese and English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "no_such_bulletin": ("没有这份通报。", "There is no such bulletin."),
    "already_issued": (
        "该通报已作为第 {issue} 期签发，不能再改。",
        "It was issued as number {issue} and stays as it is.",
    ),
    "another_city": ("通报不能改为另一个市的。", "A bulletin stays that of its city."),
    "not_a_city": ("{field}：{unit} 不是市的编码。", "{field}: {unit} is not the code of a city."),
    "not_of_the_city": (
        "{field}：{unit} 不是该市的县（市、区）。",
        "{field}: {unit} is no county of the bulletin's city.",
    ),
    "no_such_figure": (
        "{field}：没有名为“{name}”的数字，可用的有：{known}。",
        "{field}: there is no figure called {name}; there are: {known}.",
    ),
    "stray_brace": (
        "{field}：花括号没有成对，或加粗的引语里有数字：“{text}”。",
        "{field}: a brace without its pair, or a figure within a strong lead: “{text}”.",
    ),
    "figures_pending": (
        "这些数字还没有依据，不能签发：{figures}。",
        "These figures are not known yet: {figures}.",
    ),
    "issue_number_used": (
        "本年第 {issue} 期已经签发，下一期是第 {next} 期。",
        "Number {issue} of this year is taken; the next is {next}.",
    ),
    "no_such_figure_of_unit": ("{unit} 没有这项数字。", "There is no such figure of {unit}."),
    "no_figures_of_unit": (
        "{unit} 没有可统计的数字，只有市和县（市、区）有。",
        "There are no figures of {unit}; cities and counties have them.",
    ),
    "day_in_the_future": ("日期不能晚于今天（{today}）。", "The day lies after today ({today})."),
}
