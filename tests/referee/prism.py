"""Prism serves an OpenAPI document as a mock, or checks every call and response that passes through it."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_TIMEOUT_SECONDS = 60.0
"""Seconds for it to start."""


@contextmanager
def run_prism(command: list[str], document: Any, folder: Path, upstream: str = "") -> Iterator[str]:
    """
    Run Prism over *document*, in front of *upstream* if one is named, and yield its URL; violations become errors.

    *command* starts it; what it logs is kept in *folder*.
    """
    contract = folder / "contract.json"
    contract.write_text(json.dumps(document), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    what = ["proxy", str(contract), upstream] if upstream else ["mock", str(contract)]
    with (folder / "prism.log").open("w") as log:
        arguments = [*command, *what, "--port", str(port), "--errors", "--multiprocess", "false"]
        process = subprocess.Popen(arguments, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_listening(port), process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def is_listening(port: int) -> bool:
    """Return whether somebody listens on *port*."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until a program has started."""
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while not is_there():
        assert process.poll() is None, "Prism ended at once; its log says why"
        assert time.monotonic() < end, "Prism did not start"
        time.sleep(0.05)
