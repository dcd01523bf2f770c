"""The signed assertion for a sign-in without a secret: JWT bearer (RFC 7523)."""

from data.language import N_, _
from sync.settings.salesforce import SalesforceSettings

_MIN_KEY_BITS = 2048

_INVALID_KEY_SENTENCE = N_(
    "salesforce.private_key_file: must hold a private RSA key (PEM) of 2048 bits or more, without a passphrase."
)

# The lifetime of an assertion: Salesforce refuses a longer one.
ASSERTION_SECONDS = 180


def sign_assertion(settings: SalesforceSettings, key: str, now: float) -> str:
    """
    Sign an assertion that we are `client_id`, acting for `username`, with *key*; it is valid from *now*.

    Raises:
        ValueError: *key* cannot be used for that.
    """
    import jwt  # takes 50 ms, and only this sign-in needs it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        loaded = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(_(_INVALID_KEY_SENTENCE)) from error
    if not isinstance(loaded, RSAPrivateKey) or loaded.key_size < _MIN_KEY_BITS:
        raise ValueError(_(_INVALID_KEY_SENTENCE))
    claims = {
        "iss": settings.client_id,
        "sub": settings.username,
        "aud": settings.audience or settings.login_url.rstrip("/"),
        "exp": int(now) + ASSERTION_SECONDS,
    }
    return jwt.encode(claims, loaded, algorithm="RS256")
