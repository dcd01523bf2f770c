"""Dataverse: upsert by an alternate key, 204 with only a header, and client-credential tokens that expire."""

import re
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.sync.rest.crm_replicas import KEY, CrmReplica


class Dataverse(CrmReplica):
    """The table *Lead*, and the sign-in beside it."""

    routes = [
        ("POST", "/tenant/oauth2/v2.0/token", "token"),
        ("GET", "/api/data/v9.2/WhoAmI", "who"),
        ("PATCH", "/api/data/v9.2/{place}", "upsert"),
        ("DELETE", "/api/data/v9.2/{place}", "delete"),
    ]
    never_lost = ("token",)
    seconds = 3600

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self.lapsed: set[str] = set()

    async def token(self, request: Request) -> Response:
        """Issue a token for the right secret."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("client_secret") != KEY or form.get("grant_type") != "client_credentials":
            said = f"AADSTS7000215: Invalid client secret provided: {form.get('client_secret')}."
            return JSONResponse({"error": "invalid_client", "error_description": said}, 401)
        self.tokens.append(f"token-number-{len(self.tokens)}")
        return JSONResponse({"token_type": "Bearer", "expires_in": self.seconds, "access_token": self.tokens[-1]})

    def refused(self, request: Request) -> Response | None:
        """Respond 401 for an unknown or expired token."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens or token in self.lapsed:
            return Response(status_code=401)
        return None

    async def who(self, request: Request) -> Response:
        """Return the token's user."""
        return self.refused(request) or JSONResponse({"UserId": "00aa"})

    async def upsert(self, request: Request) -> Response:
        """Upsert the lead of one key; the key itself may not be in the body."""
        if refusal := self.refused(request):
            return refusal
        contact: dict[str, Any] = await request.json()
        key = re.fullmatch(r"leads\(booth_leadid='(.+)'\)", request.path_params["place"])
        if key is None or "booth_leadid" in contact:
            return JSONResponse({"error": {"code": "0x80060891", "message": "The key is not valid."}}, 400)
        if contact.get("leadqualitycode", 1) not in (1, 2, 3):
            return JSONResponse({"error": {"code": "0x80048408", "message": "leadqualitycode: not a choice."}}, 400)
        known = next((known for known in self.contacts if known["booth_leadid"] == key[1]), None)
        if known is None:
            self.add_contact({"booth_leadid": key[1]})
            known = self.contacts[-1]
        known |= contact
        return Response(status_code=204, headers={"OData-EntityId": f"{request.base_url}leads({known['id']})"})

    async def delete(self, request: Request) -> Response:
        """Delete a lead."""
        self.contacts = [known for known in self.contacts if f"leads({known['id']})" != request.path_params["place"]]
        return Response(status_code=204)
