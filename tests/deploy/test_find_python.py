"""deploy/find-python prints the first Python that is new enough, or what to do."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without any Python."""
    found = Machine(tmp_path)
    found.take("python3")
    return found


def test_the_systems_own_python_is_taken_where_it_is_new_enough(machine: Machine) -> None:
    """It is the one that python3-venv belongs to."""
    for name in ("python3", "python3.13"):
        machine.put_python(name)

    assert machine.run("find-python").stdout == "python3\n"


@pytest.mark.parametrize("name", ["python3.11", "python3.12", "python3.13", "python3.14"])
def test_an_old_python_is_passed_over(machine: Machine, name: str) -> None:
    """Another one is taken by its full name."""
    machine.put_python("python3", new=False)
    machine.put_python(name)

    done = machine.run("find-python")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}\n", "")


@pytest.mark.parametrize("old", [(), ("python3",), ("python3", "python3.11")])
def test_without_one_it_says_what_to_do(machine: Machine, old: tuple[str, ...]) -> None:
    """One sentence and a command, and nothing that make could take for a Python."""
    for name in old:
        machine.put_python(name, new=False)

    done = machine.run("find-python")

    assert (done.returncode, done.stdout) == (1, "")
    assert "The kiosk needs Python 3.11 or newer, which this machine does not have" in done.stderr
    assert "sudo apt-get install python3 python3-venv" in done.stderr


def test_make_ends_there_too(machine: Machine, tmp_path: Path) -> None:
    """With the same sentence, before anything is made."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "deploy"):
        (tmp_path / name).symlink_to(ROOT / name)
    make = subprocess.run(["sh", "-c", "command -v make"], capture_output=True, text=True, check=True).stdout.strip()

    done = subprocess.run(
        [make, "run"], cwd=tmp_path, env={"PATH": str(machine.programs)}, capture_output=True, text=True, timeout=60
    )

    assert done.returncode != 0
    assert "The kiosk needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_system_of_32_bits_is_refused_in_a_sentence(machine: Machine) -> None:
    """Not by a compiler, half an hour later: a 32-bit Raspberry Pi OS also runs on a Pi 4, with a 64-bit kernel."""
    machine.put_python("python3", long=False)
    machine.put_python("python3.13", long=False)

    done = machine.run("find-python")

    assert (done.returncode, done.stdout) == (1, "")
    assert "The kiosk needs a 64-bit system, but this one is 32-bit" in done.stderr
    assert "install Raspberry Pi OS (64-bit)." in done.stderr


def test_a_python_of_64_bits_beside_one_of_32_is_taken(machine: Machine) -> None:
    machine.put_python("python3", long=False)
    machine.put_python("python3.12")

    assert machine.run("find-python").stdout == "python3.12\n"
