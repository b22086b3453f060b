"""Every setting changed through the settings book of a running server: it holds at once, or from the next start on."""

import os
import shutil
import signal
from collections.abc import Callable
from typing import Any

from twisted.internet.utils import getProcessOutputAndValue
from twisted.logger import LogLevel
from twisted.trial.unittest import TestCase

from magroup.model.settings_reading import Path, entries, value_of
from magroup.service import Server
from tests.live.server import company
from tests.live.whole_server import WholeServer
from tests.peers import until
from tests.web.admission.kit import request

CURL = shutil.which("curl") or "curl"
BY = ("Ann", "192.0.2.1")


def telephony(path: str) -> Callable[[Server], Any]:
    """What a part of the telephony has, ``endpoint.agent``."""

    def found(server: Server) -> Any:
        part: Any = server.assembly.telephony
        for name in path.split("."):
            part = getattr(part, name)
        return part

    return found


def admission(look: Callable[[Any], Any]) -> Callable[[Server], Any]:
    return lambda server: look(server.accounts.admission)


def voicemail(name: str) -> Callable[[Server], Any]:
    return lambda server: getattr(server.assembly.voicemail._settings, name)


def configuration(name: str) -> Callable[[Server], Any]:
    return lambda server: getattr(server.assembly.current.value.plan, name)


def csta(name: str) -> Callable[[Server], Any]:
    """A limit of CSTA clients."""
    return lambda server: getattr(server.csta.switching_function.limits, name)


def syslog(name: str) -> Callable[[Server], Any]:
    return lambda server: getattr(server.syslog._settings, name)


def receiver(outbox: Any) -> str:
    """Where it sends to."""
    return str(outbox.what).rpartition(" ")[2] if outbox is not None else ""


def zone(server: Server) -> str:
    """Of the times that callers of the voicemail hear."""
    return str(server.assembly.voicemail._service.local(0.0).tzinfo)


def log_level(server: Server) -> str:
    """The least one that is let through."""
    observer: Any = server.output.observer
    levels = [level for level in LogLevel.iterconstants() if observer._lets_through({"log_level": level})]
    name: str = levels[0].name
    return name


def in_settings(path: str) -> Callable[[Server], Any]:
    """For what is read from the settings in force whenever it is needed."""
    return lambda server: value_of(server.reload.settings, tuple(path.split(".")))


