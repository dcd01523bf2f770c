"""Ignores a code for a while after it was seen last; other codes are not affected."""

_MAX_REMEMBERED_CODES = 64


class CodeCooldown:
    """Remembers which codes were seen recently."""

    def __init__(self, cooldown_seconds: float) -> None:
        self.cooldown_seconds = cooldown_seconds
        self.last_seen: dict[bytes, float] = {}

    def mark_seen(self, data: bytes, now: float) -> bool:
        """
        Record that the code *data* is in view at *now* (monotonic seconds), and return whether it counts as new.

        The cooldown starts over with every sighting, so a code that stays in view stays ignored.
        """
        seen = self.last_seen.get(data)
        self.last_seen[data] = now
        # Otherwise, memory would fill with every badge of the show in a long day at a busy booth.
        if len(self.last_seen) > _MAX_REMEMBERED_CODES:
            self.last_seen = {code: at for code, at in self.last_seen.items() if now - at < self.cooldown_seconds}
        return seen is None or now - seen >= self.cooldown_seconds
