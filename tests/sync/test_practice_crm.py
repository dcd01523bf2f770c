"""The practice CRM: a real server that takes contacts, and misbehaves on request."""

def test_x(practice_crm):
    assert practice_crm.stats() == {"contacts": 0, "repeats": 0, "calls": 0}
    assert practice_crm.set_faults(off=True)["off"]
    practice_crm.stop(); practice_crm.start(port=0, delay=[0,0])
    assert practice_crm.contacts() == []
