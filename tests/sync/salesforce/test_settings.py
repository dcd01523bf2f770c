"""The `[crm.salesforce]` table: invalid settings are reported before the show."""

from dataclasses import replace
from typing import Any

import pytest

from sync.settings.salesforce import SalesforceSettings

GOOD = SalesforceSettings("https://booth.my.salesforce.com", client_id="3MVG9", client_secret_env="SECRET")
BY_KEY = replace(GOOD, sign_in="jwt_bearer", username="booth@initech.com", private_key_file="booth.pem")

WRONG = [
    ({"login_url": ""}, "salesforce.login_url: the address is missing"),
    ({"login_url": "http://booth.my.salesforce.com"}, "salesforce.login_url: booth.my.salesforce.com would get "),
    ({"login_url": "https://booth.my.salesforce.com/services"}, "salesforce.login_url: must be only a host"),
    ({"login_url": "https://login.salesforce.com"}, "salesforce.login_url: for client credentials it must be https:"),
    ({"instance_url": "http://booth.my.salesforce.com"}, "salesforce.instance_url: booth.my.salesforce.com would"),
    ({"api_version": "66"}, "salesforce.api_version: must be a version such as 66.0"),
    ({"api_version": "v66.0"}, "salesforce.api_version: must be a version such as 66.0"),
    ({"api_version": "45.0"}, "salesforce.api_version: must be a version such as 66.0, and at least 46.0."),
    ({"client_id": ""}, "salesforce.client_id: enter the consumer key"),
    ({"client_secret_env": ""}, "salesforce.client_secret_env: the consumer secret is missing"),
    ({"object": "Lead/x"}, "salesforce.object: 'Lead/x' is not an API name"),
    ({"external_id_field": ""}, "salesforce.external_id_field: '' is not an API name"),
    ({"fields": {"email": "E-mail"}}, "salesforce.fields.email: 'E-mail' is not an API name"),
    ({"fields": {"mail": "Email"}}, "salesforce.fields: there is no lead field 'mail'. The fields are: first_name, "),
    ({"new": {"Lead Source": "Web"}}, "salesforce.new.Lead Source: 'Lead Source' is not an API name"),
    ({"ratings": ("Cold", "Hot")}, "salesforce.ratings: give five words"),
    ({"stop_at_percent": 0}, "salesforce.stop_at_percent: must be from 1 to 100."),
    ({"at_once": 11}, "salesforce.at_once: must be from 1 to 10."),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG, ids=lambda value: str(value)[:50])
def test_invalid_settings_are_named(changes: dict[str, Any], sentence: str) -> None:
    """The error begins with the key."""
    with pytest.raises(ValueError) as caught:
        replace(GOOD, **changes).check()

    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("missing", ["username", "private_key_file", "client_id"])
def test_a_key_needs_a_user_and_a_file(missing: str) -> None:
    """It needs no secret."""
    replace(BY_KEY, client_secret_env="").check()

    with pytest.raises(ValueError, match=rf"salesforce\.{missing}"):
        replace(BY_KEY, **{missing: ""}).check()


def test_with_a_key_the_shared_login_host_is_accepted() -> None:
    """Salesforce finds the org by the user."""
    replace(BY_KEY, login_url="https://login.salesforce.com").check()


def test_the_credential_is_what_the_sign_in_uses() -> None:
    """Its fingerprint shows when it changes."""
    assert (GOOD.token.env, GOOD.token.file) == ("SECRET", "")
    assert (BY_KEY.token.env, BY_KEY.token.file) == ("", "booth.pem")
