"""Fixtures of the failure matrix: a kiosk, CRMs that misbehave, and another origin that must receive nothing."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sync.matrix.certificates import Authority
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.hall import Booth, build_booth
from tests.sync.matrix.kiosk_under_test import Kiosk
from tests.sync.matrix.network_namespaces import NamespacesUnavailable, Venue


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """A kiosk without leads and without a connector, in an environment without proxies."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    found = Kiosk(tmp_path)
    yield found
    found.close()


@pytest.fixture
def crms() -> Iterator[Callable[..., FakeCrm]]:
    """Starts CRMs: `crms(tls=…, has_keys=…)`."""
    made: list[FakeCrm] = []

    def start(*args: Any, **options: Any) -> FakeCrm:
        made.append(FakeCrm(*args, **options))
        return made[-1]

    yield start
    for crm in made:
        crm.stop()


@pytest.fixture
def crm(crms: Callable[..., FakeCrm]) -> FakeCrm:
    """A CRM that works, to begin with."""
    return crms()


@pytest.fixture
def stranger(crms: Callable[..., FakeCrm]) -> Iterator[FakeCrm]:
    """Another origin, which would accept everything; whatever a test does, it must never be called."""
    found = crms()
    yield found
    assert (found.connections, found.calls) == (0, []), "something reached another origin than the CRM's"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that kiosk.toml may name as trusted."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def unknown_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that is not trusted."""
    return Authority(tmp_path_factory.mktemp("unknown"))


@pytest.fixture
def booth(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Booth]:
    """A booth in a hall of its own, with the world behind its WiFi; skipped where this machine allows none."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    try:
        venue = Venue()
    except (NamespacesUnavailable, OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"THIS ROW WAS NOT TRIED IN A NETWORK OF ITS OWN: this machine allows none ({error})")
    found = venue.world.run(build_booth, venue, tmp_path, authority)
    yield found
    found.close()
    venue.close()
