"""Credentials, from an environment variable or from a file that only its owner can read."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from data.language import _
from sync.settings.quoting import is_variable_name, quote_path


@dataclass(frozen=True, slots=True)
class Secret:
    """Where to find a credential. It is read each time it is needed, so that a renewed one is used at once."""

    key: str
    """Its key in kiosk.toml, without `_env` or `_file`: `rest.token`."""
    env: str
    file: str

    @property
    def is_set(self) -> bool:
        """Whether kiosk.toml names a credential."""
        return bool(self.env or self.file)

    def read(self) -> str:
        """
        Return the credential; empty if none is configured.

        Raises:
            ValueError: one is configured, and cannot be read.
        """
        if self.env:
            # Windows editors put a byte order mark in front, also into variables.
            if secret := os.environ.get(self.env, "").strip().strip("\ufeff"):
                return secret
            if is_variable_name(self.env):
                sentence = _("{key}_env: the environment variable {name} is not set.")
            else:  # the most common mistake
                sentence = _(
                    "{key}_env: there is no environment variable of that name. Did you paste the secret itself? Put it "
                    "into a variable and write the variable's name here, or into a file and use {file_key}_file."
                )
            raise ValueError(sentence.format(key=self.key, name=self.env, file_key=self.key.rpartition(".")[2]))
        return _read_secret_file(f"{self.key}_file", Path(self.file).expanduser()) if self.file else ""

    def fingerprint(self) -> str:
        """Return eight hex digits that change with the credential, and reveal nothing of it; empty without one."""
        try:
            secret = self.read()
        except ValueError:
            return ""
        return hashlib.blake2b(secret.encode(), digest_size=4, person=b"booth-kiosk").hexdigest() if secret else ""


def _read_secret_file(key: str, path: Path) -> str:
    """
    Return the secret in the file *path*.

    Raises:
        ValueError: there is no such file, or it is empty, cannot be read, or can be read by others.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            sentence = _("{key}: {path} is a folder. Name the file that contains the secret.")
            raise ValueError(sentence.format(key=key, path=quote_path(str(path))))
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ValueError(_("{key}: other users can read {path}; run: chmod 600 {path}").format(key=key, path=path))
        secret = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or _("it is not UTF-8 text")
        sentence = _("{key}: {path} cannot be read ({why}).")
        raise ValueError(sentence.format(key=key, path=quote_path(str(path)), why=why)) from None
    if not secret:
        raise ValueError(_("{key}: {path} is empty.").format(key=key, path=quote_path(str(path))))
    if not all(character.isprintable() or character == "\n" for character in secret):
        raise ValueError(_("{key}: {path} must contain the secret and nothing else.").format(key=key, path=path))
    return secret
