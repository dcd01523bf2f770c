"""What it takes to list and export 100,000 leads; beside an earlier version where there is one to compare with."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.report import Table, put_section
from tests.support import many_leads
from tests.support.many_leads import ROOT, Cost, cost_of

LEADS = 100_000

COMMANDS = (
    ("kiosk leads", "leads"),
    ("kiosk leads --json", "leads --json"),
    ("kiosk pending --state all", "pending --state all"),
    ("kiosk pending --state all --json", "pending --state all --json"),
    ("kiosk export leads.csv", "export {folder}/leads.csv"),
    ("kiosk export leads.json", "export {folder}/leads.json"),
    ("kiosk export leads.vcf", "export {folder}/leads.vcf"),
)


def listing() -> Table:
    """The table of seconds, processor time and memory of each command, and of the same before."""
    before = os.environ.get("BEFORE", "")
    roots = [ROOT, *([Path(before)] if before else [])]
    header = ["100,000 leads", "seconds", "processor s", "memory MB"]
    table = Table([*header, *(["before: seconds", "processor s", "memory MB", "ratio of times"] if before else [])])
    with tempfile.TemporaryDirectory() as name:
        folders = [made(Path(name) / str(number), root) for number, root in enumerate(roots)]
        for shown, command in COMMANDS:
            costs = [
                cost_of(root, "--config", str(folder / "kiosk.toml"), *command.format(folder=folder).split())
                for root, folder in zip(roots, folders, strict=True)
            ]
            ratio = [f"{costs[0].processor_seconds / costs[1].processor_seconds:.2f}"] if before else []
            table.add(shown, *(cell for cost in costs for cell in cells(cost)), *ratio)
    return table


def made(folder: Path, root: Path) -> Path:
    """*folder*, with so many leads as the version in *root* keeps them: an older one does not open a newer one's."""
    folder.mkdir()
    (folder / "kiosk.toml").write_text(f'[data]\nfolder = "{folder}"\n[event]\nname = "Expo"\n')
    fill = [sys.executable, many_leads.__file__, str(folder / "practice" / "kiosk.db"), str(LEADS)]
    subprocess.run(fill, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=True)
    return folder


def cells(cost: Cost) -> tuple[str, str, str]:
    """One measurement."""
    return f"{cost.seconds:.1f}", f"{cost.processor_seconds:.1f}", f"{cost.megabytes:.0f}"


def main() -> None:
    """Print the table, and write it to docs/performance.md."""
    bound = "Within 100 MB, and about a third of the processor time of 0fd8552 or less."
    text = f"## Lists and exports\n\n{bound}\n\n{listing()}\n{HOW}"
    sys.stdout.write(text)
    put_section(Path("docs/performance.md"), "lists", text)


HOW = """Measured by `make bench-lists BEFORE=folder`, where the folder has an earlier version. The ratio is of
processor times, which other work on the machine changes least; the memory is the largest that the process had, its
output going nowhere. Without `BEFORE` only this version is measured. Each command takes some 0.3 s to start, which is
in the figures.
"""

if __name__ == "__main__":
    main()
