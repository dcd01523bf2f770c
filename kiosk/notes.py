"""Notes that two people write on at the same time."""

from kiosk.words import plain


def with_others(text: str, now: str, before: str) -> str:
    """*text* in place of the note *before*; what somebody else added to it until *now* stays below."""
    if plain(now).strip() == before.strip():
        return text
    return "\n".join([text, *(line for line in now.splitlines() if line.strip() and plain(line) not in before)])
