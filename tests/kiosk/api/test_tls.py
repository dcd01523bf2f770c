"""HTTPS for other devices, with a given certificate or the kiosk's own."""

import hashlib
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kiosk.api.server.own_certificate import make_certificate
from tests.kiosk.api.api import ROOT, Api, is_hung_up

ALL = 'host = "0.0.0.0"'

SHORT = "import kiosk.api.server.server as server; server.HEAD_TIMEOUT_SECONDS = 0.5"


def shown_link(api: Api) -> dict[str, list[str]]:
    """Return the pairing link's values."""
    command = [sys.executable, "-m", "kiosk", "--config", str(api.config), "token", "pair", "--plain"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return parse_qs(urlsplit(shown.stdout.strip()).query)


def spoken(api: Api) -> str:
    """Return the fingerprint of the server's certificate."""
    port = httpx.URL(api.url).port
    pem = ssl.get_server_certificate(("127.0.0.1", port or 0), timeout=20)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def trusting(api: Api, cert: Path) -> httpx.Client:
    """Create a client that trusts only *cert*."""
    context = ssl.create_default_context(cafile=str(cert))
    headers = {"Authorization": f"Bearer {api.token('post')}"}
    url = f"https://localhost:{httpx.URL(api.url).port}"
    return httpx.Client(base_url=url, verify=context, trust_env=False, headers=headers, timeout=30)


def modes(*paths: Path) -> set[int]:
    """Return the permissions of these files."""
    return {path.stat().st_mode & 0o777 for path in paths}


def test_a_certificate_is_made_and_is_in_the_pairing_link(api_with: Callable[..., Api]) -> None:
    """Only its owner can read it, it is valid for this device's names, and it stays the same after a restart."""
    api = api_with(ALL).start()
    cert, key = (api.folder / "practice" / f"intake-{name}.pem" for name in ("cert", "key"))

    assert api.url.startswith("https://")
    assert modes(cert, key) == {0o600}
    told = shown_link(api)
    assert spoken(api) == told["sha256"][0]
    assert told["url"][0].startswith("https://")
    with trusting(api, cert) as phone:
        assert phone.post("/api/v1/contacts", json={"name": "T L S"}).status_code == 201
    before = spoken(api)
    api.stop()
    assert spoken(api.start()) == before


def given(folder: Path) -> tuple[Path, Path]:
    """A certificate made elsewhere, with a chain."""
    folder.mkdir()
    cert, key = folder / "cert.pem", folder / "key.pem"
    make_certificate(folder / "other.pem", folder / "other-key.pem", "127.0.0.1", time.time())
    make_certificate(cert, key, "127.0.0.1", time.time())
    cert.write_text(cert.read_text() + (folder / "other.pem").read_text())
    return cert, key


def test_a_given_certificate_is_used(api_with: Callable[..., Api], tmp_path: Path) -> None:
    """With a chain, the first certificate is served and its fingerprint is in the link."""
    cert, key = given(tmp_path / "given")
    api = api_with(f'{ALL}\ncert_file = "{cert}"\nkey_file = "{key}"').start()

    assert spoken(api) == shown_link(api)["sha256"][0]
    with trusting(api, cert) as phone:
        assert phone.post("/api/v1/contacts", json={"name": "Gi Ven"}).status_code == 201


def said(api: Api) -> tuple[int, str]:
    """Return how a server that must not start ends."""
    command = [sys.executable, "-m", "kiosk", "--config", str(api.config), "serve"]
    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stderr


def spoil(how: str, cert: Path, key: Path) -> None:
    """Spoil one of the two files."""
    match how:
        case "readable":
            key.chmod(0o640)
        case "not its key":
            key.write_text((key.parent / "other-key.pem").read_text())
        case "no certificate":
            cert.write_text("hello")
        case "empty key":
            key.write_text("")
        case "password":
            from cryptography.hazmat.primitives import serialization as s

            made = s.load_pem_private_key(key.read_bytes(), None)
            secret = s.BestAvailableEncryption(b"secret")
            key.write_bytes(made.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, secret))


@pytest.mark.parametrize("how", ["readable", "not its key", "no certificate", "empty key", "password"])
def test_an_unusable_certificate_is_reported(api_with: Callable[..., Api], tmp_path: Path, how: str) -> None:
    """In one sentence that names the file; OpenSSL does not ask for a password."""
    cert, key = given(tmp_path / "given")
    spoil(how, cert, key)
    status, sentence = said(api_with(f'{ALL}\ncert_file = "{cert}"\nkey_file = "{key}"'))

    assert status == 1
    assert "Traceback" not in sentence
    assert str(key) in sentence
    assert ("chmod 600" in sentence) == (how == "readable")


def test_plain_http_on_the_tls_port_does_no_harm(api_with: Callable[..., Api]) -> None:
    """It is closed, and so are silent connections; others are served, and the log stays empty."""
    api = api_with(ALL).start(SHORT)
    silent = api.connect()
    for _ in range(50):
        assert b"HTTP" not in api.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

    assert is_hung_up(silent, 20)
    silent.close()
    with trusting(api, api.folder / "practice" / "intake-cert.pem") as phone:
        assert phone.post("/api/v1/contacts", json={"name": "Go On"}).status_code == 201
    assert len(api.log) < 500, api.log


def listens_at(port: int | None) -> set[str]:
    """Return the kernel's listening addresses for *port*."""
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1].split(":")[0] for line in lines if line[3] == "0A" and int(line[1].split(":")[1], 16) == port}


@pytest.mark.parametrize(("intake", "address"), [("", "0100007F"), (ALL, "00000000")])
def test_other_devices_are_let_in_only_on_request(api_with: Callable[..., Api], intake: str, address: str) -> None:
    """Only this device can connect, unless kiosk.toml says otherwise."""
    api = api_with(intake).start()

    assert listens_at(httpx.URL(api.url).port) == {address}
    assert api.url.startswith("https://" if intake else "http://127.0.0.1:")


def test_an_incomplete_certificate_is_replaced(api_with: Callable[..., Any]) -> None:
    """An interrupted write does not get in the way."""
    api = api_with(ALL)
    (api.folder / "practice").mkdir()
    (api.folder / "practice" / "intake-key.part").write_text("half")
    (api.folder / "practice" / "intake-key.pem").write_text("a key without its certificate")

    assert spoken(api.start()) == shown_link(api)["sha256"][0]
