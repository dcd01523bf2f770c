"""A machine as a script sees it: only the programs that a test puts there, and system libraries that come and go."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

LIBRARIES = {"libgl1": "libGL.so.1", "libglib2.0-0": "libgthread-2.0.so.0", "libzbar0": "libzbar.so.0"}
"""The file that each package brings."""

APT = """#!/bin/sh
echo "apt-get $*" >>{folder}/calls
[ -e {folder}/no-network ] && exit 100
for word; do
    case $word in
    update) rm -f {folder}/stale && exit 0 ;;
    install | -*) ;;
    *) [ -e {folder}/unknown/$word ] && exit 100 ;;
    esac
done
[ -e {folder}/stale ] && exit 100
for word; do
    case $word in
    libgl1) echo "  libGL.so.1 (libc6) => /lib/libGL.so.1" ;;
    libglib2.0-0*) echo "  libgthread-2.0.so.0 (libc6) => /lib/libgthread-2.0.so.0" ;;
    libzbar0*) echo "  libzbar.so.0 (libc6) => /lib/libzbar.so.0" ;;
    python3-venv) touch {folder}/venv ;;
    esac
done >>{folder}/libraries
"""

SUDO = """#!/bin/sh
[ "$1" = -n ] && shift && {{ [ -e {folder}/password ] && exit 1; }}
echo sudo >>{folder}/calls
exec "$@"
"""

PYTHON = """#!/bin/sh
case "$2" in
*ensurepip*) [ -e {folder}/venv ] ;;
*version_info*) [ "{new}" = yes ] ;;
*maxsize*) [ "{long}" = yes ] ;;
esac
"""


class Machine:
    """A machine with apt-get and sudo, run by somebody who is not root, that lacks everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        (folder / "libraries").write_text("42 libs found in cache\n")
        for name in ("sh", "grep", "touch", "cat", "env", "rm", "true"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        self.put("apt-get", APT)
        self.put("sudo", SUDO)
        self.put("ldconfig", "#!/bin/sh\ncat {folder}/libraries\n")
        self.put("id", "#!/bin/sh\necho 1000\n")
        self.put_python("python3")

    def put(self, name: str, script: str) -> None:
        """Put a program there."""
        path = self.programs / name
        path.write_text(script.replace("{folder}", str(self.folder)).replace("{{", "{").replace("}}", "}"))
        path.chmod(0o755)

    def put_python(self, name: str, *, new: bool = True, long: bool = True) -> None:
        """Put a Python there: a *new* one is 3.11 or later, a *long* one of 64 bits; venv is there with its package."""
        self.put(name, PYTHON.replace("{new}", "yes" if new else "no").replace("{long}", "yes" if long else "no"))

    def take(self, *names: str) -> None:
        """Take programs away."""
        for name in names:
            (self.programs / name).unlink()

    def have(self, *packages: str) -> None:
        """Have packages installed already."""
        with (self.folder / "libraries").open("a") as libraries:
            libraries.writelines(f"  {LIBRARIES[name]} (libc6) => /lib/x\n" for name in packages if name in LIBRARIES)
        if "python3-venv" in packages:
            (self.folder / "venv").touch()

    def set_up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run deploy/set-up, as make does."""
        return self.run("set-up", *(arguments or ("python3",)))

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a script of deploy/ without a terminal."""
        return subprocess.run(
            [self.programs / "sh", ROOT / "deploy" / script, *arguments],
            env={"PATH": str(self.programs), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls(self) -> list[str]:
        """What was asked of apt-get and sudo, and forgotten hereby."""
        path = self.folder / "calls"
        calls = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return calls

    def installed(self) -> list[list[str]]:
        """The packages that apt-get was asked for, a list a call, as `calls`."""
        words = [call.split() for call in self.calls()]
        return [[word for word in call if word.startswith(("lib", "python3"))] for call in words if "install" in call]
