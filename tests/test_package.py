"""The wheel, installed into an empty environment and started from elsewhere, has all that a checkout has."""

import ast
import os
import runpy
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch
from urllib.request import urlopen

from twisted.trial.unittest import SynchronousTestCase

from tests.server_process import TREE, ServerProcess, environment, run_to_end

SOURCES = (
    "magroup",
    "resources",
    "sounds",
    "twisted",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
)


@cache
def installation() -> "Installation":
    """The installation that all tests here share, in the folder that trial works in."""
    folder = Path("test_package").resolve()
    (folder / "elsewhere").mkdir(parents=True)
    wheel = build_wheel(folder)
    return Installation(folder, wheel, install(wheel, folder))


@dataclass(frozen=True)
class Installation:
    """The wheel, and the programs of the environment that it was installed into."""

    folder: Path
    wheel: Path
    bin: Path


class Installed(SynchronousTestCase):
    """What is installed."""

    def setUp(self) -> None:
        self.folder, self.wheel, self.bin = astuple(installation())

    def twistd(self) -> tuple[str, ...]:
        return (str(self.bin / "python"), "-c", "from twisted.scripts.twistd import run; run()")

    def outside(self) -> dict[str, str]:
        """An environment in which the tree is not on the path."""
        return {name: value for name, value in environment().items() if name != "PYTHONPATH"}

    def test_contents(self) -> None:
        names = set(zipfile.ZipFile(self.wheel).namelist())
        for top, inside in (("resources", "magroup/_resources"), ("sounds", "magroup/_sounds")):
            files = {path.relative_to(TREE / top).as_posix() for path in (TREE / top).rglob("*") if path.is_file()}
            self.assertEqual({f"{inside}/{name}" for name in files} - names, set())
        modules = {path.relative_to(TREE).as_posix() for path in (TREE / "magroup").rglob("*.py")}
        self.assertEqual(modules - names, set())
        self.assertIn("twisted/plugins/magroup_plugin.py", names)
        self.assertEqual({name for name in names if name.startswith(("tests/", "twisted/__init__", "build/"))}, set())

    def test_starts_from_elsewhere(self) -> None:
        arguments = ["-n", "magroup", "--http", "tcp:0:interface=127.0.0.1", "--sip", "udp:127.0.0.1:0"]
        with ServerProcess(arguments, self.folder / "elsewhere", self.twistd(), self.outside()) as server:
            address = server.web_address()
            with urlopen(f"{address}healthz", timeout=30) as health:
                self.assertEqual(health.read(), b"ok\n")
            with urlopen(address, timeout=30) as page:
                self.assertIn(b"/static/magroup.css", page.read())
            with urlopen(f"{address}static/magroup.css", timeout=30) as style:
                self.assertEqual(style.read(), (TREE / "resources/static/magroup.css").read_bytes())
            with urlopen(f"{address}help/", timeout=30) as help_page:
                self.assertIn(b"<h1>", help_page.read())
            server.process.terminate()
            self.assertEqual(server.ended(), -15)
        self.assertIn(str(self.folder / "elsewhere" / "magroup-data"), server.output)

    def test_help_and_version(self) -> None:
        python = self.twistd()
        code, output = run_outside(["-n", "magroup", "--help"], self.folder, python, self.outside())
        self.assertEqual((code, "--public-url=" in output), (0, True))
        code, output = run_outside(["-n", "magroup", "--version"], self.folder, python, self.outside())
        self.assertEqual((code, output.startswith("magroup ")), (0, True))

    def test_it_is_the_installed_one(self) -> None:
        command = [
            str(self.bin / "python"),
            "-c",
            "import magroup.resources as r; print(r.__file__, r.resource(), r.sound())",
        ]
        said = subprocess.run(command, cwd=self.folder, env=self.outside(), capture_output=True, check=True, text=True)
        module, resources, sounds = said.stdout.split()
        self.assertEqual(module.partition("/lib/")[0], str(self.bin.parent))
        self.assertEqual(Path(resources), Path(module).parent / "_resources")
        self.assertEqual(Path(sounds), Path(module).parent / "_sounds")


