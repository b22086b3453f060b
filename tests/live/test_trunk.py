"""Trunks: another switch calls in and is called, asks for credentials, registers us, fails and comes back."""

import hashlib
import re
from pathlib import Path

from tests.live.log_watch import LogWatch
from tests.live.pbx import PbxCase, baresip, changed, hear_each_other, trunk
from tests.live.phones import Caller, baresips, together
from tests.live.server import SECRET, Live, company
from tests.peers import RawUdp, Sipp, SipText, address, until

_INVITED = '  <recv request="INVITE" rrs="true"/>\n'
_CHALLENGE = """
  <recv request="INVITE"/>
  <send retrans="500">
    <![CDATA[
      SIP/2.0 407 Proxy Authentication Required
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]c[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Proxy-Authenticate: Digest realm="pbx", nonce="[pid]n[call_number]", algorithm=MD5, qop="auth"
      Content-Length: 0


    ]]>
  </send>
  <recv request="ACK"/>
  <recv request="INVITE" rrs="true"/>
"""


class Inbound(PbxCase):
    """SIPp is the PBX that calls us."""

    async def test_to_a_line(self) -> None:
        """Without a password; the phone shows whom the PBX asserts."""
        pbx = str(address(self))
        server = await self.plain(trunk(pbx, f'inbound_addresses = ["{pbx}"]'))
        bob = await baresip(server, "1202")
        old = "      User-Agent: SIPp\n      Allow:"
        asserted = f'      P-Asserted-Identity: "Ann" <sip:0315551234@{pbx}>\n{old}'
        script = changed(self, "uac_wait_bye", old, asserted)
        caller = await Caller(server, str(script), service="1202", caller="anything", ip=pbx).call()
        incoming = await bob.wait("CALL_INCOMING")
        self.assertIn("sip:0315551234@", incoming["peeruri"])
        self.assertEqual(incoming["peerdisplayname"], "Ann")
        await bob.answer()
        await together(bob.wait("CALL_ESTABLISHED"), caller.sink.receive(10))
        await bob.hangup()
        await caller.finished()

    async def test_to_the_manager(self) -> None:
        """The PBX routes the manager number to us: greeted and connected."""
        pbx = str(address(self))
        server = await self.plain(trunk(pbx), options='welcome = "Welcome.wav"\nmanager_timeout = 20')
        manager = await baresip(server, "1047")
        caller = await Caller(server, caller="0315551234", ip=pbx).call()
        await until(lambda: len(caller.sink.packets) > 20, what="the greeting")
        self.assertIn("0315551234", (await manager.wait("CALL_INCOMING", timeout=15))["peeruri"])
        await manager.answer()
        await manager.wait("CALL_ESTABLISHED")
        await manager.hangup()
        await caller.finished()

    async def test_refused(self) -> None:
        """A number that we do not know, and somebody who is not the trunk."""
        pbx = str(address(self))
        server = await self.plain(trunk(pbx, "default = true"))
        log = LogWatch(self)
        refused = await Sipp(self, "uac_refused", server.sip, caller="x", service="4711", ip=pbx).run()
        self.assertEqual(refused.statuses, [404])
        self.assertEqual(len(log.having("asks for 4711")), 1)
        stranger = await Sipp(self, "uac_refused", server.sip, caller="x", service="1202").run()
        self.assertEqual(stranger.statuses, [407, 407])


