"""Where the practice CRM writes down how it is reached."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.practice_address import PracticeAddress, read_address, write_address

ROOT = Path(__file__).parents[2]


def test_a_folder_without_an_address_is_told_apart_from_a_damaged_one(tmp_path: Path) -> None:
    """FileNotFoundError means that none has run there yet."""
    with pytest.raises(FileNotFoundError):
        read_address(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "{}", '{"url": "http://x", "token": ""}', '{"url": 1, "token": 2}', "[" * 100_000],
    ids=["empty", "cut", "list", "number", "no token", "empty token", "no text", "deep"],
)  # fmt: skip
def test_a_damaged_address_is_refused_and_then_replaced(
    tmp_path: Path, practice_crm_in: Callable[[Path], Any], text: str
) -> None:
    """An empty token would let everybody in; the next start makes a new one."""
    (tmp_path / "practice-crm.json").write_text(text)
    with pytest.raises(ValueError, match=r"practice-crm\.json is damaged"):
        read_address(tmp_path)

    crm = practice_crm_in(tmp_path)
    crm.start()

    assert len(crm.token) > 20
    assert httpx.get(f"{crm.url}/api/v1/contacts", trust_env=False).status_code == 401
    crm.stop()


def test_an_address_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """It is read back as it was."""
    address = PracticeAddress("http://127.0.0.1:8765", "secret")

    write_address(tmp_path, address)
    write_address(tmp_path, address)

    assert read_address(tmp_path) == address
    assert [path.name for path in tmp_path.iterdir()] == ["practice-crm.json"]


def test_faults_and_the_address_are_read_without_a_web_server() -> None:
    """The command line stays quick: neither starlette nor uvicorn is loaded for them."""
    code = "import sys, json, sync.practice_crm.faults, sync.practice_address; print(json.dumps(sorted(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert {"starlette", "uvicorn"} & set(json.loads(done.stdout)) == set()