AT_ONCE: dict[str, tuple[Any, Callable[[Server], Any]]] = {
    "public_url": ("https://calls.example.com", admission(lambda found: found.settings.public_url)),
    "language": ("de", lambda server: server.assembly.voicemail._boxes.get("9001").language.value),
    "time_zone": ("Pacific/Auckland", zone),
    "http.body_limit": (2048, lambda server: server.site._body_limit(request(), b"/help/")),
    "http.upload_limit": (
        1 << 21,
        lambda server: server.site._body_limit(
            request(peer="127.0.0.1", Host="127.0.0.1"), b"/Applications/inbound/MAGroup/rest/files/uploadWAV.asp"
        ),
    ),
    "http.websocket_message_limit": (512, in_settings("http.websocket_message_limit")),
    "http.failed_logins_per_hour": (7, admission(lambda found: found._throttle.of_address)),
    "http.trusted_proxies": (("10.0.0.0/8",), admission(lambda found: found.settings.http.trusted_proxies)),
    "http.framed_by": (("https://a.example",), admission(lambda found: found.settings.http.framed_by)),
    "http.access_log": (False, admission(lambda found: found.settings.http.access_log)),
    "http.max_connections": (30, lambda server: server.site.connections._settings().max_connections),
    "http.connections_per_address": (20, lambda server: server.site.connections._settings().connections_per_address),
    "http.metrics_open_to": (("10.0.0.0/8",), admission(lambda found: found.settings.http.metrics_open_to)),
    "api.requests_per_second": (5.0, in_settings("api.requests_per_second")),
    "api.event_streams": (50, in_settings("api.event_streams")),
    "api.event_streams_per_user": (5, in_settings("api.event_streams_per_user")),
    "gadget.sockets": (50, in_settings("gadget.sockets")),
    "gadget.sockets_per_user": (5, in_settings("gadget.sockets_per_user")),
    "gadget.commands_per_second": (3.0, in_settings("gadget.commands_per_second")),
    "csta.users": (("ann",), in_settings("csta.users")),
    "csta.watchers": (("bob",), in_settings("csta.watchers")),
    "csta.open_to": (("10.0.0.0/8",), in_settings("csta.open_to")),
    "csta.uacsta_user": ("csta", in_settings("csta.uacsta_user")),
    "csta.route_points": (("8500",), lambda server: server.csta.points()),
    "csta.clients": (7, csta("clients")),
    "csta.clients_per_address": (3, csta("clients_per_address")),
    "csta.monitors": (9, csta("monitors")),
    "csta.requests_per_second": (5.0, csta("requests_per_second")),
    "csta.unsent": (1 << 17, csta("unsent")),
    "csta.session": (30, csta("session")),
    "csta.heartbeat": (10, csta("heartbeat")),
    "accounts.session_idle": (61, admission(lambda found: found.sessions.idle)),
    "accounts.session_lifetime": (86_400, admission(lambda found: found.sessions.lifetime)),
    "accounts.failed_logins_per_hour": (8, admission(lambda found: found._throttle.of_account)),
    "accounts.login_by_address": (False, admission(lambda found: found.settings.accounts.login_by_address)),
    "accounts.remember_basic": (0, admission(lambda found: found._remembered.lifetime)),
    "accounts.shortest_password": (20, admission(lambda found: found.settings.accounts.shortest_password)),
    "sip.message_limit": (4096, telephony("transports.limits.message")),
    "sip.expiry_min": (61, telephony("bindings.limits.shortest")),
    "sip.expiry_default": (3000, telephony("bindings.limits.default")),
    "sip.expiry_max": (9000, telephony("bindings.limits.longest")),
    "sip.nonce_lifetime": (5, telephony("authenticator.nonces.lifetime")),
    "sip.session_expires": (900, telephony("endpoint.session_expires")),
    "sip.min_se": (120, telephony("endpoint.min_se")),
    "sip.max_connections": (3, telephony("transports._connections.limits.connections")),
    "sip.connections_per_address": (2, telephony("transports._connections.limits.connections_per_address")),
    "sip.idle_timeout": (10, telephony("transports._connections.limits.idle")),
    "sip.options_ping_interval": (30, telephony("registrar._ping_interval")),
    "sip.subscription_min": (61, telephony("notifier.limits.shortest")),
    "sip.subscription_max": (3601, telephony("publications._limits.longest")),
    "sip.max_subscriptions": (4, telephony("notifier.limits.total")),
    "sip.subscriptions_per_line": (5, telephony("notifier.limits.of_line")),
    "sip.max_forwards": (69, telephony("switch.limits.forwards")),
    "sip.server_name": ("A server", telephony("endpoint.agent")),
    "protection.ban": (7, telephony("guard.settings.ban")),
    "protection.wrong_passwords": (7, telephony("guard.settings.wrong_passwords")),
    "protection.unknown_lines": (7, telephony("guard.settings.unknown_lines")),
    "protection.malformed": (7, telephony("guard.settings.malformed")),
    "protection.wrong_passwords_per_line": (70, telephony("guard.settings.wrong_passwords_per_line")),
    "protection.scanners": (("Scan",), telephony("guard.settings.scanners")),
    "protection.never_banned": (("10.0.0.0/8",), telephony("guard.settings.never_banned")),
    "overload.wait": (70, lambda server: round(server.assembly.telephony.shedding.overload.target * 1000)),
    "overload.retry_after": (7, telephony("shedding.longest_retry")),
    "outside.at_once": (7, telephony("outside.settings.at_once")),
    "outside.per_hour": (7, telephony("outside.settings.per_hour")),
    "outside.per_day": (7, telephony("outside.settings.per_day")),
    "outside.group_at_once": (7, telephony("outside.settings.group_at_once")),
    "outside.group_per_hour": (7, telephony("outside.settings.group_per_hour")),
    "outside.group_per_day": (7, telephony("outside.settings.group_per_day")),
    "outside.hours": (("Mon-Fri 07:00-19:00",), telephony("outside.settings.hours")),
    "outside.refused": (("0900",), telephony("outside.settings.refused")),
    "outside.always": (("118",), telephony("outside.settings.always")),
    "outside.registered_only": (False, telephony("outside.settings.registered_only")),
    "outside.from_trunks": (False, telephony("outside.settings.from_trunks")),
    "rtp.address": ("192.0.2.7", telephony("switch.media.address")),
    "rtp.dtmf_payload_type": (99, telephony("switch.media.dtmf")),
    "rtp.srtp": ("required", telephony("switch.media.srtp")),
    "calls.early_media": (True, lambda server: server.assembly.application.settings.early_media),
    "calls.max_calls": (1, telephony("switch.limits.calls")),
    "calls.ring_timeout": (5, telephony("switch.ring_limit")),
    "calls.pickup_code": ("*5", telephony("switch.pickup_code")),
    "numbers.international_prefix": ("011", configuration("international_prefix")),
    "numbers.national_prefix": ("8", configuration("national_prefix")),
    "numbers.country_code": ("41", configuration("country_code")),
    "numbers.area_code": ("31", configuration("area_code")),
    "rest.loopback_without_login": (False, admission(lambda found: found.settings.rest.loopback_without_login)),
    "phones.trust_device_name": (True, in_settings("phones.trust_device_name")),
    "phones.push": ("off", in_settings("phones.push")),
    "phones.pushes_at_once": (9, lambda server: server.assembly.pushes.pusher._most()),
    "phones.tones": (("Chime.raw",), in_settings("phones.tones")),
    "phones.tones_in_calls": (True, lambda server: server.assembly.pushes.ringtones._in_calls()),
    "groups.identify_to_manager": (True, lambda server: server.assembly.application.settings.identify_to_manager),
    "voicemail.pilot": ("*96", lambda server: server.assembly.application.snapshot.voicemail),
    "voicemail.longest_message": (9, voicemail("longest")),
    "voicemail.silence": (3, voicemail("silence")),
    "voicemail.shortest_message": (2.0, voicemail("shortest")),
    "voicemail.messages_per_box": (2, voicemail("most")),
    "voicemail.longest_greeting": (6, voicemail("longest_greeting")),
    "voicemail.free_disk": (3, lambda server: server.assembly.mailroom.recordings.free >> 20),
    "journal.queue_limit": (200, lambda server: server.assembly.application.journal._journal.queue_limit),
    "journal.retention_days": (9, in_settings("journal.retention_days")),
    "trace.memory": (3, lambda server: server.assembly.telephony.trace._limit >> 20),
    "trace.messages_per_call": (50, telephony("trace._most")),
    "hep.to": ("udp:127.0.0.1:9060", lambda server: receiver(server.capture.outbox)),
    "hep.agent": (7, lambda server: server.capture._settings.agent),
    "hep.queue_limit": (50, lambda server: server.capture._settings.queue_limit),
    "syslog.to": ("udp:127.0.0.1:5514", lambda server: receiver(server.syslog.outbox)),
    "syslog.log": (False, syslog("log")),
    "syslog.level": ("warn", syslog("level")),
    "syslog.facility": ("local3", syslog("facility")),
    "syslog.audit": (False, syslog("audit")),
    "syslog.audit_facility": ("local4", syslog("audit_facility")),
    "syslog.host_name": ("pbx", syslog("host_name")),
    "syslog.enterprise": (1, syslog("enterprise")),
    "syslog.message_limit": (1000, syslog("message_limit")),
    "syslog.queue_limit": (50, syslog("queue_limit")),
    "log.json": (True, lambda server: server.output.observer._format.__name__ == "_as_json"),
    "log.level": ("error", log_level),
}
"""Another value of each, and where the server is seen to have it."""

