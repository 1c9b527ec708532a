"""What of a scenario does not fit together, or not to its city, by the rules that its commands will meet.

Each is a line with its place in the file. Rules that a service decides by are asked of its own pure functions.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import ValidationError

from infra.scenario.divisions import Unit, below
from infra.scenario.fitting_around import FittingAround
from infra.scenario.model import Assessment, Campaign, County, Notice, Scenario, places_of
from infra.scenario.timing import DAY, Timing, timing_of
from services.registry import texts as registry_texts
from services.registry.commands.reference import PublishCalendar
from services.registry.project.proposing import OPENS_IN
from services.registry.reference.calendar import Calendar, publish_calendar
from services.reporting import texts as reporting_texts
from services.reporting.bulletin import Bulletin, draft
from services.reporting.manuscript import wanted
from services.scoring import texts as scoring_texts
from services.scoring.commands import PublishScheme
from services.scoring.periods import span
from services.scoring.scheme import Scheme, publish
from shared.contracts.assessment import Channel
from shared.contracts.bulletin import Manuscript
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.months import last_day
from shared.contracts.project import MOST_PARTS
from shared.contracts.working_days import NOTICE_DAYS, NoCalendar, nth_working_day_after
from shared.errors import GuatuError


def misfits(scenario: Scenario, units: Sequence[Unit]) -> list[str]:
    """Every misfit of a scenario; `units` are those of its city."""
    if rank_of(scenario.city) is not Rank.CITY or scenario.city not in {unit.code for unit in units}:
        return [f"city: {scenario.city} is no city whose units are known"]
    if scenario.last_day < scenario.first_day:
        return [f"last_day: {scenario.last_day} comes before the first day"]
    if scenario.ended <= scenario.started:
        return [f"ended: {scenario.ended:%H:%M} is not after {scenario.started:%H:%M}"]
    fitting = _Fitting(scenario, units)
    return [
        *fitting.calendar(),
        *fitting.courses(),
        *fitting.counties(),
        *fitting.ledger(),
        *fitting.bulletin(),
        *fitting.published(),
    ]


class _Fitting:
    """The checks of one scenario, a part of the file each."""

    def __init__(self, scenario: Scenario, units: Sequence[Unit]) -> None:
        self._scenario = scenario
        self._units = units
        self._timing: Timing = timing_of(scenario)
        self._counties = [unit.code for unit in below(units, scenario.city)]

    def _played(self, place: str, *days: date) -> Iterator[str]:
        """The days on which something happens are played ones."""
        for day in days:
            if not self._scenario.first_day <= self._timing.workday(day) <= self._scenario.last_day:
                yield f"{place}: {day} is no working day between the first day and the last"

    def calendar(self) -> Iterator[str]:
        """Every played year has its calendar, as the registry takes it."""
        years = self._scenario.calendar
        for year, days in years.items():
            command = PublishCalendar(holidays=days.holidays, workdays=days.workdays)
            try:
                publish_calendar(Calendar(), command, year)
            except GuatuError as error:
                yield _refusal(f"calendar.{year}", error, registry_texts.TEXTS)
        by_year = self._timing.calendars
        try:
            nth_working_day_after(self._scenario.first_day - DAY, 1, by_year)
            nth_working_day_after(self._scenario.last_day, NOTICE_DAYS, by_year)
        except NoCalendar as missing:
            yield f"calendar.{missing.year}: missing, and working days are counted in that year"

    def courses(self) -> Iterator[str]:
        """Projects are proposed when their year's may be, and have as many milestones as there are titles."""
        year, titles = self._scenario.plan_year, len(self._scenario.story.milestones)
        for name, course in self._scenario.courses.items():
            place = f"courses.{name}"
            yield from self._played(f"{place}.proposed", *course.proposed)
            for day in map(self._timing.workday, course.proposed):
                if not day.year <= year <= day.year + (day.month >= OPENS_IN):
                    yield f"{place}.proposed: on {day} nobody can propose a project of the plan_year {year}"
            if course.milestones[1] > min(titles, MOST_PARTS):
                yield f"{place}.milestones: {course.milestones[1]} are more than there are titles, or than {MOST_PARTS}"

    def counties(self) -> Iterator[str]:
        """Every county lies in the city and stands once; what it does fits."""
        counted = Counter(county.code for county in self._scenario.counties)
        for n, county in enumerate(self._scenario.counties):
            place = f"counties.{n}"
            if county.code not in self._counties:
                known = ", ".join(self._counties)
                yield f"{place}.code: {county.code} is no county of {self._scenario.city}; these are: {known}"
                continue
            if counted[county.code] > 1:
                yield f"{place}.code: {county.code} stands there twice"
            for course in county.courses.keys() - self._scenario.courses.keys():
                yield f"{place}.courses.{course}: there is no such course"
            townships = below(self._units, county.code)
            yield from self._assessed(place, county)
            yield from self._campaigns(place, county, len(townships))
            yield from self._brands(place, county)
            for k, notice in enumerate(county.notices):
                yield from self._notice(f"{place}.notices.{k}", notice, len(townships))
            around = FittingAround(self._scenario, county, self._units, self._timing, place, self._played)
            yield from around.misfits()

    def _assessed(self, place: str, county: County) -> Iterator[str]:
        scheme = f"{place}.scheme"
        channels: frozenset[Channel] = frozenset()
        if county.scheme is not None:
            try:
                [published] = publish(Scheme(), PublishScheme.model_validate(county.scheme), county.code)
                present = Scheme(published.version, published.indices)
                channels = frozenset(channel for channel in _channels(county) if present.asked(channel))
            except ValidationError as error:
                yield from places_of(error, scheme)
                return
            except GuatuError as error:
                yield _refusal(scheme, error, scoring_texts.TEXTS)
                return
        if county.assessment is not None:
            if county.scheme is None:
                yield f"{place}.assessment: there is no scheme to assess by"
                return
            for channel in _channels(county):
                if channel not in channels:
                    yield f"{place}.assessment.channels.{channel}: no indicator of the scheme asks for it"
            for period, day in county.assessment.periods.items():
                yield from self._period(f"{place}.assessment.periods.{period}", county.assessment, period, day)

    def _period(self, place: str, assessment: Assessment, period: str, day: date) -> Iterator[str]:
        yield from self._played(place, day)
        published = self._timing.workday(day)
        sheets = self._timing.workday(day - DAY * assessment.sheets_before)
        if published <= span(period).last:
            yield f"{place}: on {published} the period is not over"
        if not max(span(period).first, self._timing.workday(self._scenario.first_day) + DAY) <= sheets < published:
            yield f"{place}: {sheets} is no day for its sheets, sheets_before = {assessment.sheets_before}"

    def _campaigns(self, place: str, county: County, townships: int) -> Iterator[str]:
        counted = Counter(campaign.id for campaign in county.campaigns)
        for k, campaign in enumerate(county.campaigns):
            at = f"{place}.campaigns.{k}"
            if counted[campaign.id] > 1:
                yield f"{at}.id: {campaign.id} stands there twice"
            if campaign.townships > townships:
                yield f"{at}.townships: {campaign.townships}, and the county has {townships}"
            yield from self._held(at, campaign)

    def _held(self, place: str, campaign: Campaign) -> Iterator[str]:
        yield from self._played(f"{place}.opened", campaign.opened)
        yield from self._played(f"{place}.held", *campaign.held)
        if self._timing.workday(campaign.opened) >= campaign.held[0]:
            yield f"{place}.opened: {campaign.opened} is not before its first inspections on {campaign.held[0]}"

    def _brands(self, place: str, county: County) -> Iterator[str]:
        if county.brands is None:
            return
        names = len(county.brands.names)
        if county.brands.count > names:
            yield f"{place}.brands.count: {county.brands.count}, and there are {names} names"
        yield from self._played(f"{place}.brands.recognised", *county.brands.recognised)

    def _notice(self, place: str, notice: Notice, townships: int) -> Iterator[str]:
        if notice.township > townships:
            yield f"{place}.township: {notice.township}, and the county has {townships}"
        issued = self._timing.workday(notice.issued)
        signed = self._timing.workday(issued + DAY * notice.signed_after)
        replied = self._timing.workday(signed + DAY * notice.replied_after)
        yield from self._played(f"{place}.issued", issued)
        yield from self._played(f"{place}.replied_after", replied)
        if notice.sign_by < issued:
            yield f"{place}.sign_by: {notice.sign_by} comes before the notice on {issued}"
        if notice.reply_by <= notice.sign_by:
            yield f"{place}.reply_by: {notice.reply_by} is not after sign_by"

    def ledger(self) -> Iterator[str]:
        """A ledger is brought in on a played day, of counties of the city, and what it reports has been."""
        ledger = self._scenario.ledger
        if ledger is None:
            return
        yield from self._played("ledger.imported", ledger.imported)
        for code in ledger.counties:
            if code not in self._counties:
                yield f"ledger.counties: {code} is no county of {self._scenario.city}"
        if last_day(ledger.month) >= ledger.imported:
            yield f"ledger.month: {ledger.month} is not over on {ledger.imported}"
        if ledger.approved[1] + DAY * ledger.start_after[1] > last_day(ledger.month):
            yield f"ledger.approved: not every project has begun by the end of {ledger.month}"
        for day in ledger.approved:
            year = self._scenario.plan_year
            if not day.year <= year <= day.year + (day.month >= OPENS_IN):
                yield f"ledger.approved: on {day} nobody could propose a project of the plan_year {year}"

    def bulletin(self) -> Iterator[str]:
        """The manuscript is the city's, and names figures that there are."""
        place = "bulletin.manuscript"
        try:
            manuscript = Manuscript.model_validate(self._scenario.bulletin.manuscript)
            if manuscript.city != self._scenario.city:
                yield f"{place}.city: {manuscript.city} is not the scenario's city"
            wanted(manuscript)
            draft(Bulletin(), manuscript, self._counties)
        except ValidationError as error:
            yield from places_of(error, place)
        except GuatuError as error:
            yield _refusal("bulletin", error, reporting_texts.TEXTS)

    def published(self) -> Iterator[str]:
        """What was published is compared with figures that the bulletin will have."""
        try:
            manuscript = Manuscript.model_validate(self._scenario.bulletin.manuscript)
            named = {(of, key.value) for of, key in wanted(manuscript)}
        except (ValidationError, GuatuError):
            return
        for n, published in enumerate(self._scenario.published):
            for figure in published.figures:
                if (published.unit, figure) not in named:
                    place = f"published.{n}.figures.{figure}"
                    yield f"{place}: the manuscript names no such figure of {published.unit}"


def _channels(county: County) -> Sequence[Channel]:
    return tuple(county.assessment.channels) if county.assessment else ()


def _refusal(place: str, error: GuatuError, texts: Mapping[str, tuple[str, str]]) -> str:
    where = f"{place}.{error.field}" if error.field else place
    return f"{where}: {texts[error.code][1].removeprefix('{field}: ').format(**error.detail)}"
