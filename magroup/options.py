"""The options of ``twistd magroup``."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.python import usage

from magroup.model import settings_reading
from magroup.model.listen import HttpListen, SipListen
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers, as_they_are
from magroup.model.settings_reading import Given, Problem, SettingsError
from magroup.settings_file import CONFIG_VARIABLE, Sources
from magroup.version import VERSION

_TEXTS: dict[str, settings_reading.Path] = {
    "data": ("data",),
    "public-url": ("public_url",),
    "instance": ("instance",),
    "database": ("database",),
    "key-file": ("key_file",),
    "redis": ("redis", "url"),
    "cti": ("cti",),
}

DEMO_PILOT = "*97"


class Options(usage.Options):
    """What the command line says; afterwards ``layers`` holds what all sources say, ``settings`` what they make.

    A wrong option or configuration ends the process with a line for each problem and exit code 1.
    """

    synopsis = "[options]"
    longdesc = (
        "A manager/assistant telephony server: SIP switch, groups, web pages. Every option, and much more, can also "
        "be set in a TOML file (python -m magroup example-config prints one) or in the environment."
    )
    optParameters = [
        ["data", None, None, "Folder for database, sounds, mailboxes and journal [default: ./magroup-data]"],
        ["config", None, None, "Configuration file (TOML)"],
        ["public-url", None, None, "Address under which browsers and phones reach the web server"],
        ["instance", None, None, "Name of this instance, a part of all web addresses [default: MAGroup]"],
        ["database", None, None, "Database URL [default: SQLite in the data folder]"],
        ["key-file", None, None, "Key of the passwords in the database [default: secrets.key in the data folder]"],
        ["redis", None, None, "Redis URL, for several nodes"],
        ["workers", None, None, "How many processes serve SIP on the same ports, one for each core [default: 1]"],
        ["cti", None, None, "The PBX beside the switch: csta:tcp:host=HOST:port=PORT, ami:tcp:host=HOST, or embedded "
         "for none [default: embedded]"],
        ["import", None, None, "Take over a company from this file before the start"],
    ]
    optFlags = [
        ["demo", None, "Run the demo company with demo phones, on the loopback interface only"],
        ["early-media", None, "Play announcements before calls are answered"],
    ]

    given: tuple[str, ...] = ()
    """As on the command line."""

    settings: Settings
    layers: Layers
    sources: Sources
    parent: Any = None

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self["http"] = []
        self["sip"] = []

    def opt_http(self, endpoint: str) -> None:
        """Where the web server listens, a Twisted endpoint string; repeatable [default: tcp:8080]"""
        self["http"].append(endpoint)

    def opt_sip(self, transport: str) -> None:
        """Where the SIP switch listens, such as udp:5060 or tls:ADDRESS:5061:cert=FILE:key=FILE; repeatable"""
        self["sip"].append(transport)

    def opt_version(self) -> None:
        """Print the version of magroup and exit."""
        print(f"magroup {VERSION}")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        self.given = tuple(options or ())
        try:
            super().parseOptions(options)  # type: ignore[no-untyped-call]
        except usage.UsageError as error:
            raise SystemExit("\n".join(f"magroup: {line}" for line in str(error).splitlines())) from None

    def parseArgs(self, *arguments: str) -> None:
        if arguments:
            raise usage.UsageError(f"{arguments[0]!r} is not an option; twistd -n magroup --help lists them")

    def postOptions(self) -> None:
        config = self["config"] or os.environ.get(CONFIG_VARIABLE)
        self.sources = Sources(Path(config) if config else None, dict(os.environ), self._command_line())
        try:
            self.layers = self.read()
            self.settings = self.layers.settings()
        except SettingsError as error:
            raise usage.UsageError(str(error)) from None
        if self["import"] is not None and not Path(self["import"]).is_file():
            raise usage.UsageError(f"--import: {self['import']} is not a file")
        if self.parent is not None:
            if "pidfile" not in self.parent:
                raise usage.UsageError("only twistd starts it: twistd -n magroup; others have no place for its log")
            # The lock in the data folder does what twistd's pid file in the current folder is for.
            if self.parent["pidfile"] == "twistd.pid":
                self.parent["pidfile"] = ""

    def read(self) -> Layers:
        """What all sources say, read now. Raises SettingsError with what is wrong in the file."""
        return replace(self.sources.layers(), narrowed=for_demo if self["demo"] else as_they_are)

    def _command_line(self) -> dict[settings_reading.Path, Given]:
        given = {path: Given(self[name], f"--{name}") for name, path in _TEXTS.items() if self[name] is not None}
        for name in ("http", "sip"):
            if self[name]:
                given[name, "listen"] = Given(self[name], f"--{name}")
        if self["workers"] is not None:
            number = self["workers"]
            is_number = number.isascii() and number.isdigit()
            given[("workers",)] = Given(int(number) if is_number else number, "--workers")
        if self["early-media"]:
            given["calls", "early_media"] = Given(True, "--early-media")
        return given


def for_demo(settings: Settings) -> Settings:
    """``settings`` with a voicemail, on the loopback interface only; SettingsError where they name another one."""
    problems: list[Problem] = []
    http = _on_loopback(HttpListen.parse, settings.http.listen, ("http", "listen"), problems)
    sip = _on_loopback(SipListen.parse, settings.sip.listen, ("sip", "listen"), problems)
    csta = _on_loopback(HttpListen.parse, settings.csta.listen, ("csta", "listen"), problems)
    if problems:
        raise SettingsError(problems)
    voicemail = replace(settings.voicemail, pilot=settings.voicemail.pilot or DEMO_PILOT)
    return replace(
        settings, http=replace(settings.http, listen=http), sip=replace(settings.sip, listen=sip),
        csta=replace(settings.csta, listen=csta), voicemail=voicemail,
    )  # fmt: skip


def _on_loopback(
    parse: Callable[[str], HttpListen | SipListen], texts: tuple[str, ...], path: settings_reading.Path,
    problems: list[Problem],
) -> tuple[str, ...]:  # fmt: skip
    try:
        return tuple(str(parse(text).on_loopback()) for text in texts)
    except ValueError as error:
        problems.append(Problem("--demo", str(error), (path,)))
        return ()
