"""What tests of bad input share: that the server serves calls afterwards, and is less patient than usual."""

from dataclasses import replace

from twisted.trial.unittest import TestCase

from tests.live.server import Live
from tests.peers import Sipp, address, until


class Serving(TestCase):
    """Tests end with ``serves``: a call goes through, and nothing is left."""

    timeout = 60

    async def serves(self, server: Live) -> None:
        """Line 1201 registers, 1047 calls it, talks and hangs up; then nothing is left of any call."""
        ip = str(address(self))
        await Sipp(self, "register", server.sip, ip=ip, caller="1201", calls=1).run()
        await server.registered("1201")
        callee = await Sipp(self, "uas", ip=ip, calls=1).start()
        await Sipp(self, "uac", server.sip, caller="1047", service="1201", calls=1).run()
        await callee.finished()
        await server.quiet()

    async def forgotten(self, server: Live) -> None:
        """Wait until not even a transaction is left."""
        await until(lambda: not server.transactions(), 15.0, what="no transaction", seen=lambda: str(server.dump()))


def trunk(address: str, name: str = "outside") -> str:
    """A table of a company file: calls from this address come from outside, without a password."""
    host = f"[{address}]" if ":" in address else address
    return f'[[trunks]]\nname = "{name}"\naddress = "{host}"\ninbound_addresses = ["{address}"]\nping_interval = 0\n'


def short_limits(server: Live, **limits: float) -> None:
    """Let the server be less patient with streams: seconds and counts of `magroup.sip.limits`."""
    connections = server.assembly.telephony.transports._connections
    connections.limits = replace(connections.limits, **limits)
