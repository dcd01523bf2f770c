"""deploy/set-up installs the system libraries that are missing, and says plainly what it needs and why."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT, Machine

ALL = ["libgl1", "libglib2.0-0", "python3-venv", "libzbar0"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that lacks everything."""
    return Machine(tmp_path)


def test_a_machine_that_has_everything_is_left_alone(machine: Machine) -> None:
    """No word, no apt-get, no sudo: a second `make run` must start at once."""
    machine.have(*ALL)

    done = machine.set_up()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.calls() == []


@pytest.mark.parametrize("missing", ALL)
def test_only_what_is_missing_is_installed(machine: Machine, missing: str) -> None:
    """By its name, with sudo, and once: the next time there is nothing to do."""
    machine.have(*(name for name in ALL if name != missing))

    done = machine.set_up()

    assert done.returncode == 0, done.stderr
    assert f"Missing on this machine: {missing}\n" in done.stdout
    assert machine.installed() == [[missing]]
    assert (machine.set_up().returncode, machine.set_up().stdout) == (0, "")
    assert machine.calls() == []


def test_a_bare_machine_gets_all_of_it(machine: Machine) -> None:
    """It is told what for, and that sudo may ask for a password."""
    done = machine.set_up()

    assert done.returncode == 0
    assert sorted(ALL) == sorted(name for call in machine.installed() for name in call)
    for word in ("OpenCV", "pyzbar", "separate from the system's", "sudo may ask for your password"):
        assert word in done.stdout


def test_root_needs_no_sudo(machine: Machine) -> None:
    """As in a container; nothing is said of a password."""
    machine.put("id", "#!/bin/sh\necho 0\n")
    machine.take("sudo")

    done = machine.set_up()

    assert done.returncode == 0
    assert "password" not in done.stdout
    assert sorted(ALL) == sorted(name for call in machine.installed() for name in call)


@pytest.mark.parametrize("lacks", [("sudo",), ("apt-get",), ("sudo", "apt-get")])
def test_a_user_who_may_not_install_learns_what_to_ask_for(machine: Machine, lacks: tuple[str, ...]) -> None:
    """The whole command, for whoever looks after the machine; make ends here."""
    machine.take(*lacks)

    done = machine.set_up()

    assert done.returncode == 1
    assert "They could not be installed. Ask the administrator of this machine to run:" in done.stderr
    assert "    sudo apt-get install libgl1 libglib2.0-0 python3-venv libzbar0\n" in done.stderr
    assert machine.installed() == []


def test_nobody_is_asked_for_a_password_that_they_cannot_type(machine: Machine) -> None:
    """Without a terminal it says what to run, and does not hang."""
    (machine.folder / "password").touch()

    done = machine.set_up()

    assert done.returncode == 1
    assert "sudo apt-get install" in done.stderr
    assert machine.calls() == []


def test_at_a_terminal_sudo_may_ask(machine: Machine) -> None:
    """There is somebody to type it."""
    (machine.folder / "password").touch()
    ours, theirs = pty.openpty()

    done = subprocess.run(
        [machine.programs / "sh", ROOT / "deploy" / "set-up", "python3"],
        env={"PATH": str(machine.programs)}, stdin=theirs, capture_output=True, timeout=60,
    )  # fmt: skip

    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    assert sorted(ALL) == sorted(name for call in machine.installed() for name in call)


def test_without_libzbar_it_goes_on_and_says_so(machine: Machine) -> None:
    """The other decoder is enough."""
    machine.have("libgl1", "libglib2.0-0", "python3-venv")
    (machine.folder / "unknown").mkdir()
    (machine.folder / "unknown" / "libzbar0").touch()

    done = machine.set_up()

    assert done.returncode == 0
    assert "Codes are read by zxing-cpp alone" in done.stdout and "sudo apt-get install libzbar0" in done.stdout


def test_libzbar_holds_up_nothing_else(machine: Machine) -> None:
    """What is needed is installed although it cannot be had, and the sentence is there all the same."""
    (machine.folder / "unknown").mkdir()
    (machine.folder / "unknown" / "libzbar0").touch()

    done = machine.set_up()

    assert done.returncode == 0
    assert machine.installed()[0] == ["libgl1", "libglib2.0-0", "python3-venv"]
    assert "Codes are read by zxing-cpp alone" in done.stdout


def test_an_old_package_list_is_brought_up_to_date(machine: Machine) -> None:
    """`apt-get update`, and once more."""
    machine.have("libglib2.0-0", "python3-venv", "libzbar0")
    (machine.folder / "stale").touch()

    done = machine.set_up()

    assert done.returncode == 0
    assert machine.installed() == [["libgl1"], ["libgl1"]]


def test_without_a_network_it_says_what_is_left_to_do(machine: Machine) -> None:
    """A sentence and the command, and exit status 1."""
    (machine.folder / "no-network").touch()

    done = machine.set_up()

    assert done.returncode == 1
    assert "They could not be installed." in done.stderr


def test_without_a_python_nothing_is_done(machine: Machine) -> None:
    """deploy/find-python has said what to do; make hands over nothing then."""
    done = machine.run("set-up")

    assert (done.returncode, done.stdout) == (1, "")
    assert machine.calls() == []


def test_a_python_of_32_bits_that_was_named_is_refused_before_anything_is_installed(machine: Machine) -> None:
    machine.put_python("python3", long=False)

    done = machine.set_up()

    assert (done.returncode, machine.calls()) == (1, [])
    assert "The kiosk needs a 64-bit Python, but python3 is not one." in done.stderr


def test_debian_13_has_two_packages_under_another_name(machine: Machine) -> None:
    """They are asked for by that, where the system knows it; its libraries have the old names."""
    machine.put("apt-cache", "#!/bin/sh\ncase $2 in libglib2.0-0t64 | libzbar0t64) ;; *) exit 100 ;; esac\n")

    done = machine.set_up()

    assert done.returncode == 0, done.stderr
    installed = sorted(name for call in machine.installed() for name in call)
    assert installed == ["libgl1", "libglib2.0-0t64", "libzbar0t64", "python3-venv"]
    assert (machine.set_up().returncode, machine.set_up().stdout) == (0, "")
