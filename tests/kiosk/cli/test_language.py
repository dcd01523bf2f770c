"""The language of the commands: `[screen] language`, chosen before any help or error is built."""

from pathlib import Path

import pytest

from data import language
from kiosk.cli.language import use_configured_language
from tests.kiosk.cli.conftest import Kiosk


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the languages that were chosen, in order."""
    codes: list[str] = []
    monkeypatch.setattr("kiosk.cli.language.use_language", lambda code="": codes.append(code))
    return codes


def write(path: Path, text: str) -> Path:
    """Write *text* to *path*, and return the path."""
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["separate", "joined"])
def test_the_named_file_decides(tmp_path: Path, chosen: list[str], form: str) -> None:
    path = write(tmp_path / "show.toml", '[screen]\nlanguage = "pt_BR"\n')
    option = ["--config", str(path)] if form == "separate" else [f"--config={path}"]

    use_configured_language([*option, "status", "--json"])

    assert chosen[-1] == "pt_BR"


def test_the_environment_and_the_folder_decide_where_no_file_is_named(
    tmp_path: Path, chosen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "kiosk.toml", 'screen.language = "fr"\n')
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    use_configured_language(["status"])
    here = chosen[-1]
    monkeypatch.setenv("KIOSK_CONFIG", str(write(tmp_path / "other.toml", 'screen.language = "it"\n')))
    use_configured_language(["status"])

    assert (here, chosen[-1]) == ("fr", "it")


@pytest.mark.parametrize("text", ["", "[screen", "screen = 1", "screen.language = 7", "a = " + "[" * 20_000])
def test_a_file_with_a_mistake_leaves_the_systems_language(tmp_path: Path, chosen: list[str], text: str) -> None:
    """Loading the settings reports the mistake later, in that language."""
    use_configured_language(["--config", str(write(tmp_path / "kiosk.toml", text)), "status"])

    assert set(chosen) == {""}


@pytest.mark.parametrize(
    "arguments", [["--config"], ["--config", "/nowhere/kiosk.toml", "status"], ["status", "--config"]]
)
def test_a_file_that_is_missing_leaves_the_systems_language(
    tmp_path: Path, chosen: list[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    use_configured_language(arguments)

    assert set(chosen) == {""}


def test_an_unknown_language_is_a_mistake_in_the_settings(kiosk: Kiosk) -> None:
    kiosk.configure("screen.language = 'xx'")

    done = kiosk("status")

    available = ", ".join(language.list_languages())
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"[screen] language: there is no translation for 'xx'; available: {available}." in done.stderr
