"""`kiosk badges`: what is printed is read by our own decoders, and understood by our own readers."""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera.decode_pipeline import StillDecoder
from camera.decoders import load_decoders
from camera.payload import Frame
from camera.settings import DECODERS
from camera.sources.pictures import read_picture
from data.contact import Contact
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.printing import sheet
from kiosk.printing.badge import make_printable
from tests.kiosk.cli.conftest import Kiosk

LIST = "id,first_name,last_name,company,email\nA7,Ana,Lopez,Initech,ana@x.example\nA8,Zoë,Müller,山田商店,z@x.example\n"
CARETS = BadgeProfile("^", ("id", "first_name", "last_name", "email", "company"))


def svg_picture(path: Path) -> Frame:
    """Return the squares of an SVG drawing as a picture, ten dots a millimetre."""
    text = path.read_text()
    side = round(10 * float(re.search(r'viewBox="0 0 ([\d.]+)', text)[1]))
    squares = re.findall(r"M([\d.]+),([\d.]+)H([\d.]+)V([\d.]+)", text)
    return drawn(side, side, [[round(10 * float(at)) for at in square] for square in squares])


def pdf_pictures(path: Path) -> list[Frame]:
    """Return the filled squares of each page of a PDF file as pictures, three dots a point."""
    pages = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL):
        if stream.strip().endswith(b"~>"):  # pages are; the font is not
            page = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True)).decode("latin-1")
            numbers = re.findall(r"n ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f", page)
            squares = [[3 * float(number) for number in square] for square in numbers]
            corners = [[x, 2526 - y - high, x + wide, 2526 - y] for x, y, wide, high in squares]
            pages.append(drawn(1786, 2526, [list(map(round, square)) for square in corners]))
    return pages


def drawn(width: int, height: int, squares: list[list[int]]) -> Frame:
    """Draw black squares on white, each given as left, top, right and bottom."""
    frame = np.full((height, width, 3), 255, np.uint8)
    for left, top, right, bottom in squares:
        frame[top:bottom, left:right] = 0
    return frame


def understood(frame: Frame, profile: BadgeProfile | None = None) -> list[Badge]:
    """Return the badges in a picture by their IDs."""
    found = [
        read_badge(code.data, code.text, profile or BadgeProfile())
        for code in StillDecoder(load_decoders(DECODERS, False)[0])(frame)
    ]
    return sorted((badge for badge in found if isinstance(badge, Badge)), key=lambda badge: badge.badge_id)


def pictures_in(folder: Path) -> list[Frame]:
    """Return pictures of everything printed, in order."""
    read = {".png": lambda path: [read_picture(path)], ".svg": lambda path: [svg_picture(path)], ".pdf": pdf_pictures}
    return [frame for path in sorted(folder.iterdir()) for frame in read[path.suffix](path)]


@pytest.fixture
def write(kiosk: Kiosk) -> Callable[[str], str]:
    """Return a function that writes a list as a file."""

    def write(text: str) -> str:
        path = kiosk.folder / "list.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", ["vcard", "id", "delimited"])
def test_what_is_printed_is_read_and_understood(
    kiosk: Kiosk, write: Callable[[str], str], form: str, kind: str
) -> None:
    """In each format and of each kind, ID and person are those in the list."""
    folder = kiosk.folder / "printed"

    done = kiosk("badges", write(LIST), str(folder), "--format", form, "--as", kind)

    frames = pictures_in(folder)
    found = [badge for frame in frames for badge in understood(frame, CARETS if kind == "delimited" else None)]
    place = folder / "badges.pdf" if form == "pdf" else folder
    assert (done.exit_code, done.output) == (0, f"2 badges in {place}.\n")
    assert [badge.badge_id for badge in found] == ["A7", "A8"]
    people = [Contact("", "Ana", "Lopez", "ana@x.example", company="Initech"),
              Contact("", "Zoë", "Müller", "z@x.example", company="山田商店")]  # fmt: skip
    named = [Contact(*(getattr(badge.contact, name) if name != "name" else "" for name in Contact.__slots__))
             for badge in found]  # fmt: skip
    assert (people if kind != "id" else [Contact(), Contact()]) == named


@pytest.mark.parametrize("name", ["Ana María López", "Ana", "山田 太郎"])
def test_a_list_with_whole_names_prints_them_delimited_too(
    kiosk: Kiosk, write: Callable[[str], str], name: str
) -> None:
    """The name may be divided anywhere, and is the same when it is read."""
    folder = kiosk.folder / "printed"

    done = kiosk(
        "badges", write(f"id,name,email,company\n7,{name},a@b.example,Acme\n"), str(folder), "--as", "delimited"
    )

    badge = understood(pictures_in(folder)[0], CARETS)[0]
    assert done.exit_code == 0
    assert (badge.contact.display_name, badge.contact.email, badge.contact.company) == (name, "a@b.example", "Acme")


def test_a_sheet_has_ten_badges_a_page(kiosk: Kiosk, write: Callable[[str], str]) -> None:
    """All of them can be read."""
    people = "".join(f"{number},Visitor {number}\n" for number in range(100, 123))

    kiosk("badges", write("id,name\n" + people), str(kiosk.folder / "out"), "--format", "pdf")

    pages = [[badge.badge_id for badge in understood(page)] for page in pictures_in(kiosk.folder / "out")]
    assert list(map(len, pages)) == [10, 10, 3]
    assert [str(number) for number in range(100, 123)] == [badge_id for page in pages for badge_id in page]


