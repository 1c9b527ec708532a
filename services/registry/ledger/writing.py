"""The events of a ledger's projects, sealed batch by batch, with their numbers in the order of the rows."""

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from services.registry.ledger.checking import NewProject
from services.registry.ledger.deciding import Fact
from services.registry.project.life import PROJECT
from shared.contracts.documents import Document, counter_of, document_number
from shared.contracts.event import Context, EventData
from shared.contracts.project import LedgerImported, PlanApproved
from shared.contracts.reference import NumberIssued
from shared.contracts.values import StreamId
from shared.store import Item, Stream, item_of

BATCH = 500
"""Projects that are sealed and appended at a time."""
_LEDGERS = uuid5(NAMESPACE_URL, "urn:guatu:ledgers")

Counters = MutableMapping[StreamId, Stream]
"""Where each county's and year's numbers stand; sealing moves them on."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: whose, when, of which file."""

    digest: str
    name: str
    actor: str
    now: datetime
    today: date
    source: str

    @property
    def id(self) -> UUID:
        """The same content is the same import."""
        return uuid5(_LEDGERS, self.digest)

    @property
    def stream(self) -> StreamId:
        """The stream that says it was done."""
        return StreamId(f"import-{self.id}")

    def context(self, about: str, org: str, on: date, for_whom: str | None = None) -> Context:
        """The circumstances of an event about a stream."""
        return Context(
            command_id=uuid5(self.id, about),
            source=self.source,
            time=self.now,
            actor=self.actor,
            org=org,
            effective=on,
            on_behalf_of=for_whom,
            correlation_id=str(self.id),
            effective_reason=f"台账导入：{self.name}",
        )


def stream_of(project: NewProject) -> StreamId:
    """The stream of a project."""
    return StreamId(f"{PROJECT.category}-{project.telling.id}")


def counters_of(projects: Sequence[NewProject]) -> list[StreamId]:
    """The counters that number these projects, by name: the order in which they are locked."""
    return sorted({_counter(project, fact) for project in projects for fact in project.facts if _numbered(fact)})


def batches(projects: Sequence[NewProject]) -> Iterator[Sequence[NewProject]]:
    """The projects in the groups in which they are appended, in the order of the rows."""
    for start in range(0, len(projects), BATCH):
        yield projects[start : start + BATCH]


def sealed(told: Import, projects: Sequence[NewProject], counters: Counters) -> list[Item]:
    """A batch's items: first those of the counters, which are moved on, then one a project."""
    issued: dict[StreamId, list[tuple[EventData, Context]]] = {}
    items = [_item(told, project, counters, issued) for project in projects]
    numbers = [item_of(counters[name], facts, first=counters[name].version) for name, facts in issued.items()]
    for item in numbers:
        counters[item.stream] = Stream(item.stream, item.version, item.topic_versions, item.head)
    return [*numbers, *items]


def said(told: Import, fact: LedgerImported, org: str) -> Item:
    """The item that says that the import was done."""
    return item_of(Stream(told.stream), [(fact, told.context(told.stream, org, told.today))])


def _item(
    told: Import,
    project: NewProject,
    counters: Counters,
    issued: dict[StreamId, list[tuple[EventData, Context]]],
) -> Item:
    telling, stream = project.telling, stream_of(project)
    events: list[tuple[EventData, Context]] = []
    for fact in project.facts:
        data, proposal = fact.data, telling.propose
        if isinstance(data, PlanApproved):
            context = told.context(stream, proposal.county, fact.on)
            counter = _counter(project, fact)
            numbers = issued.setdefault(counter, [])
            number = counters[counter].version + len(numbers) + 1
            document = document_number(Document.APPROVAL, proposal.county, fact.on.year, number)
            of_counter = replace(context, command_id=uuid5(told.id, counter))
            numbers.append((NumberIssued(number=number, document=document, subject=stream), of_counter))
            data = data.model_copy(update={"number": document})
        else:
            context = told.context(stream, proposal.owner, fact.on, proposal.secretary)
        events.append((data, context))
    return item_of(Stream(stream), events)


def _numbered(fact: Fact) -> bool:
    return isinstance(fact.data, PlanApproved)


def _counter(project: NewProject, fact: Fact) -> StreamId:
    return counter_of(Document.APPROVAL.value, project.telling.propose.county, fact.on.year)
