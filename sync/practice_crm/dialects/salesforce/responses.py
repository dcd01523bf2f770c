"""How an org refuses a whole call, and the calls of 24 hours that it counts."""

import time
from collections import deque

from starlette.responses import JSONResponse, Response

from sync.practice_crm.fault_injection import FaultInjector

_DAY_SECONDS = 24 * 3600.0


class SalesforceResponses:
    """A list with a code; and on every answer a header that tells how much of the day is used."""

    def __init__(self, misbehave: FaultInjector) -> None:
        self.fault_injector = misbehave
        self.call_times: deque[float] = deque()

    def prune_call_times(self) -> deque[float]:
        """When each call of the last 24 hours was made."""
        while self.call_times and time.monotonic() - self.call_times[0] >= _DAY_SECONDS:
            self.call_times.popleft()
        return self.call_times

    def build_usage_header(self) -> dict[str, str]:
        """The header that tells how many calls of the day are used."""
        return {
            "Sforce-Limit-Info": f"api-usage={len(self.prune_call_times())}/{self.fault_injector.faults.daily_calls}"
        }

    def answer_error(self, status: int, code: str, words: str) -> Response:
        """How Salesforce refuses a whole call: a list."""
        return JSONResponse([{"message": words, "errorCode": code}], status, headers=self.build_usage_header())

    def answer_unauthorised(self) -> Response:
        """401."""
        return self.answer_error(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def answer_forbidden(self) -> Response:
        """403, for the user lacks a permission."""
        return self.answer_error(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")

    def answer_throttled(self, seconds: float) -> Response:
        """403, without a word on when there is room again."""
        return self.answer_error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")

    def answer_quota_used_up(self) -> Response:
        """403 as well."""
        return self.answer_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def answer_down(self) -> Response:
        """503."""
        return self.answer_error(503, "SERVER_UNAVAILABLE", "We are down for maintenance. Sorry for the inconvenience.")

    def answer_not_found(self) -> Response:
        """404."""
        return self.answer_error(404, "NOT_FOUND", "The requested resource does not exist")

    def answer_no_such_key(self, name: str) -> Response:
        """404 for a field that is no external id."""
        return self.answer_error(
            404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
        )

    def answer_internal_error(self) -> Response:
        """500."""
        return self.answer_error(
            500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-1"
        )