class Outbound(PbxCase):
    """SIPp is the PBX that is called."""

    def challenging(self) -> Path:
        """A phone's script that wants credentials first."""
        return changed(self, "uas", _INVITED, _CHALLENGE)

    def assert_right(self, request: SipText, user: str, password: str) -> None:
        """The request's credentials are those of RFC 2617 section 3.2.2."""
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', request.header("Proxy-Authorization").removeprefix("Digest ")))
        self.assertEqual((given["username"], given["realm"]), (user, "pbx"))
        method, uri = request.first_line.split(" ")[:2]
        self.assertEqual(given["uri"], uri)
        secret, what = md5(f"{user}:pbx:{password}"), md5(f"{method}:{uri}")
        parts = [secret, given["nonce"], given["nc"], given["cnonce"], given["qop"], what]
        self.assertEqual(given["response"], md5(":".join(parts)))

    async def test_credentials(self) -> None:
        """The INVITE is challenged with 407 and sent again; prefix and strip make the number."""
        pbx = await Sipp(self, self.challenging()).start()
        account = ('user_name = "account"', 'password = "other secret"', 'prefix = "0"', "strip = 1", "default = true")
        server = await self.plain(trunk(pbx.ip, *account))
        log = LogWatch(self)
        alice = await baresip(server, "1201")
        await alice.dial(server.uri("0791234567"))
        await alice.wait("CALL_ESTABLISHED")
        invite = await pbx.message("INVITE", count=2)
        self.assertTrue(invite.first_line.startswith(f"INVITE sip:791234567@{pbx.ip}"))
        self.assertIn("sip:1201@", invite.header("P-Asserted-Identity"))
        self.assert_right(invite, "account", "other secret")
        (answer,) = [m for m in pbx.messages() if m.sent and m.status == 200 and m.method == "INVITE"]
        self.assertEqual((await alice.media()).remote, answer.media())
        await alice.hangup()
        await pbx.finished()
        self.assertEqual(log.having("other secret"), [])

    async def test_wrong_credentials(self) -> None:
        """The caller hears a refusal, and the log says whose fault it is."""
        pbx = await Sipp(self, "uas_code", keys={"code": "403", "reason": "Forbidden"}).start()
        server = await self.plain(trunk(pbx.ip, "default = true"))
        alice = await baresip(server, "1201")
        await alice.dial(server.uri("0791234567"))
        self.assertIn("403", (await alice.wait("CALL_CLOSED"))["param"])
        await pbx.finished()

    async def test_tcp(self) -> None:
        """One connection for the whole call."""
        pbx = await Sipp(self, "uas", transport="tcp").start()
        server = await self.plain(trunk(f"{pbx.ip};transport=tcp", "default = true"))
        alice = await baresip(server, "1201")
        await alice.dial(server.uri("0791234567"))
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await pbx.finished()

    async def test_asked_at_the_start(self) -> None:
        """As soon as we listen, so that a call may go there at once."""
        log = LogWatch(self)
        async with RawUdp(self) as pbx:
            server = await self.plain(trunk(pbx.ip, "ping_interval = 300"))
            asked = await pbx.receive(b"OPTIONS ")
            self.assertEqual(asked.source, (str(server.address), 5060))
            self.assertIsNotNone(server.assembly.telephony.trunks.hop(1))
            pbx.send(re.sub(rb"^OPTIONS .*? SIP/2.0", b"SIP/2.0 200 OK", asked.data), asked.source)
        self.assertEqual(log.having("does not answer"), [])

    async def test_down_and_up(self) -> None:
        """While the PBX does not answer OPTIONS callers get 503 at once; told once in the log, both times."""
        ip = str(address(self))
        server = await self.plain(trunk(ip, "default = true", "ping_interval = 1"), sip={"t1": 0.05})
        log = LogWatch(self)
        alice = await baresip(server, "1201")
        await until(lambda: log.having("does not answer"), 12.0, what="the trunk is down", seen=lambda: str(log.lines))
        await alice.dial(server.uri("0791234567"))
        self.assertIn("503", (await alice.wait("CALL_CLOSED"))["param"])
        pbx = await Sipp(self, "uas", ip=ip, calls=None).start()
        await until(lambda: log.having("answers again"), 12.0, what="the trunk is up", seen=lambda: str(log.lines))
        await alice.dial(server.uri("0791234567"))
        await alice.wait("CALL_ESTABLISHED")
        await alice.hangup()
        await pbx.dismiss()
        self.assertEqual((len(log.having("does not answer")), len(log.having("answers again"))), (1, 1))


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class Registered(PbxCase):
    """We are a phone of another switch."""

    async def test_with_sipp(self) -> None:
        """A registrar that wants an MD5 digest."""
        registrar = await Sipp(self, "uas_registrar", user="account", password="other secret").start()
        log = LogWatch(self)
        account = ("registers = true", 'user_name = "account"', 'password = "other secret"')
        server = await self.plain(trunk(registrar.ip, *account))
        await registrar.finished()
        await until(lambda: log.having("Trunk PBX: registered"), what="registered")
        await server.stop()
        self.assertEqual(log.having("other secret"), [])

    async def test_refused(self) -> None:
        """Told once, without the password."""
        registrar = await Sipp(self, "uas_registrar", user="account", password="right").start()
        log = LogWatch(self)
        account = ("registers = true", 'user_name = "account"', 'password = "other secret"')
        await self.plain(trunk(registrar.ip, *account))
        await registrar.finished()
        await until(lambda: log.having("Trunk PBX: not registered"), what="refused")
        self.assertEqual(log.having("other secret"), [])

    async def test_with_magroup(self) -> None:
        """A line of the other switch: called there, the manager's rings here; and calling there, media direct."""
        other = await self.plain(lines=("1301", "1399"), people=("2047",))
        account = ("registers = true", 'user_name = "1399"', f'password = "{SECRET}"', "default = true")
        server = await self.plain(trunk(other.address.ip, *account), lines=("1399",))
        await other.registered("1399")
        (inside,), (outside,) = await together(
            baresips(server, "1399", tone=440.0), baresips(other, "1301", tone=880.0)
        )
        await outside.dial(other.uri("1399"))
        self.assertIn("sip:1301@", (await inside.wait("CALL_INCOMING"))["peeruri"])
        await inside.answer()
        await together(outside.wait("CALL_ESTABLISHED"), inside.wait("CALL_ESTABLISHED"))
        await hear_each_other(inside, outside)
        await outside.hangup()
        await inside.idle()
        await inside.dial(server.uri("1301"))
        self.assertIn("sip:1399@", (await outside.wait("CALL_INCOMING"))["peeruri"])
        await outside.answer()
        await together(outside.wait("CALL_ESTABLISHED"), inside.wait("CALL_ESTABLISHED"))
        await hear_each_other(inside, outside)
        for _ in range(2):
            await outside.hold()
            await outside.resume()
        await hear_each_other(inside, outside)
        await inside.hangup()
        await outside.wait("CALL_CLOSED")


