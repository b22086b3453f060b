"""Who may import whom in magroup, and the shape of its files. Each rule is shown to catch a made-up offender."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from sys import stdlib_module_names
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

TREE = Path(__file__).parent.parent
LONGEST_FILE = 400

LAYERS = {
    "model": set(),
    "policy": {"model"},
    "store": {"model"},
    "sip": {"model"},
    "rtp": {"model"},
    "cti": {"model"},
    "switch": {"cti", "sip", "rtp", "model"},
    "csta": {"cti", "model"},
    "ami": {"cti", "model"},
    "load": {"sip", "rtp", "model"},
    "groups": {"policy", "cti", "store", "model"},
    "voicemail": {"policy", "cti", "model"},
    "web": {"groups", "voicemail", "cti", "model", "resources", "version"},
    "reports": {"store", "model"},
    "cluster": {"cti", "model"},
    "resources": set(),
    "version": set(),
}
"""What each part may import beside itself."""

ROOT = {"__init__", "__main__", "announcement", "cli", "data_folder", "lifecycle", "log", "log_output", "options"}
ROOT |= {"accounts", "administration", "assembly", "daily", "demo", "events", "mailroom", "reloading", "service"}
ROOT |= {"csta_server", "pbx", "pbx_ami", "pbx_csta", "pbx_forwardings", "pbx_lines", "phone_pushes"}
ROOT |= {"polling", "reporting", "served", "settings_file", "short_ways", "twistd"}
ROOT |= {"hep", "outgoing", "sd_notify", "standing", "syslog", "telephony", "uacsta"}
ROOT |= {"draining", "ending", "garbage", "locating", "log_stream", "nodes", "nodes_defence", "nodes_state"}
ROOT |= {"journals", "keeping", "process", "steady_time", "taken_form", "takeover", "workers"}
"""The composition root and what is outermost beside it: sees everything, and is seen by itself only."""

REACTOR_AT = {"twistd", "options", "cli"}
ONLY_IN = {"sqlalchemy": {"store", "reports"}, "alembic": {"store"}, "klein": {"web"}}
IMPURE = {"alembic", "klein", "random", "secrets", "socket", "sqlalchemy", "time", "twisted", "uuid"}
PURE = {"model", "policy"}


def problems(tree: Path) -> list[str]:
    """A line for each offence in ``tree``/magroup."""
    found = []
    for file in sorted((tree / "magroup").rglob("*.py")):
        source = file.read_text("utf-8")
        module = ast.parse(source)
        parts = file.relative_to(tree).with_suffix("").parts
        place = str(file.relative_to(tree))
        found += [f"{place}: {offence}" for offence in offences(parts, module)]
        if file.name == "__init__.py":
            found += [f"{place}: line {node.lineno} is more than names" for node in module.body if not is_name(node)]
        if len(source.splitlines()) > LONGEST_FILE:
            found.append(f"{place}: longer than {LONGEST_FILE} lines")
    return found


def offences(parts: tuple[str, ...], module: ast.Module) -> Iterator[str]:
    """The imports of one module, ``parts`` being its name, that the table does not allow."""
    own = parts[1]
    allowed = set(LAYERS) | ROOT if own in ROOT else LAYERS.get(own)
    if allowed is None:
        yield f"{own} has no place in the table"
        return
    for name in imports(parts, module):
        outer, _, inner = name.partition(".")
        if outer == "magroup":
            target = inner.partition(".")[0]
            target = target if target in set(LAYERS) | ROOT else "__init__"
            if target != own and target not in allowed:
                yield f"{own} imports {name}"
        elif name.startswith("twisted.internet.reactor") and own not in REACTOR_AT:
            yield f"{own} imports the reactor"
        elif own in PURE and outer in IMPURE:
            yield f"{own} is pure and imports {outer}"
        elif own not in ROOT and own not in ONLY_IN.get(outer, {own}):
            yield f"{own} imports {outer}"


def imports(parts: tuple[str, ...], module: ast.Module) -> Iterator[str]:
    """The full names of all that is imported anywhere in the module: in functions and for type checkers too."""
    package = parts[:-1]
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_name(node: ast.stmt) -> bool:
    """Whether the statement is what an ``__init__.py`` may hold: docstring, import, ``__all__``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.Assign):
        return [getattr(target, "id", "") for target in node.targets] == ["__all__"]
    return isinstance(node, ast.Import | ast.ImportFrom)


def undeclared(tree: Path, setup: str) -> set[str]:
    """The packages that modules of ``tree``/magroup import and ``setup``, the text of setup.py, does not name."""
    named = {canonical(name) for name in re.findall(r'"([A-Za-z0-9._-]+)(?:\[\w+\])?>=[^"]+"', setup)}
    distributions = packages_distributions()
    missing = set()
    for file in (tree / "magroup").rglob("*.py"):
        for name in imports(file.relative_to(tree).parts, ast.parse(file.read_text("utf-8"))):
            outer = name.partition(".")[0]
            if outer in stdlib_module_names or outer == "magroup":
                continue
            if not {canonical(one) for one in distributions.get(outer, [outer])} & named:
                missing.add(outer)
    return missing


