"""Tokens: known only to their devices, valid until revoked, and not guessable."""

import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from data import devices
from data.clock import SystemClock
from data.store import open_store
from kiosk.api.wire.throttle import SignInThrottle, normalize_address
from tests.kiosk.api.api import ROOT, Api


def kiosk(api: Api, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a `kiosk` command."""
    arguments = [sys.executable, "-m", "kiosk", "--config", str(api.config), *command]
    return subprocess.run(arguments, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_only_the_hash_of_a_token_is_stored(api_with: Callable[..., Api]) -> None:
    """The token is not in the database, its log, or our log."""
    api = api_with().start()
    token = kiosk(api, "token", "new", "front desk", "--role", "manage").stdout.strip()
    wrong = f"{token[:-4]}AAAA"
    with api.stranger(headers={"Authorization": f"Bearer {token}"}) as device:
        assert device.post("/api/v1/contacts", json={"name": "To Ken"}).status_code == 201
        listed = device.get("/api/v1/sync/status").text
        refused = device.get("/api/v1/sync/status", headers={"Authorization": f"Bearer {wrong}"}).text
        garbage = device.post("/api/v1/contacts", content=token).text
    told = kiosk(api, "token", "list", "--json").stdout
    api.stop()

    secret = token.split("_", 2)[2]
    assert [] == api.holds(secret) == api.holds(wrong)
    assert secret not in listed + refused + garbage + told
    assert "front desk" in told


def test_a_new_token_is_explained_beside_it(api_with: Callable[..., Api]) -> None:
    """On standard error, so that a script gets the token alone; a second one of the same name is mentioned."""
    api = api_with()

    first, second = (kiosk(api, "token", "new", "office", "--role", "read") for _ in range(2))
    unknown = kiosk(api, "token", "revoke", "nobody")

    explained = "Token for office (role read). Copy it now: it cannot be shown again.\n"
    assert (first.stdout.count("\n"), first.stderr) == (1, explained)
    assert second.stderr == f"{explained}office already has a token; both are valid.\n"
    assert unknown.returncode == 2


def test_a_revoked_token_is_refused_within_two_seconds(api_with: Callable[..., Api]) -> None:
    """Its connection stays open, and its requests are refused; other devices are not affected."""
    api = api_with().start()
    with api.client("post", "lost phone") as lost, api.client("post", "other phone") as other:
        assert lost.post("/api/v1/contacts", json={"name": "Be Fore"}).status_code == 201
        assert kiosk(api, "token", "revoke", "lost phone").returncode == 0
        time.sleep(1.5)

        assert lost.post("/api/v1/contacts", json={"name": "Af Ter"}).status_code == 401
        assert other.post("/api/v1/contacts", json={"name": "Ot Her"}).status_code == 201
    assert api.rows("select name from leads order by id") == [("Be Fore",), ("Ot Her",)]


def test_guessing_is_throttled_and_valid_tokens_are_not(api_with: Callable[..., Api]) -> None:
    """After twenty wrong tokens further ones get 429; valid tokens are accepted, also new ones."""
    api = api_with().start()
    token = api.token("manage", "a new one")
    with api.client("post", "an old one") as old, api.stranger() as stranger:
        assert old.post("/api/v1/contacts", json={"name": "Kno Wn"}).status_code == 201
        wrong = [
            stranger.get("/metrics", headers={"Authorization": f"Bearer bk_{number:08x}_guess"}) for number in range(25)
        ]
        nearly = stranger.get("/metrics", headers={"Authorization": f"Bearer {token[:-1]}"})
        late = stranger.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        api.stop()
        api.start()
        stranger.base_url = httpx.URL(api.url)
        for number in range(25):
            stranger.get("/metrics", headers={"Authorization": f"Bearer bk_{number:08x}_guess"})
        restarted = stranger.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert [answer.status_code for answer in wrong] == [401] * 20 + [429] * 5
    assert 1 <= int(wrong[-1].headers["retry-after"]) <= 60
    assert (nearly.status_code, late.status_code, restarted.status_code) == (429, 200, 200)


def test_a_valid_code_pairs_while_others_guess(api_with: Callable[..., Api]) -> None:
    """Wrong codes are throttled, and write nothing."""
    api = api_with().start()
    with closing(open_store(api.store)) as db:
        code = devices.offer_pairing(db, "", "post", SystemClock())
    with api.stranger() as stranger:
        wrong = [stranger.post("/api/v1/pair", json={"code": f"guess {number}"}).status_code for number in range(25)]
        right = stranger.post("/api/v1/pair", json={"code": code, "name": "phone 7"})

    assert wrong == [403] * 20 + [429] * 5
    assert (right.status_code, set(right.json())) == (201, {"token"})


def test_a_request_without_a_token_is_not_a_guess(api_with: Callable[..., Api]) -> None:
    """A page that is opened again and again before sign-in does not throttle anybody."""
    api = api_with().start()
    with api.stranger() as stranger:
        assert {stranger.get("/metrics").status_code for _ in range(30)} == {401}
        token = api.token("read")

        assert stranger.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_failed_sign_ins_are_forgotten_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a minute they may try again; at most ten thousand addresses are kept, and an IPv6 network is one."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    strangers = SignInThrottle()
    for number in range(20_000):
        strangers.record_failure(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    for _ in range(20):
        strangers.record_failure("2001:db8::1")

    assert len(strangers.failures) == 10_000
    with pytest.raises(Exception, match="Too many wrong"):
        strangers.check_allowed("2001:db8::abcd:1")
    strangers.check_allowed("2001:db8:1::1")
    now = 1061.0
    strangers.check_allowed("2001:db8::1")
    assert normalize_address("fe80::1%eth0") == "fe80::"
    assert normalize_address("::ffff:10.0.0.1") != normalize_address("::ffff:10.0.0.2")


def test_secrets_are_compared_in_constant_time(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes are compared, also for unknown devices, so that timing reveals nothing."""
    compared: list[tuple[bytes, bytes]] = []
    digest = secrets.compare_digest
    monkeypatch.setattr(
        secrets, "compare_digest", lambda one, other: compared.append((one, other)) or digest(one, other)
    )
    with closing(open_store(tmp_path / "kiosk.db")) as db:
        token = devices.add_device(db, "phone", "post", SystemClock())
        name = token.split("_")[1]

        assert devices.find_by_token(db, token) is not None
        assert devices.find_by_token(db, f"bk_{name}_wrong") is None
        assert devices.find_by_token(db, "bk_00000000_wrong") is None
    assert [(len(one), len(other)) for one, other in compared] == [(32, 32)] * 3


@pytest.mark.parametrize("token", ["", "bk", "bk_", "bk__", "bk_x", "_", "bk_%s_" % ("a" * 10_000), "ä_ö_ü", "xx_1_2"])
def test_malformed_tokens_are_refused(tmp_path: Any, token: str) -> None:
    """Whatever they look like."""
    with closing(open_store(tmp_path / "kiosk.db")) as db:
        devices.add_device(db, "phone", "post", SystemClock())

        assert devices.find_by_token(db, token) is None


def test_each_call_updates_last_seen(api_with: Callable[..., Api]) -> None:
    """Also for devices that only read."""
    api = api_with().start("import kiosk.api.server.last_seen as last_seen; last_seen.SAVE_DELAY_SECONDS = 0.2")
    before = time.time()
    api.post({"name": "Se En"})
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = api.call("GET", "/api/v1/sync/status", role="read").json()["devices"]
        seen = {device["name"]: device["seen_at"] for device in found}
        if all(seen.get(f"a {role} device") for role in ("post", "read")):
            break
        time.sleep(0.5)

    assert all(seen[f"a {role} device"] >= before - 1 for role in ("post", "read"))
