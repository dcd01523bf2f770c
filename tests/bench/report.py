"""Tables that people read, and the figures in them."""

from collections.abc import Sequence


class Table:
    """Rows under a header, as Markdown."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: object) -> None:
        """One row."""
        self.rows.append(tuple(str(cell) for cell in cells))

    def __str__(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that *share* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
