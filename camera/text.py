"""A code's bytes as text."""


def decode_text(data: bytes, declared: str | None = None) -> str:
    """
    *data* as text: strict UTF-8 first, then what the code *declared* it to be, then Latin-1. Never raises.

    Badge printers write UTF-8 without saying so; text in other encodings is hardly ever valid UTF-8 by accident.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return declared if declared is not None else data.decode("latin-1")
