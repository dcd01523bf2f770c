"""The practice CRM: a real server that takes contacts, and misbehaves on request."""

def test_x(practice_crm):
    practice_crm.set_faults(lost_answers=1)
    r = practice_crm.call("POST", "/api/v1/contacts", {"client_id": "a"})
    print(r, r.text)
    practice_crm.set_faults(lost_answers=0)
    r = practice_crm.call("POST", "/api/v1/contacts", {"client_id": "\ud800"})
    print(r, r.text)
    r = practice_crm.call("POST", "/api/v1/contacts", {"client_id": "b"})
    print(r, r.text)
