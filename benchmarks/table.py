"""The one table that a run prints: what was measured, its limit in the same run, their ratio."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from benchmarks.load import Measured


@dataclass(slots=True)
class Report:
    """Lines as they come, printed at the end too."""

    lines: list[tuple[str, ...]] = field(default_factory=list)
    console: Console = field(default_factory=lambda: Console(width=118, highlight=False))

    def load(self, what: str, found: Measured, limit: Measured | float | None = None) -> None:
        """A load: its rate beside the limit's, p50 and p99 in milliseconds."""
        bound = limit.rate if isinstance(limit, Measured) else limit
        self._add(
            what,
            f"{found.rate:.0f}/s" + (f" ({found.others} refused)" if found.others else ""),
            f"{found.percentile(50):.1f} / {found.percentile(99):.1f} ms",
            f"{bound:.0f}/s" if bound else "",
            f"{found.rate / bound:.2f}" if bound else "",
        )

    def figure(self, what: str, value: str, limit: str = "", ratio: str = "") -> None:
        """Anything else."""
        self._add(what, value, "", limit, ratio)

    def _add(self, *cells: str) -> None:
        self.lines.append(cells)
        self.console.print("  ".join(cell for cell in cells if cell), style="dim")

    def print(self) -> None:
        """The table."""
        table = Table("Work", "Measured", "p50 / p99", "Limit, same run", "Ratio")
        for cells in self.lines:
            table.add_row(*cells)
        self.console.print(table)
