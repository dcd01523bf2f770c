"""The same code is ignored for a while; a different one never is."""


class CodeCooldown:
    """Remembers which codes were seen of late."""

    def __init__(self, seconds: float) -> None:
        self.cooldown_seconds = seconds
        self.last_seen: dict[bytes, float] = {}

    def mark_seen(self, data: bytes, now: float) -> bool:
        """
        Whether *data*, seen at *now* (seconds of a clock that never jumps), is to be looked at.

        A code that stays in view rests for as long as it stays, and `seconds` longer.
        """
        seen = self.last_seen.get(data)
        self.last_seen[data] = now
        if len(self.last_seen) > 64:
            self.last_seen = {data: at for data, at in self.last_seen.items() if now - at < self.cooldown_seconds}
        return seen is None or now - seen >= self.cooldown_seconds
