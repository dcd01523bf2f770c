"""The parts of a workbook (.xlsx is a zip file of XML), unpacked piece by piece and never more than is allowed."""

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from xml.parsers import expat

_MAX_UNPACKED_BYTES = 1 << 30
"""Bytes of a workbook when it is unpacked; a booth's leads of ten years have fewer."""

_MAX_PARTS = 10_000

_CHUNK_BYTES = 1 << 14

_MAX_TAG_BYTES = 1 << 20
"""Bytes of one tag: expat keeps a tag until its end."""

_TOO_LARGE = "it is a workbook of more than a gigabyte: save its list as CSV."


class XlsxPackage:
    """An open workbook file."""

    def __init__(self, path: Path) -> None:
        """
        Open the file at *path*.

        Raises:
            ValueError: it is larger than any list.
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
            raise ValueError(_TOO_LARGE)

    def __enter__(self) -> "XlsxPackage":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def has_part(self, name: str) -> bool:
        """Whether there is a part called *name*."""
        return name.lower() in self._names

    def get_size(self, name: str) -> int:
        """The bytes of the part *name* when it is unpacked."""
        return self._names[name.lower()].file_size

    def _iterate_chunks(self, name: str) -> Iterator[bytes]:
        """
        The part *name* in pieces.

        Raises:
            ValueError: more came out of the file than it said.
        """
        self.position = 0
        with self._zip.open(self._names[name.lower()]) as part:
            while piece := part.read(_CHUNK_BYTES):
                self.position += len(piece)
                self._unpacked += len(piece)
                if self._unpacked > 2 * _MAX_UNPACKED_BYTES:  # the sheets' beginnings are read twice
                    raise ValueError(_TOO_LARGE)
                yield piece

    def read_relations(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts to which the part *name* refers: by id, the last word of the kind and the other part's name."""
        folder, file = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if strip_namespace(tag) == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, target.lstrip("/"))

        rels = posixpath.join(folder, "_rels", f"{file}.rels").lstrip("/")
        if self.has_part(rels):
            for _ in self.parse_part(rels, start):
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
        Read the XML of the part *name*, calling back for each tag and text; yields after each piece.

        Raises:
            ValueError: it declares a document type, or a tag of it has no end.
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
                raise ValueError("it is a workbook with a tag that has no end.")
            yield
        parser.Parse(b"", True)
        yield


def strip_namespace(tag: str) -> str:
    """*tag* without the short name of its namespace, which each program chooses."""
    return tag.rpartition(":")[2]


def get_attribute(attributes: dict[str, str], name: str) -> str:
    """The attribute *name*, whatever the short name of its namespace; empty where it is not there."""
    return next((value for key, value in attributes.items() if strip_namespace(key) == name), "")


def _refuse_document_type(*_: object) -> None:
    """Entities multiply, and no program writes them into a workbook."""
    raise ValueError("it is a workbook with a document type, which no spreadsheet writes: save its list as CSV.")
