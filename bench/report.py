"""Medians, spreads and ratios of interleaved rounds."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Report:
    """Figures by row, one a round; a target compares the medians of two rows, or a row's with a value."""

    title: str
    unit: str
    rows: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    targets: list[str] = field(default_factory=list[str])

    def add(self, row: str, value: float) -> None:
        """One round's figure."""
        self.rows[row].append(value)

    def of(self, row: str) -> float:
        """A row's median."""
        return median(self.rows[row])

    def at_least(self, row: str, factor: float, other: str) -> None:
        """The row shall be at least so many times the other."""
        ratio = self.of(row) / self.of(other)
        self._target(f"{row} / {other}: {ratio:.2f}", f"≥ {factor}", met=ratio >= factor)

    def at_most(self, row: str, factor: float, other: str) -> None:
        """The row shall be at most so many times the other."""
        ratio = self.of(row) / self.of(other)
        self._target(f"{row} / {other}: {ratio:.2f}", f"≤ {factor}", met=ratio <= factor)

    def at_least_value(self, row: str, value: float) -> None:
        """The row shall be at least so much."""
        self._target(f"{row}: {self.of(row):,.1f}", f"≥ {value:,}", met=self.of(row) >= value)

    def at_most_value(self, row: str, value: float) -> None:
        """The row shall be at most so much."""
        self._target(f"{row}: {self.of(row):,.1f}", f"≤ {value:,}", met=self.of(row) <= value)

    def _target(self, found: str, wanted: str, *, met: bool) -> None:
        self.targets.append(f"{found} (target {wanted}): {'met' if met else 'MISSED'}")

    def show(self) -> None:
        """Print it."""
        width = max(map(len, self.rows))
        print(f"\n{self.title} ({self.unit})")
        for row, values in self.rows.items():
            shown = f"{median(values):>12,.1f}   {min(values):>10,.1f} – {max(values):,.1f}"
            print(f"  {row:<{width}} {shown}   ({len(values)} rounds)")
        for target in self.targets:
            print(f"  → {target}", flush=True)
