"""A note to which several people and devices contribute: each part is whole lines of it."""


def find_part(part: str, note: str) -> tuple[int, int] | None:
    """Return where *part* stands in *note* as whole lines; None if it does not, or is empty."""
    at = f"\n{note}\n".find(f"\n{part}\n") if part else -1
    return None if at < 0 else (at, at + len(part))


def append_part(note: str, part: str) -> str:
    """Append *part* to *note*, unless it is there already."""
    return note if find_part(part, note) else "\n".join(filter(None, (note, part)))
