"""A wrong kiosk.toml: the sentence names file, table, key and what is nearest; status 2, and nothing was started."""

from pathlib import Path

import pytest

from kiosk.config.load import ConfigError, find_settings_file
from tests.kiosk.cli.conftest import Kiosk

COMPLAINTS = [
    ("[evnt]", "there is no table 'evnt'; did you mean 'event'?"),
    ("[foo]", "there is no table 'foo'; available: event, screen, camera, scanner, badges, data, crm, "),
    ("operater = 'Ana'", "there is no setting 'operater' outside of the tables; did you mean 'operator' in [event]?"),
    ("zzz = 1", "there is no setting 'zzz' outside of the tables; available: [event], [screen], [camera], "),
    ("event.nmae = 'x'", "[event] has no setting 'nmae'; did you mean 'name'?"),
    ("event.name = 3", "[event] name: expected text in quotes, got a whole number."),
    ("event.name = ' '", "[event] name: must not be empty"),
    ("event.kiosk = ''", "[event] kiosk: must not be empty"),
    ("event.card_seconds = 0.5", "[event] card_seconds: must be from 1 to 600."),
    ("event.card_seconds = nan", "[event] card_seconds: must be from 1 to 600."),
    ("event.tags.n = 'no'", "[event] tags: 'n' cannot stand for 'no'; use a letter from a to z other than n."),
    ("event.tags.p = 7", "[event.tags] p: expected text in quotes, got a whole number."),
    ("event.tags = ['p']", "[event] tags: expected a table, got a list in [ ]."),
    ("event = 'Expo'", "[event]: expected a table, got text in quotes."),
    ("camera.widht = 3", "[camera] has no setting 'widht'; did you mean 'width'?"),
    ("camera.width = '1280'", "[camera] width: expected a whole number, got text in quotes."),
    ("camera.height = 5", "[camera] height: must be from 64 to 8192 pixels."),
    ("camera.source = 1.5", "[camera] source: expected a whole number or text in quotes or a list in [ ], got a "),
    ("camera.source = [1]", "[camera] source[0]: expected text in quotes, got a whole number."),
    ("camera.decoders = ['zbar']", "[camera] decoders: unknown decoder 'zbar'. Choose from zxing-cpp, pyzbar."),
    ("camera.one_d = 1", "[camera] one_d: expected true or false, got a whole number."),
    ("badges.seperator = ';'", "[badges] has no setting 'seperator'; did you mean 'separator'?"),
    ("badges.fields = 'id'", "[badges] fields: expected a list in [ ], got text in quotes."),
    ("badges.id_pattern = '('", "[badges] id_pattern: not a regular expression"),
    ("data.foldr = 'x'", "[data] has no setting 'foldr'; did you mean 'folder'?"),
    ("crm.connector = 'pipedrive'", "[crm] connector: 'pipedrive' is not one of practice, rest, "),
    ("crm.connector = 'rest'", "[crm.rest] url: the address is missing"),
    ("crm.rest.uri = 'x'", "[crm.rest] has no setting 'uri'; did you mean 'url'?"),
    ("crm.hubspot.token = 'x'", "[crm.hubspot] has no setting 'token'; did you mean 'token_env' or 'token_file'?"),
    ("crm.rest.method = 'GET'", "[crm.rest] method: 'GET' is not one of POST, PUT, PATCH."),
    ("crm.rest.bulk_size = 'many'", "[crm.rest] bulk_size: expected a whole number, got text in quotes."),
    ("crm.rest.headers.X = 7", "[crm.rest.headers] X: expected text in quotes, got a whole number."),
    ("crm.rest.answer.idd = 'x'", "[crm.rest.answer] has no setting 'idd'; did you mean 'id'?"),
    ("crm.rest.answer.accepted = [200]", "[crm.rest.answer] accepted[0]: expected text in quotes, got a whole number."),
    ("practice.prot = 1", "[practice] has no setting 'prot'; did you mean 'port'?"),
    ("practice.badges = 0", "[practice] badges: must be from 1 to 10000."),
    ("practice.seconds_each = 0", "[practice] seconds_each: must be from 0.1 to 600."),
    ("event.name = ", "not valid TOML: Invalid value (at "),
    ("a = " + "[" * 20_000, "not valid TOML: nested too deeply."),
    ("event.'a\\u001b[2J' = 1", "[event] has no setting 'a\\\\u001b[2J'; available: name, "),
    ('event."a\\u001b[2J" = 1', "[event] has no setting 'a\\x1b[2J'; available: name, "),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "complaint"), COMPLAINTS, ids=lambda text: text[:40])
