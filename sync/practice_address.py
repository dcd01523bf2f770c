"""Where the practice CRM can be reached: it writes that down, for its port and its token are its own choice."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

ADDRESS_FILE_NAME = "practice-crm.json"


@dataclass(frozen=True, slots=True)
class PracticeAddress:
    """A practice CRM that runs, or has run."""

    url: str
    """`http://127.0.0.1:PORT`"""
    token: str


def read_address(folder: Path) -> PracticeAddress:
    """
    The address of the practice CRM of *folder*.

    Raises:
        FileNotFoundError: none has run there yet.
        OSError: the file cannot be read.
        ValueError: the file is damaged.
    """
    try:
        address = PracticeAddress(**json.loads((folder / ADDRESS_FILE_NAME).read_text(encoding="utf-8")))
        if not all(isinstance(value, str) and value for value in (address.url, address.token)):
            raise ValueError("an address and a token are texts")
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{ADDRESS_FILE_NAME} is damaged: delete it, and start the practice CRM anew.") from error
    return address


def write_address(folder: Path, address: PracticeAddress) -> None:
    """Write down *address*, at once and for the owner only."""
    temporary = folder / f".{ADDRESS_FILE_NAME}.{os.getpid()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
    temporary.replace(folder / ADDRESS_FILE_NAME)
