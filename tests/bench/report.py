"""Tables that people read, and the figures in them."""

import re
from collections.abc import Sequence
from pathlib import Path


class Table:
    """Rows under a header, as Markdown."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: object) -> None:
        """Add a row."""
        self.rows.append(tuple(str(cell) for cell in cells))

    def __str__(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def put_section(path: Path, name: str, text: str) -> None:
    """Write *text* in place of the section *name* of *path*, or at its end; what other benches wrote there stays."""
    first, last = f"<!-- {name}: written by a bench -->\n", f"<!-- the end of {name} -->\n"
    section = f"{first}\n{text.strip()}\n\n{last}"
    document = path.read_text(encoding="utf-8") if path.exists() else ""
    pattern = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
    if pattern.search(document):
        document = pattern.sub(lambda _: section, document)
    else:
        document = f"{document.rstrip()}\n\n{section}".lstrip()
    path.write_text(document, encoding="utf-8")
