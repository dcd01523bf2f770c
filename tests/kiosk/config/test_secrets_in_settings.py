"""A secret that was pasted in the wrong place is in no message: neither a key, nor a password in a URL."""

from pathlib import Path

import pytest

from camera.errors import CameraError
from camera.settings import CameraSettings
from camera.sources import open_source
from kiosk.config.api import ApiSettings
from kiosk.config.load import ConfigError, load_settings
from kiosk.runtime.wiring import check_secrets
from sync.settings.quoting import is_variable_name, quote_path, quote_url, quote_value

KEY = "pat-na1-5f3c9a1e-77d2-4c0b"
PASSWORD = "hunter2"

SETTINGS = {
    "a key as the variable": f"[crm]\nconnector = 'hubspot'\n[crm.hubspot]\ntoken_env = '{KEY}'",
    "a key as the file": f"[crm]\nconnector = 'hubspot'\n[crm.hubspot]\ntoken_file = '{KEY}'",
    "a key as the connector": f"[crm]\nconnector = '{KEY}'",
    "a key as the property": f"[crm]\nconnector = 'hubspot'\n[crm.hubspot]\ntoken_env = 'X'\nid_property = '{KEY}'",
    "a key as a field": f"[crm]\nconnector = 'hubspot'\n[crm.hubspot]\ntoken_env = 'X'\nfields = {{ email = '{KEY}' }}",
    "a model": f"[crm]\nconnector = 'odoo'\n[crm.odoo]\nurl = 'https://x.org'\nkey_env = 'X'\nmodel = '{KEY}'",
    "a webhook's wrong scheme": f"[alerts]\nwebhook_url = 'htps://hooks.example/services/{KEY}'",
    "a webhook without a scheme": f"[alerts]\nwebhook_url = 'hooks.example/services/{KEY}'",
    "an alert's secret": f"[alerts]\nwebhook_url = 'https://x.example'\nwebhook_secret_env = '{KEY}'",
    "a bad port": f"[crm]\nconnector = 'rest'\n[crm.rest]\nurl = 'https://crm.example:{KEY}/api'",
    "a password in the URL": f"[crm]\nconnector = 'rest'\n[crm.rest]\nurl = 'https://ana:{KEY}@crm.example:x/api'",
    "a bad host": f"[crm]\nconnector = 'rest'\n[crm.rest]\nurl = 'https://[{KEY}/api'",
    "a key as the certificates": f"[network]\nca_file = '{KEY}'",
    "a key as the proxy": f"[network]\nproxy = '{KEY}'",
    "a key as a number": f"[camera]\nwidth = '{KEY}'",
}


@pytest.mark.parametrize("what", SETTINGS)
def test_no_message_about_the_settings_quotes_a_secret(what: str, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(SETTINGS[what])

    with pytest.raises(ConfigError) as caught:
        check_secrets(load_settings(path))

    assert KEY not in str(caught.value)
    assert "5f3c9a1e" not in str(caught.value)


def test_a_private_key_as_its_file_is_not_quoted() -> None:
    settings = ApiSettings(cert_file="/etc/hostname", key_file="-----BEGIN PRIVATE KEY-----\nabc")

    with pytest.raises(ValueError, match="key_file: there is no file the value there") as caught:
        settings.check()

    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (f"rstp://ana:{PASSWORD}@cam.example/1", "rstp://cam.example not found. The address of a stream begins with"),
        ((f"rtsp://ana:{PASSWORD}@cam.example/1", "b.png"), "rtsp://cam.example not found."),
        (f"rtsp:/ana:{PASSWORD}@cam.example/1", "cam.example not found."),
        (f"ana:{PASSWORD}@cam.example/1", "cam.example not found."),
        (f"cam.example/live?token={PASSWORD}", "cam.example/live not found."),
        ("no-such-folder/a.png", "no-such-folder/a.png not found."),
    ],
)
def test_a_camera_that_is_not_there_is_named_without_its_password(source: str | tuple[str, ...], says: str) -> None:
    with pytest.raises(CameraError) as caught:
        open_source(CameraSettings(source=source))

    assert str(caught.value).startswith(says)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("text", ["crm.leads", "booth-lead-id", "First Name", "2026-09", "email", "", "jsonrpc2"])
def test_what_is_no_secret_is_quoted(text: str) -> None:
    """Whoever has to find the mistake needs to see it."""
    assert quote_value(text) == repr(text)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "5f3c9a1e77d24c0b",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "Bearer abc",
        "sk_live_abc",
        "a" * 41,
        "https://h/x",
        "a\nb",
    ],
)
def test_what_may_be_a_secret_is_not_quoted(text: str) -> None:
    assert text not in quote_value(text)


def test_names_of_variables_and_files_are_shown() -> None:
    assert is_variable_name("HUBSPOT_V3_TOKEN")
    assert not is_variable_name("AKIAIOSFODNN7EXAMPLE")
    assert quote_path("/etc/kiosk/token") == "/etc/kiosk/token"
    assert KEY not in quote_path(KEY)
    assert quote_url("htps://crm.example/secret?x=y") == "htps://crm.example"