HOSTILE = ["../../evil", "/etc/passwd", "-rf", "$(touch x)", "a\\b;c,d", "END:VCARD", "山田", "<svg onload=x>",
           "(x) Tj ET", "x" * 120, "😀", "=1+1", "a^b"]  # fmt: skip


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_hostile_names_and_ids_are_only_text(kiosk: Kiosk, write: Callable[[str], str], form: str) -> None:
    """Every file is in the folder, and every name is read as it was written."""
    rows = "".join(f'"{text}","{text}"\n' for text in HOSTILE)
    folder = kiosk.folder / "a" / "printed"

    done = kiosk("badges", write("id,name\n" + rows), str(folder), "--format", form)

    found = [badge.contact.name for frame in pictures_in(folder) for badge in understood(frame)]
    assert done.exit_code == 0
    assert sorted(HOSTILE) == sorted(found)
    assert sorted(path.name for path in kiosk.folder.iterdir()) == ["a", "kiosk.toml", "list.csv"]


def test_names_without_a_font_for_them_stop_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without DejaVu or Noto, the code still has the name."""
    monkeypatch.setattr(sheet, "FONT_FILES", ("/nowhere.ttf",))
    person = Contact(name="山田 太郎 😀", company="شركة" * 50)

    sheet.write_sheet([make_printable("PZD97WTMFJ", "PZD97WTMFJ", person)], tmp_path / "badges.pdf")

    [page] = pdf_pictures(tmp_path / "badges.pdf")
    assert [badge.badge_id for badge in understood(page)] == ["PZD97WTMFJ"]


def test_vcards_need_no_id(kiosk: Kiosk, write: Callable[[str], str]) -> None:
    """Speakers and staff have none; badges of the kind `id` need one."""
    path = write("name,email\nAna Lopez,ana@x.example\n")

    made = kiosk("badges", path, str(kiosk.folder / "a"))
    refused = kiosk("badges", path, str(kiosk.folder / "b"), "--as", "id")

    assert (made.exit_code, [path.name for path in (kiosk.folder / "a").iterdir()]) == (0, ["0001.png"])
    assert refused.exit_code == 2
    assert "no column looks like the ID on the badge" in refused.stderr
    assert not (kiosk.folder / "b").exists()


def test_rows_that_make_no_badge_are_reported_and_the_others_are_made(
    kiosk: Kiosk, write: Callable[[str], str]
) -> None:
    """Bad rows, and those too long for a code, are reported; status 1."""
    fields = ("name", "email", "phone", "company", "job_title", "website")
    long = ",".join("山" * 400 for _ in fields)
    path = write(f"id,{','.join(fields)}\n7,{long}\n8\n9,Ana,,,,,\n")

    done = kiosk("badges", path, str(kiosk.folder / "out"))
    told = kiosk.json("badges", path, str(kiosk.folder / "out"), "--force")

    sentences = [(2, "too long for a QR code"), (3, "no name or contact details")]
    assert (done.exit_code, done.stdout) == (1, f"1 badge in {kiosk.folder}/out.\n")
    assert "".join(f"  Line {line} skipped: {why}.\n" for line, why in sentences) == done.stderr
    assert {"badges": 1, "folder": f"{kiosk.folder}/out",
            "problems": [{"line": line, "problem": why} for line, why in sentences]} == told  # fmt: skip


def test_an_id_that_the_kiosk_would_not_know_again_is_told(kiosk: Kiosk, write: Callable[[str], str]) -> None:
    """`[badges]` can allow it; the error comes before printing, not at the booth."""
    path, out = write("id,name\nA7,Ana\nanna,Bob\n"), str(kiosk.folder / "out")

    refused = kiosk("badges", path, out, "--as", "id")
    kiosk.configure("badges.id_pattern = '[a-zA-Z0-9]{2,4}'")
    made = kiosk("badges", path, out, "--as", "id", "--force")

    sentence = "the kiosk would not recognise 'anna' as an ID; set id_pattern in [badges]"
    assert (
        refused.exit_code, refused.stdout, refused.stderr,
    ) == (1, f"1 badge in {out}.\n", f"  Line 3 skipped: {sentence}.\n")  # fmt: skip
    assert (made.exit_code, made.stdout, made.stderr) == (0, f"2 badges in {out}.\n", "")


def test_a_folder_that_cannot_be_written_is_a_sentence(
    kiosk: Kiosk, write: Callable[[str], str], powerless: list[str]
) -> None:
    """Status 1, or 2 if it is a file."""
    closed = kiosk.folder / "closed"
    closed.mkdir(mode=0o500)
    path = write(LIST)

    done = kiosk.run("badges", path, str(closed / "out"), prefix=powerless)

    assert (done.returncode, done.stderr) == (1, f"Error: Cannot write to {closed}/out (Permission denied).\n")
    assert kiosk("badges", path, path).exit_code == 2


def test_a_picture_is_large_enough_to_print(kiosk: Kiosk, write: Callable[[str], str]) -> None:
    """It has twelve dots a module, and the quiet zone of the standard."""
    kiosk("badges", write(LIST), str(kiosk.folder / "out"), "--as", "id")

    grey = cv2.cvtColor(read_picture(kiosk.folder / "out" / "0001-A7.png"), cv2.COLOR_BGR2GRAY)
    assert len(grey) == 29 * 12
    assert 255 == grey[: 4 * 12].min() == grey[:, : 4 * 12].min()
    assert grey[4 * 12 : 5 * 12, 4 * 12 : 11 * 12].max() == 0
