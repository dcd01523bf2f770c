"""A booth for attacks: a folder, its settings, and what can be observed from outside."""

import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

SHORT = bool(os.environ.get("SOAK_SHORT"))
"""Whether the short form of an attack is wanted, as .ci/run does."""


class Booth:
    """A practice in a folder of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.config = folder / "kiosk.toml"
        self.config.write_text(f'[data]\nfolder = "{folder}"\n{more}', encoding="utf-8")
        self.practice = folder / "practice"

    def start(self, *command: str, log: Path | None = None) -> subprocess.Popen[bytes]:
        """Start `kiosk` *command*; what it says goes to *log*."""
        arguments = [sys.executable, "-m", "kiosk", "--config", str(self.config), *command]
        with (log or Path(os.devnull)).open("ab") as output:
            return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows that the database answers with."""
        with closing(sqlite3.connect(f"file:{self.practice / 'kiosk.db'}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(sql).fetchall()

    def waiting(self) -> int:
        """Return how many leads wait."""
        return int(self.rows("select count(*) from outbox where state = 'waiting'")[0][0])

    def contacts(self) -> list[dict[str, Any]]:
        """Return the contacts that the practice CRM has."""
        address = json.loads((self.practice / "practice-crm.json").read_text())
        request = urllib.request.Request(
            f"{address['url']}/api/v1/contacts", headers={"Authorization": f"Bearer {address['token']}"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)["contacts"]  # type: ignore[no-any-return]
