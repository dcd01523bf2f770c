"""The names of vCard properties and parameters, by vCard 2.1, RFC 2426, RFC 6350 and RFC 9554."""

import re

SHORT_PROPERTIES = "VERSION|FN|ORG|TITLE|ROLE|TEL|EMAIL|REV|UID|BDAY|GENDER|KIND|CLASS|PRODID|TZ|GEO|LANG|MAILER|URL|N"
"""Properties with short values: another property inside one means that a line break was lost."""

_FREE_TEXT_PROPERTIES = "ADR|LABEL|NOTE|CATEGORIES|NICKNAME|IMPP|SOCIALPROFILE|PRONOUNS|RELATED|MEMBER|SOURCE|XML"
_FREE_TEXT_PROPERTIES += "|ANNIVERSARY|SORT-STRING|PROFILE|NAME|HOBBY|INTEREST|EXPERTISE|ORG-DIRECTORY|EVENTYAY"
_FREE_TEXT_PROPERTIES += "|CALURI|CALADRURI|FBURL|CONTACT-URI|CREATED|DEATHDATE|BIRTHPLACE|DEATHPLACE|CLIENTPIDMAP"

_BINARY_PROPERTIES = "PHOTO|LOGO|SOUND|KEY"

_NESTED_PROPERTIES = "AGENT"

EXTENSION_PROPERTY = r"X-[A-Z0-9-]{2,40}"

# `N` must be last, because other names end in it.
KNOWN_PROPERTIES = (
    f"{EXTENSION_PROPERTY}|BEGIN|END|{_BINARY_PROPERTIES}|{_NESTED_PROPERTIES}|{_FREE_TEXT_PROPERTIES}"
    f"|{SHORT_PROPERTIES}"
)

FREE_TEXT_PATTERN = re.compile(f"{EXTENSION_PROPERTY}|{_FREE_TEXT_PROPERTIES}|{_NESTED_PROPERTIES}")

FOLDABLE_PATTERN = re.compile(f"{EXTENSION_PROPERTY}|LABEL|NOTE|{_NESTED_PROPERTIES}")
"""Properties whose value may contain what looks like another one, so a folded line is always its continuation."""

MULTI_LINE_PATTERN = re.compile("ADR|LABEL|NOTE")
"""Properties whose values people type over several lines."""

BINARY_PATTERN = re.compile(_BINARY_PROPERTIES)

BARE_PARAMS = (
    "HOME|WORK|CELL|VOICE|FAX|PREF|INTERNET|MSG|PAGER|CAR|VIDEO|TEXT|TEXTPHONE|ISDN|BBS|MODEM|PCS|DOM|INTL|POSTAL|PARCEL"
    "|X400|AOL|TLX|IPHONE|MAIN|OTHER|MOBILE|QUOTED-PRINTABLE|BASE64|8BIT|7BIT|B|JPEG|GIF|PNG|URI"
)
"""Parameters of vCard 2.1, which have no name."""

# One parameter with its semicolon. Strict, so that the parts of a value are not taken for parameters.
PARAM_PATTERN = rf'(?i:;\s?(?:[A-Z][A-Z0-9-]{{1,30}}=(?:"[^"\r\n]{{0,80}}"|[^;:"\r\n]{{0,60}})|{BARE_PARAMS}))'

GROUP_PATTERN = r"(?i:item\d{1,3}\.)"
"""The groups that Apple and Google write."""
