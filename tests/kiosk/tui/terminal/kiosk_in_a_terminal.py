"""A kiosk in a real terminal: a pty whose screen a terminal emulator keeps."""

import json
import os
import re
import shlex
import signal
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pyte

WIDTH, HEIGHT = 100, 30
SECONDS = 60.0
COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

PERSON_SECONDS = 0.6
"""Between two keys of a person: longer than between any two of a scanner's."""

TYPING_SECONDS = 0.2
"""Between two letters of a word that a person types into a text field."""


class KioskInATerminal:
    """Starts `kiosk run` with demo badges, types, and looks at what the terminal shows."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] = COLOURS,
        runs: Sequence[str] = ("-m", "kiosk"),
        *,
        in_shell: bool = False,
    ) -> None:
        """*environment* says what the terminal can show, *runs* what Python runs; *in_shell* starts it from a shell."""
        self.folder = folder
        config = folder / "kiosk.toml"
        config.write_text(
            f'[data]\nfolder = "{folder}"\n[event]\nname = "Expo"\ncard_seconds = 600\n'
            "[camera]\nsource = 'demo'\n[practice]\nport = 0\nseconds_each = 1.5\n",
            encoding="utf-8",
        )
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.typed_at = 0.0
        command = [sys.executable, *runs, "--config", str(config), "run"]
        shell = ["/bin/sh", "-c", f"{shlex.join(command)}; echo status $?; cd {shlex.quote(str(folder))}; exec sh -i"]
        program, *arguments = shell if in_shell else command
        self.process = pexpect.spawn(
            program,
            arguments,
            dimensions=(HEIGHT, WIDTH),
            env={**os.environ, **environment},
            cwd=str(Path(__file__).parents[4]),
            timeout=SECONDS,
        )

    @property
    def practice(self) -> Path:
        """Where the kiosk keeps its files."""
        return self.folder / "practice"

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(self.screen.display)

    def read(self) -> None:
        """Take in what the kiosk has written; wait a moment for it if that is nothing."""
        seconds = 0.05
        try:
            while not self.process.closed and (chunk := self.process.read_nonblocking(65536, timeout=seconds)):
                self._show(chunk)
                seconds = 0.0
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            time.sleep(seconds)

    def _show(self, chunk: bytes) -> None:
        """Draw what the kiosk has written."""
        self.written += chunk
        # Kitty's key protocol is private; an emulator that does not know it takes its end for text.
        self.stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*u", b"", chunk))

    def wait(self, seconds: float) -> None:
        """Wait, and take in what the kiosk writes meanwhile: it stands still once a terminal reads nothing any more."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._show(self.process.read_nonblocking(65536, timeout=left))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                time.sleep(max(0.0, end - time.monotonic()))
                return

    def until(self, true: Callable[[], Any], what: str) -> None:
        """Read until *true*."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.read()
            if true():
                return
        raise AssertionError(f"It never came true: {what}\n{self.text}")

    def sees(self, *texts: str) -> None:
        """Read until all of *texts* are on the screen."""
        self.until(lambda: all(text in self.text for text in texts), f"{texts} on the screen")

    def press(self, key: str) -> None:
        """Press one key, as a person does: alone."""
        self.wait_after_keys(PERSON_SECONDS)
        self._type(key.encode())

    def type_word(self, word: str) -> None:
        """Type *word* into the text field that has the focus, and press Enter: each key once the last one is shown."""
        self.wait_after_keys(PERSON_SECONDS)
        for number, key in enumerate(word, 1):
            self._type(key.encode())
            # Between spaces, as only a text field shows it.
            self.until(lambda number=number: f"  {word[:number]}  " in self.text, f"{key} is typed")  # type: ignore[misc]
            self.wait_after_keys(TYPING_SECONDS)
        self._type(b"\r")

    def leave(self) -> None:
        """Give the terminal back after the kiosk has ended: q, with silence before and after it."""
        self.until(lambda: "ress q" in self.text, "it says how to get back to the shell")
        self.wait(PERSON_SECONDS)
        self._type(b"q")

    def scan(self, payload: str, gap: float) -> None:
        """Have a scanner type *payload*, a byte each *gap* seconds; all in one write where that is 0."""
        data = payload.encode("utf-8", "surrogateescape")
        for some in [data] if gap == 0 else [bytes([byte]) for byte in data]:
            self._type(some)
            time.sleep(gap)

    def _type(self, keys: bytes) -> None:
        """Send *keys* in one write."""
        os.write(self.process.child_fd, keys)
        self.typed_at = time.monotonic()

    def wait_after_keys(self, seconds: float) -> None:
        """Wait until the last key is *seconds* ago."""
        self.wait(self.typed_at + seconds - time.monotonic())

    def hang_up(self) -> None:
        """Close the terminal, as somebody who closes the window does: the kernel tells the kiosk, and nobody else."""
        self.process.ptyproc.fileobj.close()
        self.process.ptyproc.closed = self.process.closed = True

    def logs(self) -> str:
        """All that was written down."""
        return "\n".join(path.read_text(encoding="utf-8") for path in self.practice.glob("*.log"))

    def contacts(self) -> list[dict[str, Any]]:
        """What the practice CRM has."""
        address = json.loads((self.practice / "practice-crm.json").read_text(encoding="utf-8"))
        request = urllib.request.Request(
            f"{address['url']}/api/v1/contacts", headers={"Authorization": f"Bearer {address['token']}"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return list(json.load(answer)["contacts"])

    def processes(self) -> dict[int, str]:
        """The processes of this kiosk that live, by number: each has its settings file in its command line."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes().decode("utf-8", "replace").replace("\0", " ")
            except OSError:
                continue  # it has just ended
            if str(self.folder / "kiosk.toml") in command and not command.startswith("/bin/sh"):
                found[int(path.parent.name)] = command
        return found

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with closing(sqlite3.connect(f"file:{self.practice / 'kiosk.db'}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def screen_processes(self) -> tuple[int, int]:
        """The numbers of the terminal's guard and of the process that draws."""
        runs = [number for number, command in self.processes().items() if command.rstrip().endswith(" run")]
        parents = {
            number: int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1]) for number in runs
        }
        child = next(number for number in runs if parents[number] in runs)
        return parents[child], child

    def close(self) -> None:
        """Leave nothing behind, whatever the test came to."""
        for number in self.processes():
            os.kill(number, signal.SIGKILL)
        if self.process.isalive():
            os.kill(self.process.pid, signal.SIGKILL)  # the shell, where there is one
        self.process.ptyproc.wait()
        self.process.close()
