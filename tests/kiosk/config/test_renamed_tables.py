"""A table or a key of kiosk.toml that was renamed is still read under its old name."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.config.load import ConfigError, load_settings

ROOT = Path(__file__).parents[3]


def write_config(folder: Path, text: str) -> Path:
    """Write kiosk.toml."""
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_old_name_is_read_and_the_new_one_is_named(tmp_path: Path) -> None:
    """The settings take effect, and one sentence says what to rename."""
    path, notices = write_config(tmp_path, "[intake]\nport = 8123\n"), list[str]()

    settings = load_settings(path, notices.append)

    assert settings.api.port == 8123
    assert notices == [f"{path}: [intake] is now called [api]. It still works; please rename it."]


def test_the_new_name_causes_no_notice(tmp_path: Path) -> None:
    """Nothing has to be changed there."""
    notices = list[str]()

    settings = load_settings(write_config(tmp_path, "[api]\nport = 8123\n"), notices.append)

    assert (settings.api.port, notices) == (8123, [])


def test_both_names_in_one_file_are_an_error(tmp_path: Path) -> None:
    """Nobody could say which of two ports is meant."""
    with pytest.raises(ConfigError, match=r"\[intake\] is the old name of \[api\], and the file has both"):
        load_settings(write_config(tmp_path, "[intake]\nport = 1\n[api]\nport = 2\n"))


def test_a_wrong_value_below_the_old_name_is_an_error(tmp_path: Path) -> None:
    """It is checked as ever, and named by its new table."""
    with pytest.raises(ConfigError, match=r"\[api\] port"):
        load_settings(write_config(tmp_path, "[intake]\nport = 70000\n"))
    with pytest.raises(ConfigError, match=r"\[api\] has no setting 'prot'"):
        load_settings(write_config(tmp_path, "[intake]\nprot = 7\n"))


def test_the_old_names_of_keys_are_read_and_the_new_ones_are_named(tmp_path: Path) -> None:
    """The words that say whether a CRM accepted a lead."""
    text = '[crm.rest.answer]\ntaken = ["done"]\nnot_taken = ["merged"]\n[crm.webhook]\nnot_taken = ["duplicate"]\n'
    path, notices = write_config(tmp_path, text), list[str]()

    settings = load_settings(path, notices.append)

    answer = settings.crm.rest.answer
    assert (answer.accepted, answer.not_accepted) == (("done",), ("merged",))
    assert settings.crm.webhook.not_accepted == ("duplicate",)
    assert notices == [
        f"{path}: [crm.rest.answer] taken is now called accepted. It still works; please rename it.",
        f"{path}: [crm.rest.answer] not_taken is now called not_accepted. It still works; please rename it.",
        f"{path}: [crm.webhook] not_taken is now called not_accepted. It still works; please rename it.",
    ]


def test_both_names_of_a_key_in_one_table_are_an_error(tmp_path: Path) -> None:
    """Nobody could say which list is meant."""
    with pytest.raises(ConfigError, match=r"\[crm.webhook\] not_taken is the old name of not_accepted"):
        load_settings(write_config(tmp_path, '[crm.webhook]\nnot_taken = ["a"]\nnot_accepted = ["b"]\n'))


def test_a_wrong_table_is_not_searched_for_old_keys(tmp_path: Path) -> None:
    """It is reported as the wrong value that it is."""
    with pytest.raises(ConfigError, match=r"\[crm\] rest: expected a table"):
        load_settings(write_config(tmp_path, "[crm]\nrest = 1\n"))


def test_a_command_prints_the_notice_beside_its_output(tmp_path: Path) -> None:
    """On standard error, so that a script's JSON stays JSON."""
    path = write_config(tmp_path, f'[data]\nfolder = "{tmp_path}"\n[intake]\nport = 8123\n')
    command = [sys.executable, "-m", "kiosk", "--config", str(path), "status", "--json"]

    found = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    assert found.stderr.count("[intake] is now called [api]") == 1
    assert found.stdout.startswith("{")