class Checkout(SynchronousTestCase):
    """The same from the tree."""

    def test_resources(self) -> None:
        from magroup.resources import resource, sound

        self.assertEqual(resource("static"), TREE / "resources/static")
        self.assertEqual(sound("Welcome.wav"), TREE / "sounds/Welcome.wav")

    def test_what_may_be_compiled(self) -> None:
        """Without MAGROUP_COMPILE nothing is; compiling takes minutes, so here only that the modules are there."""
        with patch("setuptools.setup") as setup, patch.dict(os.environ, MAGROUP_COMPILE=""):
            names = runpy.run_path(str(TREE / "setup.py"))
        self.assertEqual(setup.call_args.kwargs["ext_modules"], [])
        self.assertEqual([name for name in names["SOURCES"] if not (TREE / name).is_file()], [])
        self.assertIn("magroup/sip/message.py", names["SOURCES"])

    def test_what_inherits_is_compiled_too(self) -> None:
        """A class of Python's cannot be made of a compiled one."""
        with patch("setuptools.setup"), patch.dict(os.environ, MAGROUP_COMPILE=""):
            sources = [TREE / name for name in runpy.run_path(str(TREE / "setup.py"))["SOURCES"]]
        compiled = {(".".join(path.relative_to(TREE).with_suffix("").parts), name)
                    for path in sources for name in bases_of_classes(path)}  # fmt: skip
        inherits = [
            f"{path}: {name}"
            for path in (TREE / "magroup").rglob("*.py") if path not in sources
            for name, bases in bases_of_classes(path).items() if not compiled.isdisjoint(bases)
        ]  # fmt: skip
        self.assertEqual(inherits, [])

    def test_what_mypyc_cannot(self) -> None:
        """Several bases, and ``in (a, *b)``: told here, where nothing is compiled."""
        with patch("setuptools.setup"), patch.dict(os.environ, MAGROUP_COMPILE=""):
            sources = runpy.run_path(str(TREE / "setup.py"))["SOURCES"]
        refused = [
            f"{path}:{node.lineno}" for path in sources for node in ast.walk(ast.parse((TREE / path).read_text()))
            if (isinstance(node, ast.ClassDef) and len(node.bases) > 1) or (
                isinstance(node, ast.Compare) and any(
                    isinstance(part, ast.Starred) for one in node.comparators for part in getattr(one, "elts", ())))
        ]  # fmt: skip
        self.assertEqual(refused, [])

    def test_plugin(self) -> None:
        code, output = run_to_end(["--help"], TREE)
        self.assertEqual(code, 0)
        self.assertRegex(output, r"magroup +A manager/assistant telephony server")


def bases_of_classes(path: Path) -> dict[str, set[tuple[str | None, str]]]:
    """The classes of a module, each with the modules and names of what it is made of and that is imported by name."""
    found = list(ast.walk(ast.parse(path.read_text())))
    imported = {one.asname or one.name: (node.module, one.name)
                for node in found if isinstance(node, ast.ImportFrom) for one in node.names}  # fmt: skip
    return {
        node.name: {imported[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in imported}
        for node in found if isinstance(node, ast.ClassDef)
    }  # fmt: skip


def build_wheel(folder: Path) -> Path:
    """The wheel, built from a copy of the tree below ``folder``, so that nothing is left in the tree."""
    copy = folder / "copy"
    for name in SOURCES:
        if (TREE / name).is_dir():
            shutil.copytree(TREE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "dropin.cache"))
        else:
            shutil.copy(TREE / name, copy / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(copy))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """The bin folder of a fresh environment with the wheel; its requirements are those of the running one."""
    place = folder / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    pip("--python", str(place / "bin/python"), "install", "--no-deps", "--no-index", str(wheel))
    (site_packages,) = place.glob("lib/python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site_packages / "requirements-of-the-tests.pth").write_text("".join(f"{path}\n" for path in here))
    return place / "bin"


def pip(*arguments: str) -> None:
    """Run pip without asking the network."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, env={**os.environ, "PIP_NO_INDEX": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def run_outside(arguments: list[str], folder: Path, twistd: tuple[str, ...], env: dict[str, str]) -> tuple[int, str]:
    """Exit code and output."""
    with ServerProcess(arguments, folder, twistd, env) as server:
        return server.ended(), server.output
