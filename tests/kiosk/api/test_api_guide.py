"""The examples in docs/api.md work as they are written, and get the responses shown."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from kiosk.api.wire.problems import STATUS_TITLES
from kiosk.api.wire.requests import MAX_BULK_CONTACTS
from kiosk.config.api import ApiSettings
from tests.kiosk.api.api import ROOT, Api

GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")

EXAMPLES = re.findall(r"```sh\n(.*?)```\n(?:\n```json\n(.*?)```)?", GUIDE, re.DOTALL)


def shape(document: Any) -> Any:
    """Reduce *document* to its names and the texts that are not ids."""
    match document:
        case dict():
            return {name: shape(value) for name, value in document.items() if name not in ("type", "title")}
        case list():
            return [shape(item) for item in document]
        case str() if document.startswith("01"):
            return "an id"
    return document


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_work(api: Api) -> None:
    """Every command, in order."""
    variables = {"URL": api.url, "TOKEN": api.token("manage"), "PATH": "/usr/bin:/bin:/usr/local/bin"}
    lines = 0
    for commands, answer in EXAMPLES:
        for rest in f"\n{commands}".split("\ncurl -sS")[1:]:
            command = f"curl -sS --fail-with-body{rest}"
            with api.sender():
                done = subprocess.run(
                    ["bash", "-c", command], env=variables, capture_output=True, text=True, timeout=60
                )
            lines += 1

            assert done.returncode == 0, (command, done.stdout, done.stderr)
            if answer:
                told, shown = json.loads(done.stdout), json.loads(answer)
                for one in told.get("results", []):
                    one.get("error", {}).pop("status", None)
                assert shape(shown) == shape(told)

    assert lines == 10


def test_the_numbers_in_it_are_true() -> None:
    """The defaults, and every status code."""
    settings = ApiSettings()

    assert f"{settings.calls_per_second:.0f} calls a second" in GUIDE
    assert settings.max_body == 1_000_000
    assert MAX_BULK_CONTACTS == 100
    assert f":{settings.port}`" in GUIDE
    assert set(map(str, STATUS_TITLES)) - {"411", "415", "500"} <= set(
        re.findall(r"\b\d{3}\b", GUIDE.split("## Errors")[1])
    )
