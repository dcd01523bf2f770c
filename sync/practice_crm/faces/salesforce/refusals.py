"""How an org refuses a whole call, and the calls of 24 hours that it counts."""

import time
from collections import deque

from starlette.responses import JSONResponse, Response

from sync.practice_crm.misbehave import Misbehave

DAY = 24 * 3600.0


class Refusals:
    """A list with a code; and on every answer a header that tells how much of the day is used."""

    def __init__(self, misbehave: Misbehave) -> None:
        self.misbehave = misbehave
        self.calls: deque[float] = deque()

    def day(self) -> deque[float]:
        """When each call of the last 24 hours was made."""
        while self.calls and time.monotonic() - self.calls[0] >= DAY:
            self.calls.popleft()
        return self.calls

    def usage(self) -> dict[str, str]:
        """The header that tells how many calls of the day are used."""
        return {"Sforce-Limit-Info": f"api-usage={len(self.day())}/{self.misbehave.faults.daily_calls}"}

    def refused(self, status: int, code: str, words: str) -> Response:
        """How Salesforce refuses a whole call: a list."""
        return JSONResponse([{"message": words, "errorCode": code}], status, headers=self.usage())

    def unauthorised(self) -> Response:
        """401."""
        return self.refused(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def forbidden(self) -> Response:
        """403, for the user lacks a permission."""
        return self.refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")

    def throttled(self, seconds: float) -> Response:
        """403, without a word on when there is room again."""
        return self.refused(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")

    def used_up(self) -> Response:
        """403 as well."""
        return self.refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def down(self) -> Response:
        """503."""
        return self.refused(503, "SERVER_UNAVAILABLE", "We are down for maintenance. Sorry for the inconvenience.")

    def not_found(self) -> Response:
        """404."""
        return self.refused(404, "NOT_FOUND", "The requested resource does not exist")

    def no_such_key(self, name: str) -> Response:
        """404 for a field that is no external id."""
        return self.refused(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")

    def broken(self) -> Response:
        """500."""
        return self.refused(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-1")
