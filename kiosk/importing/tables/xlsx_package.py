"""The parts of a workbook (.xlsx is a zip file of XML), unpacked in chunks and never beyond the limits."""

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from xml.parsers import expat

from data.language import N_, _

# The largest workbook when unpacked; ten years of a booth's leads take less.
_MAX_UNPACKED_BYTES = 1 << 30

_MAX_PARTS = 10_000

_CHUNK_BYTES = 1 << 14

# The longest tag: expat keeps a tag in memory until its end.
_MAX_TAG_BYTES = 1 << 20

_TOO_LARGE = N_("this workbook has more than a gigabyte. Save its list as CSV.")


class WorkbookError(ValueError):
    """A workbook cannot be read; `str()` of it is a sentence that says why."""


class XlsxPackage:
    """An open workbook file."""

    def __init__(self, path: Path) -> None:
        """
        Open the file at *path*.

        Raises:
            WorkbookError: it is larger than any list.
            zipfile.BadZipFile: it is broken.
        """
        self._zip = zipfile.ZipFile(path)
        parts = self._zip.infolist()
        self._names = {part.filename.lstrip("/").lower(): part for part in parts}
        self._unpacked = 0
        self.position = 0
        """Unpacked bytes of the part that is being read."""
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED_BYTES:
            self._zip.close()
            raise WorkbookError(_(_TOO_LARGE))

    def __enter__(self) -> "XlsxPackage":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def has_part(self, name: str) -> bool:
        """Return whether there is a part called *name*."""
        return name.lower() in self._names

    def get_size(self, name: str) -> int:
        """Return the unpacked size of the part *name* in bytes."""
        return self._names[name.lower()].file_size

    def _iterate_chunks(self, name: str) -> Iterator[bytes]:
        """
        Yield the part *name* in chunks.

        Raises:
            WorkbookError: more came out of the file than it declared.
        """
        self.position = 0
        with self._zip.open(self._names[name.lower()]) as part:
            while piece := part.read(_CHUNK_BYTES):
                self.position += len(piece)
                self._unpacked += len(piece)
                if self._unpacked > 2 * _MAX_UNPACKED_BYTES:  # the beginning of each sheet is read twice
                    raise WorkbookError(_(_TOO_LARGE))
                yield piece

    def read_relations(self, name: str) -> dict[str, tuple[str, str]]:
        """
        Return the parts that the part *name* refers to: ID -> (last word of the relation's type, name of the part).
        """
        folder, file = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if strip_namespace(tag) == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

        rels = posixpath.join(folder, "_rels", f"{file}.rels").lstrip("/")
        if self.has_part(rels):
            for _chunk in self.parse_part(rels, start):
                pass
        return found

    def parse_part(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], object],
        end: Callable[[str], object] | None = None,
        text: Callable[[str], object] | None = None,
    ) -> Iterator[None]:
        """
        Parse the XML of the part *name* and call back for each tag and text; yields after each chunk.

        Raises:
            WorkbookError: it declares a document type, or a tag has no end.
            expat.ExpatError: it is not XML.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_document_type
        fed = 0
        for piece in self._iterate_chunks(name):
            fed += len(piece)
            parser.Parse(piece, False)
            if fed - max(0, parser.CurrentByteIndex) > _MAX_TAG_BYTES:
                raise WorkbookError(
                    _(
                        "this workbook is damaged (a tag has no end). "
                        "Open it in its program and save it as .xlsx or CSV."
                    )
                )
            yield
        parser.Parse(b"", True)
        yield


def strip_namespace(tag: str) -> str:
    """Return *tag* without its namespace prefix, which each program chooses."""
    return tag.rpartition(":")[2]


def get_attribute(attributes: dict[str, str], name: str) -> str:
    """Return the attribute *name* with any namespace prefix; empty if it is missing."""
    return next((value for key, value in attributes.items() if strip_namespace(key) == name), "")


def _refuse_document_type(*arguments: object) -> None:
    """Refuse a document type: its entities could multiply, and no program writes one into a workbook."""
    raise WorkbookError(
        _("this workbook contains a document type, which no spreadsheet program writes. Save its list as CSV.")
    )
