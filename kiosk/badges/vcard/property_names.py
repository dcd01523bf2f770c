"""The names that vCard properties and their parameters have, by vCard 2.1, RFC 2426, RFC 6350 and RFC 9554."""

import re

SHORT_PROPERTIES = "VERSION|FN|ORG|TITLE|ROLE|TEL|EMAIL|REV|UID|BDAY|GENDER|KIND|CLASS|PRODID|TZ|GEO|LANG|MAILER|URL|N"
"""Properties whose value is short, so that another property inside it is a lost line break."""

_FREE_TEXT_PROPERTIES = "ADR|LABEL|NOTE|CATEGORIES|NICKNAME|IMPP|SOCIALPROFILE|PRONOUNS|RELATED|MEMBER|SOURCE|XML"
_FREE_TEXT_PROPERTIES += "|ANNIVERSARY|SORT-STRING|PROFILE|NAME|HOBBY|INTEREST|EXPERTISE|ORG-DIRECTORY|EVENTYAY"
_FREE_TEXT_PROPERTIES += "|CALURI|CALADRURI|FBURL|CONTACT-URI|CREATED|DEATHDATE|BIRTHPLACE|DEATHPLACE|CLIENTPIDMAP"

_BINARY_PROPERTIES = "PHOTO|LOGO|SOUND|KEY"

_NESTED_PROPERTIES = "AGENT"

EXTENSION_PROPERTY = r"X-[A-Z0-9-]{2,40}"

KNOWN_PROPERTIES = f"{EXTENSION_PROPERTY}|BEGIN|END|{_BINARY_PROPERTIES}|{_NESTED_PROPERTIES}|{_FREE_TEXT_PROPERTIES}|{SHORT_PROPERTIES}"
"""`N` last, as it ends others."""

FREE_TEXT_PATTERN = re.compile(f"{EXTENSION_PROPERTY}|{_FREE_TEXT_PROPERTIES}|{_NESTED_PROPERTIES}")

FOLDABLE_PATTERN = re.compile(f"{EXTENSION_PROPERTY}|LABEL|NOTE|{_NESTED_PROPERTIES}")
"""Properties whose value may hold what looks like another, so that a folded line is always the rest of it."""

MULTI_LINE_PATTERN = re.compile("ADR|LABEL|NOTE")
"""Properties whose value people type over several lines."""

BINARY_PATTERN = re.compile(_BINARY_PROPERTIES)

BARE_PARAMS = (
    "HOME|WORK|CELL|VOICE|FAX|PREF|INTERNET|MSG|PAGER|CAR|VIDEO|TEXT|TEXTPHONE|ISDN|BBS|MODEM|PCS|DOM|INTL|POSTAL|PARCEL"
    "|X400|AOL|TLX|IPHONE|MAIN|OTHER|MOBILE|QUOTED-PRINTABLE|BASE64|8BIT|7BIT|B|JPEG|GIF|PNG|URI"
)
"""Parameters of vCard 2.1, which have no name."""

PARAM_PATTERN = rf'(?i:;\s?(?:[A-Z][A-Z0-9-]{{1,30}}=(?:"[^"\r\n]{{0,80}}"|[^;:"\r\n]{{0,60}})|{BARE_PARAMS}))'
"""One parameter with its semicolon, strictly: the parts of a value are not taken for parameters."""

GROUP_PATTERN = r"(?i:item\d{1,3}\.)"
"""The groups that Apple and Google write."""
