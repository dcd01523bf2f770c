"""BottleCRM's REST API, as in 1.35: an e-mail is accepted once, and a search looks at names and e-mails."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.sync.rest.crm_replicas import KEY, CrmReplica

TAKEN = "Another lead in this organisation already uses that email address."


class BottleRest(CrmReplica):
    """Leads under `/api/leads/`."""

    routes = [
        ("GET", "/api/leads/", "search"),
        ("POST", "/api/leads/", "create"),
        ("PATCH", "/api/leads/{id}/", "update"),
        ("DELETE", "/api/leads/{id}/", "delete"),
    ]
    says_id = True
    """Older ones do not."""

    def refused(self, request: Request) -> Response | None:
        """Respond 401 without the key."""
        if request.headers.get("token") != KEY:
            return JSONResponse({"detail": "Authentication credentials were not provided."}, 401)
        return None

    def wrong(self, contact: dict[str, Any], but: str = "") -> Response | None:
        """Return the error of *contact*, which is the record *but*."""
        errors: dict[str, list[str]] = {}
        email = str(contact.get("email", "")).casefold()
        if any(email and known["id"] != but and known.get("email", "").casefold() == email for known in self.contacts):
            errors["email"] = [TAKEN]
        if contact.get("rating", "HOT") not in ("HOT", "WARM", "COLD"):
            errors["rating"] = [f'"{contact["rating"]}" is not a valid choice.']
        return JSONResponse({"error": True, "errors": errors}, 400) if errors else None

    async def search(self, request: Request) -> Response:
        """Search; an empty search term finds everybody."""
        wanted = request.query_params.get("search", "").casefold()
        names = ("first_name", "last_name", "company_name", "email")
        found = [c for c in self.contacts if any(wanted in str(c.get(name, "")).casefold() for name in names)]
        if field := request.query_params.get("cf_booth_id"):
            found = [known for known in found if known.get("custom_fields", {}).get("booth_id") == field]
        return self.refused(request) or JSONResponse({"open_leads": {"leads_count": len(found), "open_leads": found}})

    async def create(self, request: Request) -> Response:
        """Create a lead."""
        contact = await request.json()
        if refusal := self.refused(request) or self.wrong(contact):
            return refusal
        number = str(self.add_contact(contact))
        said = {"id": number} if self.says_id else {}
        return JSONResponse({"error": False, "message": "Lead Created Successfully", **said})

    async def update(self, request: Request) -> Response:
        """Update a part of a lead."""
        contact, wanted = await request.json(), request.path_params["id"]
        if refusal := self.refused(request) or self.wrong(contact, wanted):
            return refusal
        for known in self.contacts:
            if known["id"] == wanted:
                known |= contact
                return JSONResponse({"error": False, "message": "Lead updated Successfully"})
        return JSONResponse({"detail": "No Lead matches the given query."}, 404)

    async def delete(self, request: Request) -> Response:
        """Delete a lead."""
        self.contacts = [known for known in self.contacts if known["id"] != request.path_params["id"]]
        return JSONResponse({"error": False, "message": "Lead deleted Successfully"})