AT_START: dict[str, Any] = {
    "instance": "Other",
    "cti": "csta:tcp:host=pbx.example.com:port=5555",
    "http.listen": ["tcp:0:interface=127.0.0.1"],
    "csta.listen": ["tcp:0:interface=127.0.0.2"],
    "csta.uacsta": True,
    "sip.listen": ["udp:127.0.0.1:0"],
    "sip.domain": "example.com",
    "sip.advertised_address": "192.0.2.9",
    "sip.t1": 0.25,
    "sip.tls_verify": False,
    "rtp.ports": "20000-21000",
    "redis.url": "redis://r",
    "syslog.tls_verify": False,
    "csta_link.login": "avaya",
    "csta_link.sessions": False,
    "csta_link.user": "other",
    "csta_link.edition": 3,
    "csta_link.tls_verify": False,
    "csta_link.trunk": ["T200"],
    "ami.user": "other",
    "ami.plain_login": True,
    "ami.tls_verify": False,
    "ami.context": "internal",
    "ami.technology": "SIP",
    "ami.trunk": "other",
    "ami.forwarding": "",
    "ami.do_not_disturb": "",
    "ami.phones_obey": True,
}

ONLY_IN_FILE = (
    "data", "database", "sip.tls_authorities", "csta_link.password_file", "csta_link.tls_authorities",
    "ami.secret_file", "ami.tls_authorities", "key_file", "syslog.tls_authorities", "syslog.tls_certificate",
    "cluster.node", "workers",
)  # fmt: skip


