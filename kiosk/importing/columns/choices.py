"""What a person says that a column means: `--map HEADER=FIELD`."""

from collections.abc import Collection, Sequence


def _parse_choice(text: str, known: Collection[str]) -> tuple[str, str]:
    """
    `HEADER=field` as given to `--map`; an empty field ignores the column.

    Raises:
        ValueError: there is no such field.
    """
    header, _, to = text.rpartition("=")
    if not header or (to and to not in known):
        raise ValueError(f"{text!r}: write HEADER=FIELD, where FIELD is {', '.join(known)}.")
    return header, to


def parse_choices(texts: Sequence[str], header: Sequence[str], known: Collection[str]) -> dict[str, str]:
    """
    The columns for which *texts* say what they mean, each with its field.

    Raises:
        ValueError: one of them names no column or no field, or two name one field.
    """
    wanted = dict(_parse_choice(text, known) for text in texts)
    for name, to in wanted.items():
        if name not in header:
            raise ValueError(f"there is no column {name!r}; there is {', '.join(map(repr, header))}.")
        if to and list(wanted.values()).count(to) > 1:
            raise ValueError(f"only one column can be {to}.")
    return wanted
