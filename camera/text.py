"""Decoding the bytes of a code to text."""


def decode_text(data: bytes, declared: str | None = None) -> str:
    """
    Decode *data* as strict UTF-8, else use what the code *declared* (text already decoded by its ECI), else Latin-1.

    Never raises.
    """
    # Badge printers write UTF-8 without declaring it, and other encodings are hardly ever valid UTF-8 by accident.
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return declared if declared is not None else data.decode("latin-1")
