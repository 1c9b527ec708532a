"""What people read when the gateway's own parts refuse: every code in Chinese and in English."""

TEXTS: dict[str, tuple[str, str]] = {
    "not_a_client": (
        "登录请求不是本平台发出的（{field}）。",
        "The sign-in request is not this platform's ({field}).",
    ),
    "not_a_person": (
        "人员编号只用小写字母、数字和连字符。",
        "A person's id has small letters, digits and hyphens.",
    ),
    "no_replica": (
        "{service} 服务暂时没有运行，请稍后再试。",
        "No replica of {service} takes requests; try again later.",
    ),
    "answer_broken_off": (
        "{service} 服务在办理中途断开，不能确定是否已办理。",
        "{service} broke off before it had answered.",
    ),
    "no_answer_in_time": (
        "{service} 服务没有及时答复，不能确定是否已办理。",
        "{service} did not answer in time; whether it did it is not known.",
    ),
}