def test_what_is_wrong_is_named_with_its_place_and_what_is_nearest(kiosk: Kiosk, toml: str, complaint: str) -> None:
    """One sentence on standard error, nothing on standard output, and no file is created."""
    kiosk.configure(toml)

    done = kiosk("status")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {kiosk.config}: {complaint}")
    assert done.stderr.count("\n") == 1
    assert list(kiosk.folder.iterdir()) == [kiosk.config]


@pytest.mark.parametrize("folder", ["leads", "./leads", "~nobody-has-this-name/leads", "/tmp\\u0000x"])
def test_a_data_folder_that_would_be_another_each_time_is_refused(kiosk: Kiosk, folder: str) -> None:
    """Started from another folder, the kiosk would seem to have lost its leads."""
    kiosk.config.write_text(f'data.folder = "{folder}"')

    done = kiosk("status")

    assert done.exit_code == 2
    assert f"{kiosk.config}: [data] folder: " in done.stderr


def test_a_port_that_cannot_be_is_refused(kiosk: Kiosk) -> None:
    """The error comes before a practice CRM is restarted again and again in vain."""
    kiosk.config.write_text("practice.port = 70000")

    done = kiosk("status")

    assert f"{kiosk.config}: [practice] port: must be from 0 to 65535" in done.stderr


COMMANDS = ["run", "worker", "practice-crm", "scan -", "pending", "sync", "retry --all", "discard a --reason b",
            "restore a", "status", "leads", "export leads.csv", "import attendees kiosk.toml"]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_starts_half_configured(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Each exits with status 2 before it has created, started or changed anything."""
    kiosk.configure("camera.widht = 3")
    monkeypatch.chdir(kiosk.folder)

    done = kiosk(*command.split())

    assert (done.exit_code, done.stdout) == (2, "")
    assert "[camera] has no setting 'widht'; did you mean 'width'?" in done.stderr
    assert list(kiosk.folder.iterdir()) == [kiosk.config]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.toml", "no such file. Check the name after --config."),
        (".", "this is a folder. Name a settings file."),
    ],
)
def test_a_settings_file_that_is_named_must_be_there(kiosk: Kiosk, name: str, said: str) -> None:
    """The defaults do not replace it."""
    kiosk.config = kiosk.folder / name

    done = kiosk("status")

    assert (done.exit_code, done.stderr) == (2, f"Error: {kiosk.config}: {said}\n")


def test_a_missing_settings_file_of_the_environment_is_said_to_be_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the sentence may not have typed the name."""
    monkeypatch.setenv("KIOSK_CONFIG", str(tmp_path / "nowhere.toml"))

    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file \(from \$KIOSK_CONFIG\)\.$"):
        find_settings_file(None)


def test_settings_that_are_no_text_are_refused(kiosk: Kiosk) -> None:
    """The file may be in another encoding."""
    kiosk.config.write_bytes(b"event.name = '\xff'")

    done = kiosk("status")

    assert done.exit_code == 2
    assert f"Error: {kiosk.config}: this is not a text file in UTF-8.\n" in done.stderr


def test_the_settings_are_found_by_option_then_by_variable_then_in_this_folder(kiosk: Kiosk, tmp_path: Path) -> None:
    """They are looked up in this order; without any, the kiosk runs in practice mode."""
    from kiosk.config.load import DEFAULT_FILE_NAME, find_settings_file

    kiosk.monkeypatch.chdir(tmp_path)
    other, third = tmp_path / "other.toml", tmp_path / "third.toml"
    other.touch()
    third.touch()

    assert find_settings_file(None) == Path(DEFAULT_FILE_NAME)
    kiosk.monkeypatch.setenv("KIOSK_CONFIG", str(other))
    assert find_settings_file(None) == other
    assert find_settings_file(third) == third
    kiosk.monkeypatch.delenv("KIOSK_CONFIG")
    kiosk.config.unlink()
    assert find_settings_file(None) is None


def test_the_nearest_connector_is_named(kiosk: Kiosk) -> None:
    """It is one name, however many connectors there are."""
    kiosk.configure("crm.connector = 'rset'")

    done = kiosk("status")

    assert done.stderr.endswith("; did you mean 'rest'?\n")