class Loops(PbxCase):
    """Switches that send unknown numbers to each other."""

    async def ring(self, count: int) -> list[Live]:
        """So many switches, the default trunk of each is the next one."""
        servers = [Live(self, "", sip={"options_ping_interval": 0}) for _ in range(count)]
        for at, server in enumerate(servers):
            onward, source = servers[(at + 1) % count], servers[at - 1]
            neighbours = trunk(onward.address.ip, "default = true", name="onward")
            if count > 2:
                neighbours += trunk(source.address.ip, name="source")
            server.company.write_text(company(people=(f"20{at}",), others=("1201",), more=neighbours))
            await server.start()
            self.addCleanup(server.quiet)
        return servers

    async def test_two(self) -> None:
        """The second one sees that the number comes from where it would go to."""
        one, _ = await self.ring(2)
        alice = await baresip(one, "1201")
        await alice.dial(one.uri("4711"))
        self.assertIn("404", (await alice.wait("CALL_CLOSED"))["param"])

    async def test_three(self) -> None:
        """Round and round until Max-Forwards is used up: 483 comes back all the way, and nothing is left anywhere."""
        servers = await self.ring(3)
        alice = await baresip(servers[0], "1201")
        await alice.dial(servers[0].uri("4711"))
        self.assertIn("483", (await alice.wait("CALL_CLOSED", timeout=20))["param"])