class EverySetting(TestCase):
    """One server, with a mailbox 9001 that is nobody's."""

    timeout = 120

    async def start(self) -> WholeServer:
        whole = WholeServer(self, '[voicemail]\npilot = "*97"\n[csta]\nlisten = ["tcp:0:interface=127.0.0.1"]\n')
        await whole.start(company('overflow = "voicemail:9001"\n'))
        return whole

    def test_the_tables_are_complete(self) -> None:
        at_start = {entry.name for entry in entries().values() if entry.described.at_start}
        self.assertEqual(at_start, {*AT_START, *ONLY_IN_FILE})
        self.assertEqual({entry.name for entry in entries().values()} - at_start, set(AT_ONCE))
        self.assertEqual({e.name for e in entries().values() if not e.described.storable}, set(ONLY_IN_FILE))

    async def test_at_once(self) -> None:
        """Each by itself, taken away again; then all together."""
        server = (await self.start()).server
        book = server.assembly.settings_book
        for name, (value, seen) in AT_ONCE.items():
            before = seen(server)
            self.assertNotEqual(before, value, name)
            self.assertEqual(await book.change({name: value}, *BY), [name])
            self.assertEqual(seen(server), value, name)
            await book.change({name: None}, *BY)
            self.assertEqual(seen(server), before, name)
        await book.change({name: value for name, (value, _) in AT_ONCE.items()}, *BY)
        for name, (value, seen) in AT_ONCE.items():
            self.assertEqual(seen(server), value, name)
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_from_the_next_start_on(self) -> None:
        """Nothing has it before, also when something beside it is changed; the next start has all of it."""
        whole = await self.start()
        server = whole.server
        before = server.reload.settings
        stored = {**AT_START, "sip.listen": [f"udp:{whole.address}:5070"]}
        await server.assembly.settings_book.change(stored, *BY)
        await server.assembly.settings_book.change({"log.level": "error", "sip.min_se": 100}, *BY)
        self.assertEqual(server.accounts.admission.settings.instance, before.instance)
        for name in stored:
            self.assertEqual(value_of(server.reload.settings, path(name)), value_of(before, path(name)), name)
        await whole.stop()
        server = await whole.start()
        listed = server.assembly.settings_book.listing()
        self.assertEqual({one.source for one in listed if one.name in stored}, {"stored"})
        for name, value in stored.items():
            found = value_of(server.reload.settings, path(name))
            self.assertEqual(list(found) if isinstance(found, tuple) else found, value, name)
        telephony = server.assembly.telephony
        self.assertEqual((telephony.layer.t1, telephony.authenticator.realm), (0.25, "example.com"))
        self.assertEqual([port for _, _, port in telephony.transports.listening()], [5070])
        self.assertEqual([place.host for place in server.csta.listening], ["127.0.0.2"])
        self.assertEqual(telephony.endpoint.min_se, 100)
        self.assertIn("/Other/", server.site._home)

    async def test_public_url(self) -> None:
        """The next answer of the XML services has it."""
        whole = await self.start()
        for url in (None, "https://calls.example.com", None):
            await whole.server.assembly.settings_book.change({"public_url": url}, *BY)
            answer = await curl(f"{whole.web}/Applications/inbound/MAGroup/rest/services/getIntegrationURLs.asp")
            self.assertIn(f">{url or whole.web}/", answer)

    async def test_read_again(self) -> None:
        """SIGHUP keeps what is stored, and takes the rest of the file."""
        whole = await self.start()
        server = whole.server
        await server.assembly.settings_book.change({"calls.max_calls": 5}, *BY)
        text = whole.config.read_text()
        whole.config.write_text(f'{text}\nmin_se = 100\n[calls]\nmax_calls = 7\nring_timeout = 60\n')
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: server.assembly.telephony.endpoint.min_se == 100, what="the file is read")
        limits = server.assembly.telephony.switch.limits
        self.assertEqual((limits.calls, limits.ring), (5, 60))


async def curl(url: str) -> str:
    """What a URL answers."""
    out, _, _ = await getProcessOutputAndValue(CURL, ("-s", "-S", "--noproxy", "*", "-m", "30", url), env={})
    return out.decode()


def path(name: str) -> Path:
    return tuple(name.split("."))
