"""The kiosk.toml of the repository: every key with its default, and a word on each."""

import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from kiosk.config.load import Settings, load_settings

FILE = Path(__file__).parents[3] / "kiosk.toml"


def flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each key with its tables in front, and its value; lists as tuples, and an empty table as itself."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", tuple(value) if isinstance(value, list) else value


def test_the_file_has_every_key_with_its_default_and_no_other() -> None:
    """A setting that is added without a line here fails this, and so does a default that differs."""
    written = dict(flat(tomllib.loads(FILE.read_text(encoding="utf-8"))))
    defaults = dict(flat(asdict(Settings())))

    assert defaults == written
    assert list(map(type, defaults.values())) == [type(written[name]) for name in defaults]


def test_the_file_is_read_as_the_defaults() -> None:
    """Key for key, and by the way on which the kiosk reads it."""
    assert Settings() == load_settings(FILE) == load_settings(None)


PLAIN = {"width", "height", "method", "per_seconds", "token_header", "token_prefix", "update_method"}
"""What their names say already."""


def test_each_key_is_explained() -> None:
    """On its line, above it, or beside its table's name where a table maps names to names."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    bare, table = [], ""
    for above, line in pairwise(lines):
        table = line if line.startswith("[") else table
        if " = " in line and "#" not in line + table and not above.startswith("#"):
            bare.append(line.split(" = ")[0])

    assert set(bare) == PLAIN
