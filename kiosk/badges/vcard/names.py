"""The names that vCard properties and their parameters have, by vCard 2.1, RFC 2426, RFC 6350 and RFC 9554."""

import re

SINGLE = "VERSION|FN|ORG|TITLE|ROLE|TEL|EMAIL|REV|UID|BDAY|GENDER|KIND|CLASS|PRODID|TZ|GEO|LANG|MAILER|URL|N"
"""Properties whose value is short, so that another property inside it is a lost line break."""

FREE = "ADR|LABEL|NOTE|CATEGORIES|NICKNAME|IMPP|SOCIALPROFILE|PRONOUNS|RELATED|MEMBER|SOURCE|XML"
FREE += "|ANNIVERSARY|SORT-STRING|PROFILE|NAME|HOBBY|INTEREST|EXPERTISE|ORG-DIRECTORY|EVENTYAY"
FREE += "|CALURI|CALADRURI|FBURL|CONTACT-URI|CREATED|DEATHDATE|BIRTHPLACE|DEATHPLACE|CLIENTPIDMAP"

BINARY = "PHOTO|LOGO|SOUND|KEY"

NESTED = "AGENT"

EXTENSION = r"X-[A-Z0-9-]{2,40}"

KNOWN = f"{EXTENSION}|BEGIN|END|{BINARY}|{NESTED}|{FREE}|{SINGLE}"
"""`N` last, as it ends others."""

IS_FREE = re.compile(f"{EXTENSION}|{FREE}|{NESTED}")

IS_TEXT = re.compile(f"{EXTENSION}|LABEL|NOTE|{NESTED}")
"""Properties whose value may hold what looks like another, so that a folded line is always the rest of it."""

IS_LONG = re.compile("ADR|LABEL|NOTE")
"""Properties whose value people type over several lines."""

IS_BINARY = re.compile(BINARY)

BARE = (
    "HOME|WORK|CELL|VOICE|FAX|PREF|INTERNET|MSG|PAGER|CAR|VIDEO|TEXT|TEXTPHONE|ISDN|BBS|MODEM|PCS|DOM|INTL|POSTAL|PARCEL"
    "|X400|AOL|TLX|IPHONE|MAIN|OTHER|MOBILE|QUOTED-PRINTABLE|BASE64|8BIT|7BIT|B|JPEG|GIF|PNG|URI"
)
"""Parameters of vCard 2.1, which have no name."""

PARAM = rf'(?i:;\s?(?:[A-Z][A-Z0-9-]{{1,30}}=(?:"[^"\r\n]{{0,80}}"|[^;:"\r\n]{{0,60}})|{BARE}))'
"""One parameter with its semicolon, strictly: the parts of a value are not taken for parameters."""

GROUP = r"(?i:item\d{1,3}\.)"
"""The groups that Apple and Google write."""
