"""Credentials: from an environment variable, or from a file that only its owner can read."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sync.settings.quoting import quote_path, quote_variable


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a credential is; it is read each time it is needed, so that a renewed one counts at once."""

    key: str
    """What it is called in kiosk.toml, without `_env` or `_file`: `rest.token`."""
    env: str
    file: str

    @property
    def is_set(self) -> bool:
        """Whether kiosk.toml names one."""
        return bool(self.env or self.file)

    def read(self) -> str:
        """
        The credential; empty where none is set up.

        Raises:
            ValueError: it is set up, and cannot be had.
        """
        if self.env:
            if secret := os.environ.get(self.env, "").strip().strip("\ufeff"):
                return secret
            raise ValueError(f"{self.key}_env: the environment has no variable {quote_variable(self.env)}.")
        return _read_secret_file(f"{self.key}_file", Path(self.file).expanduser()) if self.file else ""

    def fingerprint(self) -> str:
        """Eight letters that change when the credential does, and tell nothing of it; empty where none can be had."""
        try:
            secret = self.read()
        except ValueError:
            return ""
        return hashlib.blake2b(secret.encode(), digest_size=4, person=b"booth-kiosk").hexdigest() if secret else ""


def _read_secret_file(key: str, path: Path) -> str:
    """
    The secret in *path*.

    Raises:
        ValueError: it is empty, cannot be read, or others can read it.
    """
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ValueError(f"{key}: others can read {path}; run: chmod 600 {path}")
        secret = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ValueError(f"{key}: {quote_path(str(path))} cannot be read ({why}).") from None
    if not secret or not all(character.isprintable() or character == "\n" for character in secret):
        raise ValueError(f"{key}: {path} must hold the secret and nothing else.")
    return secret
