"""What a person says that a column means: `--map HEADER=FIELD`."""

from collections.abc import Collection, Sequence

from data.language import _


def _parse_choice(text: str, known: Collection[str]) -> tuple[str, str]:
    """
    Parse `HEADER=field` as given to `--map`; an empty field ignores the column.

    Raises:
        ValueError: there is no such field.
    """
    header, equals, to = text.rpartition("=")
    if not equals or not header or (to and to not in known):
        raise ValueError(
            _("{text}: write HEADER=FIELD, with one of these fields: {fields}.").format(
                text=repr(text), fields=", ".join(known)
            )
        )
    return header, to


def parse_choices(texts: Sequence[str], header: Sequence[str], known: Collection[str]) -> dict[str, str]:
    """
    Return the field of each column that one of *texts* names.

    Raises:
        ValueError: one of them names an unknown column or field, or two name the same field.
    """
    choices = dict(_parse_choice(text, known) for text in texts)
    for name, to in choices.items():
        if name not in header:
            raise ValueError(
                _("there is no column {name}. Columns: {columns}.").format(
                    name=repr(name), columns=", ".join(map(repr, header))
                )
            )
        if to and list(choices.values()).count(to) > 1:
            raise ValueError(_("only one column can be {field}.").format(field=to))
    return choices
