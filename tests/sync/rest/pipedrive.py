"""Pipedrive: a person, then a lead that belongs to it; `success` in each response, no key for persons."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.sync.rest.crm_replicas import KEY, CrmReplica


class Pipedrive(CrmReplica):
    """Persons in version 2 of the API, leads in version 1."""

    routes = [
        ("GET", "/v1/users/me", "me"),
        ("POST", "/api/v2/persons", "create"),
        ("PATCH", "/api/v2/persons/{id}", "update"),
        ("GET", "/api/v2/persons/search", "search"),
        ("POST", "/v1/leads", "create_lead"),
        ("GET", "/v1/leads", "leads_of"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[dict[str, Any]] = []

    def refused(self, request: Request) -> Response | None:
        """Respond 401 without the key."""
        if request.headers.get("x-api-token") != KEY:
            return JSONResponse({"success": False, "error": "unauthorized access", "errorCode": 401}, 401)
        return None

    async def me(self, request: Request) -> Response:
        """Return the key's user."""
        return self.refused(request) or JSONResponse({"success": True, "data": {"id": 1}})

    async def create(self, request: Request) -> Response:
        """Create a person; e-mails must not be empty."""
        person = await request.json()
        if any(not item.get("value") for item in (*person.get("emails", []), *person.get("phones", []))):
            return JSONResponse({"success": False, "error": "Validation failed: emails.0.value: Invalid"}, 400)
        number = self.add_contact(person)
        self.contacts[number - 1]["id"] = number
        return JSONResponse({"success": True, "data": self.contacts[number - 1]}, 201)

    async def update(self, request: Request) -> Response:
        """Replace the values that are sent."""
        for person in self.contacts:
            if str(person["id"]) == request.path_params["id"]:
                person |= await request.json()
                return JSONResponse({"success": True, "data": person})
        return JSONResponse({"success": False, "error": "Person not found", "data": None}, 404)

    async def search(self, request: Request) -> Response:
        """Search by whole e-mail or name; a term that is too short is refused."""
        term, field = request.query_params["term"].casefold(), request.query_params["fields"]
        if len(term) < 2:
            return JSONResponse({"success": False, "error": "term must be at least 2 characters"}, 400)
        found = []
        for person in self.contacts:
            emails = [item["value"] for item in person.get("emails", [])]
            if term in [value.casefold() for value in (emails if field == "email" else [person["name"]])]:
                found.append({"item": {"id": person["id"], "name": person["name"], "emails": emails}})
        return self.refused(request) or JSONResponse({"success": True, "data": {"items": found}})

    async def create_lead(self, request: Request) -> Response:
        """Create a lead, which needs a title and a person."""
        lead = await request.json()
        if not lead.get("title") or lead.get("person_id") not in [person["id"] for person in self.contacts]:
            return JSONResponse({"success": False, "error": "A lead must have a person."}, 400)
        self.leads.append({**lead, "id": f"lead-{len(self.leads)}"})
        return JSONResponse({"success": True, "data": self.leads[-1]}, 201)

    async def leads_of(self, request: Request) -> Response:
        """Return the leads of one person."""
        wanted = request.query_params["person_id"]
        found = [lead for lead in self.leads if str(lead["person_id"]) == wanted]
        return JSONResponse({"success": True, "data": found})