def canonical(distribution: str) -> str:
    """The name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


class Directions(SynchronousTestCase):
    """The tree as it is."""

    def test_tree(self) -> None:
        self.assertEqual(problems(TREE), [])

    def test_whatever_is_imported_is_required(self) -> None:
        self.assertEqual(undeclared(TREE, (TREE / "setup.py").read_text()), set())


class Offenders(SynchronousTestCase):
    """Trees that break one rule each."""

    def tree(self, **files: str) -> Path:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, source in files.items():
            file = Path(folder.name, "magroup", *name.split("__")).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source)
        return Path(folder.name)

    def test_allowed(self) -> None:
        tree = self.tree(
            switch__a="from magroup.sip.message import Message\nfrom magroup.cti import types\nfrom . import b\n",
            groups__a="from magroup.policy import flow",
            twistd="from twisted.internet import reactor\nfrom magroup.web import site\nfrom magroup import options",
            cli__load="import magroup.switch.call",
            store__a="import sqlalchemy",
            web__a="import klein",
        )
        self.assertEqual(problems(tree), [])

    def test_every_forbidden_direction(self) -> None:
        for own, allowed in LAYERS.items():
            for target in set(LAYERS) - allowed - {own}:
                name = own if own in ("resources", "version") else f"{own}__a"
                tree = self.tree(**{name: f"from magroup.{target} import x"})
                place = f"magroup/{name.replace('__', '/')}.py"
                self.assertEqual(problems(tree), [f"{place}: {own} imports magroup.{target}.x"])

    def test_nobody_imports_the_root(self) -> None:
        for root in sorted(ROOT - {"__init__"}):
            tree = self.tree(web__a=f"import magroup.{root}")
            self.assertEqual(problems(tree), [f"magroup/web/a.py: web imports magroup.{root}"])
        tree = self.tree(web__a="from magroup import service")
        self.assertEqual(problems(tree), ["magroup/web/a.py: web imports magroup.service"])
        tree = self.tree(web__a="from magroup import __version__", cli__a="from magroup import __version__")
        self.assertEqual(problems(tree), ["magroup/web/a.py: web imports magroup.__version__"])
        tree = self.tree(web__a="import magroup")
        self.assertEqual(problems(tree), ["magroup/web/a.py: web imports magroup"])

    def test_in_a_function(self) -> None:
        tree = self.tree(model__a="def f():\n    from magroup.store import tables")
        self.assertEqual(problems(tree), ["magroup/model/a.py: model imports magroup.store.tables"])

    def test_for_type_checkers(self) -> None:
        tree = self.tree(sip__a="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import magroup.switch.call")
        self.assertEqual(problems(tree), ["magroup/sip/a.py: sip imports magroup.switch.call"])

    def test_relative(self) -> None:
        tree = self.tree(rtp__a="from ..switch import call", cti__b__c="from ...web import site\nfrom ..b import c")
        expected = [
            "magroup/cti/b/c.py: cti imports magroup.web.site",
            "magroup/rtp/a.py: rtp imports magroup.switch.call",
        ]
        self.assertEqual(problems(tree), expected)

    def test_unknown_part(self) -> None:
        tree = self.tree(handlers__a="", odd="")
        expected = [
            "magroup/handlers/a.py: handlers has no place in the table",
            "magroup/odd.py: odd has no place in the table",
        ]
        self.assertEqual(problems(tree), expected)

    def test_reactor(self) -> None:
        for source in ("from twisted.internet import reactor", "import twisted.internet.reactor"):
            tree = self.tree(switch__a=source, lifecycle=source)
            expected = [
                "magroup/lifecycle.py: lifecycle imports the reactor",
                "magroup/switch/a.py: switch imports the reactor",
            ]
            self.assertEqual(problems(tree), expected)

    def test_pure(self) -> None:
        for name in ("twisted.internet", "sqlalchemy", "time", "random"):
            tree = self.tree(policy__a=f"import {name}")
            outer = name.partition(".")[0]
            self.assertEqual(problems(tree), [f"magroup/policy/a.py: policy is pure and imports {outer}"])

    def test_databases_are_the_stores(self) -> None:
        tree = self.tree(groups__a="from sqlalchemy import select", sip__a="import klein")
        expected = ["magroup/groups/a.py: groups imports sqlalchemy", "magroup/sip/a.py: sip imports klein"]
        self.assertEqual(problems(tree), expected)

    def test_long_file(self) -> None:
        tree = self.tree(sip__a="x = 1\n" * LONGEST_FILE, sip__b="x = 1\n" * (LONGEST_FILE + 1))
        self.assertEqual(problems(tree), ["magroup/sip/b.py: longer than 400 lines"])

    def test_init_with_code(self) -> None:
        tree = self.tree(**{"sip____init__": ""})
        (tree / "magroup/sip/__init__.py").write_text('"""Doc."""\nfrom x import y\n__all__ = ["y"]\nz = 1\n')
        self.assertEqual(problems(tree), ["magroup/sip/__init__.py: line 4 is more than names"])

    def test_undeclared(self) -> None:
        tree = self.tree(sip__a="import numpy, os\nimport nobody_has_this.x\nfrom twisted.internet import defer")
        self.assertEqual(undeclared(tree, '"Twisted[tls]>=24", "numpy>=1"'), {"nobody_has_this"})
        self.assertEqual(undeclared(tree, '"numpy-financial>=1"'), {"nobody_has_this", "numpy", "twisted"})
