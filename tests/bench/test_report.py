"""Figures of several benches are kept in one document."""

from pathlib import Path

from tests.bench.report import put_section


def test_a_section_is_written_in_place_of_itself_and_nothing_else(tmp_path: Path) -> None:
    """What another bench wrote, and where it wrote it, stays; a backslash is a backslash."""
    document = tmp_path / "performance.md"
    put_section(document, "figures", "# Performance\n\nslow")
    put_section(document, "rivals", "## Others\n\nslower")
    other = document.read_text(encoding="utf-8").split("slow\n", 1)[1]

    put_section(document, "figures", r"# Performance \1 quick")

    text = document.read_text(encoding="utf-8")
    assert text.endswith(other)
    assert r"# Performance \1 quick" in text
    assert "slow\n" not in text
    assert text.index("# Performance") < text.index("## Others")
