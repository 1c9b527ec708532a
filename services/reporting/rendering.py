"""The templates of reporting, read once a process."""

from functools import cache

from jinja2 import Environment

from services.reporting.wall_page import wall_environment
from shared.settings import ClockMode, Settings


@cache
def templates(*, sample: bool = False) -> Environment:
    """The environment of all pages and texts of reporting; `sample` is whether the data is invented."""
    return wall_environment(sample=sample)


def is_sample(settings: Settings) -> bool:
    """Whether what is shown is a played year and nobody's real work."""
    return settings.clock is ClockMode.SCENARIO
