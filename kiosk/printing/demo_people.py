"""Invented people, for the demo badges and for practice. Their domains are reserved for examples."""

from data.contact import Contact

DEMO_PEOPLE = (
    ("Ana", "López", "Initech", "Head of Operations", "ana.lopez@initech.example.com"),  # not shown: invented
    ("Zoë", "Müller", "Bäckerei Süß", "Geschäftsführerin", "zoe.mueller@suess.example.org"),
    ("Иван", "Петров", "Северный ветер", "Инженер", "ivan.petrov@sever.example.net"),
    ("太郎", "山田", "株式会社サンプル", "営業部長", "taro.yamada@sample.example.com"),
    ("Fatima", "Al-Sayed", "شركة الأمل", "Director", "fatima@alamal.example.org"),
    ("John", "O'Brien", "Acme Industries", "Buyer", "john.obrien@acme.example.com"),  # not shown: invented
    ("Chloé", "Lefèvre", "Atelier Noé", "Directrice technique", "chloe.lefevre@noe.example.net"),  # not shown: invented
    ("小明", "王", "示例科技", "产品经理", "xiaoming.wang@shili.example.com"),
    ("Łukasz", "Żółć", "Przykład S.A.", "Kierownik", "lukasz.zolc@przyklad.example.org"),
    ("Σοφία", "Παπαδοπούλου", "Παράδειγμα ΑΕ", "CTO", "sofia@paradeigma.example.com"),
    ("Nguyễn", "Thị Hoa", "Công ty Mẫu", "Kế toán trưởng", "hoa.nguyen@mau.example.net"),  # not shown: invented
    ("Priya", "शर्मा", "उदाहरण लिमिटेड", "Product Lead", "priya.sharma@udaharan.example.com"),  # not shown: invented
)
"""First name, last name, company, job title, e-mail."""


def build_contact(number: int) -> Contact:
    """Return the demo person with that number. After the last one the names repeat, with new addresses."""
    first, last, company, title, email = DEMO_PEOPLE[number % len(DEMO_PEOPLE)]
    turn = number // len(DEMO_PEOPLE)
    if turn:
        name, _, domain = email.partition("@")
        email = f"{name}.{turn + 1}@{domain}"
    name = f"{last} {first}" if _is_family_name_first(last) else f"{first} {last}"
    return Contact(name=name, first_name=first, last_name=last, email=email, company=company, job_title=title)


def _is_family_name_first(last: str) -> bool:
    """Return whether a name is in a script that puts the family name first."""
    return "\u3400" <= last[0] <= "\u9fff"


def build_demo_badges(count: int) -> list[bytes]:
    """Return the payloads of *count* badges in a typical mix: mostly vCards, some MeCards, some IDs."""
    return [_build_payload(number) for number in range(count)]


def _build_payload(number: int) -> bytes:
    """Return the payload of the badge with that number."""
    person = build_contact(number)
    if number % 6 == 4:
        return f"MECARD:N:{person.last_name},{person.first_name};EMAIL:{person.email};ORG:{person.company};;".encode()
    if number % 6 == 5:
        return build_badge_id(number).encode()
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{person.last_name};{person.first_name};;;",
        f"FN:{person.name}",
        f"ORG:{person.company}",
        f"TITLE:{person.job_title}",
        f"EMAIL;TYPE=WORK:{person.email}",
        "END:VCARD",
        "",
    ]
    return "\r\n".join(lines).encode()


def build_badge_id(number: int) -> str:
    """Return the opaque ID on the badge with that number."""
    return f"PZD97W{number:04d}"


def build_demo_attendees(count: int) -> list[tuple[str, Contact]]:
    """Return the organiser's list for those of *count* demo badges that have an ID; the last one is missing from it."""
    numbers = [number for number in range(count) if number % 6 == 5]
    return [(build_badge_id(number), build_contact(number)) for number in numbers[:-1] or numbers]
