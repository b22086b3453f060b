"""kamailio 5.6 (Debian 12) as a PBX: phones register at it, and numbers with a prefix go to another switch.

    pbx = await Kamailio(self, {"897": "127.0.0.12:5060"}, forwards={"1047": "8973"}).start()
    alice = await Baresip(self, "1201", registrar=pbx.sip).start()

It is a stateful proxy that stays in the way of each call (Record-Route): no passwords, no media, no database. A number
that nobody has registered is 404. Its clock for a call that is not answered is of a minute.
"""

import signal
from collections.abc import Mapping
from pathlib import Path

from twisted.trial.unittest import TestCase

from magroup.resources import resource
from tests.peers.addresses import address
from tests.peers.process import PeerProcess
from tests.peers.waiting import until

BINARY = "/usr/sbin/kamailio"

_CONFIGURATION = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:{ip}:5060
{modules}
modparam("usrloc", "db_mode", 0)
modparam("tm", "fr_inv_timer", 60000)
request_route {{
    if (!mf_process_maxfwd_header("20")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    if (is_method("ACK")) exit;
    t_check_trans();
    if (is_method("REGISTER")) {{ if (!save("location")) sl_reply_error(); exit; }}
    if (is_method("OPTIONS") && $rU == $null) {{ sl_send_reply("200", "OK"); exit; }}
    if (is_method("INVITE")) record_route();
{forwards}
{onward}
    if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
    t_relay();
}}
"""
_MODULES = ("tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils")
_FORWARD = """\
    if ($rU == "{line}") {{
        {diversion}
        $rU = "{target}";
    }}"""
_DIVERSION = 'append_hf("Diversion: <sip:{line}@{ip}>;reason=unconditional\\r\\n");'
_ONWARD = '    if ($rU =~ "^{prefix}") {{ $du = "sip:{hop}"; t_relay(); exit; }}'


class Kamailio:
    """One PBX on port 5060 of an address of its own; ``onward`` gives hops ("ip:port") by prefix of the number.

    ``forwards`` are lines whose calls go to another number, which ``tells`` who forwarded them, or does not.
    """

    def __init__(
        self, test: TestCase, onward: Mapping[str, str], forwards: Mapping[str, str] | None = None, tells: bool = True
    ) -> None:
        self.test = test
        self.ip = address(test).ip
        self.directory = Path(test.mktemp()).absolute()
        self.directory.mkdir(parents=True)
        configuration = self.directory / "kamailio.cfg"
        configuration.write_text(
            _CONFIGURATION.format(
                ip=self.ip,
                modules="\n".join(f'loadmodule "{name}.so"' for name in _MODULES),
                forwards="\n".join(
                    _FORWARD.format(
                        line=line, target=target, diversion=_DIVERSION.format(line=line, ip=self.ip) if tells else ""
                    )
                    for line, target in (forwards or {}).items()
                ),
                onward="\n".join(_ONWARD.format(prefix=prefix, hop=hop) for prefix, hop in onward.items()),
            )
        )
        self.process = _process(self.directory)

    @property
    def sip(self) -> str:
        """``host:port`` of the registrar."""
        return f"{self.ip}:5060"

    def uri(self, number: str) -> str:
        """What a phone of the PBX dials."""
        return f"sip:{number}@{self.ip}"

    async def start(self) -> "Kamailio":
        """Start it; comes back when it listens."""
        self.test.addCleanup(self.stop)
        self.process.start()
        await until(
            lambda: self.process.ended or self._bound(), 15.0, what="kamailio: open socket", seen=self.process.report
        )
        if self.process.ended:
            raise AssertionError(self.process.report())
        return self

    def _bound(self) -> bool:
        packed = bytes(map(int, self.ip.split(".")))[::-1]
        return f" {packed.hex().upper()}:13C4 " in Path("/proc/net/udp").read_text()

    async def stop(self) -> None:
        """End it, with its children."""
        await self.process.stop(signal.SIGTERM, patience=15.0)


class Front(Kamailio):
    """The shipped configuration in front of the nodes at these addresses (resources/kamailio)."""

    def __init__(self, test: TestCase, *nodes: str) -> None:
        self.test = test
        self.ip = address(test).ip
        self.directory = Path(test.mktemp()).absolute()
        self.directory.mkdir(parents=True)
        places = {"192.0.2.10": self.ip, "/etc/kamailio": str(self.directory)}
        places |= {f"192.0.2.{11 + at}": node for at, node in enumerate(nodes)}
        for name in ("kamailio.cfg", "dispatcher.list"):
            text = resource("kamailio", name).read_text()
            if name == "dispatcher.list":
                text = "".join(f"1 sip:{node}:5060 0 0\n" for node in nodes)
            for shipped, here in places.items():
                text = text.replace(shipped, here)
            (self.directory / name).write_text(text)
        self.process = _process(self.directory)


def _process(directory: Path) -> PeerProcess:
    folder, configuration = str(directory), str(directory / "kamailio.cfg")
    command = [BINARY, "-f", configuration, "-DD", "-E", "-w", folder, "-Y", folder, "-m", "32", "-M", "4"]
    # Killed, it would leave its children behind: it is asked to end, also when the test run dies.
    return PeerProcess("kamailio", command, directory, death_signal="TERM")
