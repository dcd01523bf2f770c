"""The address file of the practice CRM, which chooses its port and its token itself and writes them there."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from data.language import _

_ADDRESS_FILE_NAME = "practice-crm.json"


@dataclass(frozen=True, slots=True)
class PracticeAddress:
    """The address and the token of a practice CRM that runs, or has run."""

    url: str
    """`http://127.0.0.1:PORT`"""
    token: str


def read_address(folder: Path) -> PracticeAddress:
    """
    Read the address of the practice CRM in *folder*.

    Raises:
        FileNotFoundError: no practice CRM has run there yet.
        OSError: the file cannot be read.
        ValueError: the file is damaged.
    """
    try:
        address = PracticeAddress(**json.loads((folder / _ADDRESS_FILE_NAME).read_text(encoding="utf-8")))
        if not all(isinstance(value, str) and value for value in (address.url, address.token)):
            raise ValueError("an address and a token are strings")  # not shown: caught below
    except (TypeError, ValueError, RecursionError) as error:
        sentence = _("{file} is damaged: delete it, and restart the practice CRM.")
        raise ValueError(sentence.format(file=_ADDRESS_FILE_NAME)) from error
    return address


def write_address(folder: Path, address: PracticeAddress) -> None:
    """Write *address* atomically, readable by its owner only."""
    temporary = folder / f".{_ADDRESS_FILE_NAME}.{os.getpid()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
    temporary.replace(folder / _ADDRESS_FILE_NAME)
