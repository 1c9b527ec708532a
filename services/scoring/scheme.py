"""A county's scheme: versions that count up, each whole in itself and never edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, assert_never

from services.scoring.commands import PublishScheme
from shared.command import Aggregate
from shared.contracts.assessment import Channel
from shared.contracts.event import Event
from shared.contracts.scoring import Deduct, Index, SchemePublished, Sheets
from shared.contracts.values import Slug
from shared.errors import require

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The present version of a scheme; 0 before the first."""

    version: int = 0
    indices: tuple[Index, ...] = ()

    def asked(self, channel: Channel) -> frozenset[Slug]:
        """The indicators that a channel has a part in."""
        return frozenset(
            indicator.id
            for index in self.indices
            for indicator in index.indicators
            if isinstance(indicator.source, Sheets)
            and any(part.channel is channel for part in indicator.source.channels)
        )


def evolve(scheme: Scheme, event: Event[SchemePublished]) -> Scheme:
    """The scheme after one more event."""
    match event.data:
        case SchemePublished() as e:
            return Scheme(e.version, e.indices)
        case _:
            assert_never(event.data)


SCHEME = Aggregate("scheme", Scheme(), evolve)


def publish(scheme: Scheme, command: PublishScheme, id: str) -> Sequence[SchemePublished]:
    """Publish the next version.

    Its three indices, the indicators of each and the channels of each indicator have weights that sum to 100;
    sheets name indicators by their id alone, so an id stands once in the whole scheme.
    """
    require(id == command.county, "scheme_of_another_county", field="county", county=command.county)
    require(command.version == scheme.version + 1, "not_the_next_version", field="version", next=scheme.version + 1)
    require(len({index.id for index in command.indices}) == 3, "index_twice", field="indices")
    require(_sum(command.indices) == HUNDRED, "scheme_weights_not_100", field="indices", of=command.name)
    seen: set[Slug] = set()
    for n, index in enumerate(command.indices):
        place = f"indices.{n}.indicators"
        require(_sum(index.indicators) == HUNDRED, "scheme_weights_not_100", field=place, of=index.name)
        for m, indicator in enumerate(index.indicators):
            require(indicator.id not in seen, "indicator_twice", field=f"{place}.{m}.id", indicator=indicator.id)
            seen.add(indicator.id)
            match indicator.source:
                case Sheets(channels=channels):
                    source = f"{place}.{m}.source.channels"
                    require(len({part.channel for part in channels}) == len(channels), "channel_twice", field=source)
                    require(_sum(channels) == HUNDRED, "scheme_weights_not_100", field=source, of=indicator.name)
                case Deduct(floor=floor):
                    require(floor <= HUNDRED, "floor_too_high", field=f"{place}.{m}.source.floor")
                case _:
                    pass
    return [SchemePublished(county=command.county, name=command.name, version=command.version, indices=command.indices)]


class _Weighted(Protocol):
    @property
    def weight(self) -> Decimal: ...


def _sum(parts: Iterable[_Weighted]) -> Decimal:
    return sum((part.weight for part in parts), Decimal(0))
