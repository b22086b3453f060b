"""Settings: types, limits, texts, and where they come from."""

import tomllib
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model import settings_rules as rules
from magroup.model.listen import HttpListen, PortRange, SipListen
from magroup.model.settings import Settings
from magroup.model.settings_reading import Given, Kind, SettingsError, build, changes, entries, tables, value_of
from magroup.model.settings_text import example_toml, in_force, settings_page, toml_value
from magroup.settings_file import Sources
from tests.server_process import TREE


def said(error: SettingsError) -> list[str]:
    """The lines of an error."""
    return str(error).splitlines()


class Declared(SynchronousTestCase):
    """What every setting has to have."""

    def test_defaults_are_legal(self) -> None:
        everything = {path: Given(entry.default, "default") for path, entry in entries().items()}
        self.assertEqual(build(everything), Settings())
        self.assertEqual(build({}), Settings())

    def test_every_one_is_documented(self) -> None:
        for entry in entries().values():
            self.assertRegex(entry.described.doc, r"\A[A-Z].*\.\Z", entry.name)
            number = entry.kind in (Kind.WHOLE_NUMBER, Kind.NUMBER)
            self.assertEqual(number, entry.described.low is not None, entry.name)
            self.assertEqual(number, entry.described.high is not None, entry.name)
        for table in tables():
            self.assertRegex(table.doc, r"\A[A-Z].*\.\Z", table.name)

    def test_variables_are_told_apart(self) -> None:
        variables = [entry.variable for entry in entries().values()]
        self.assertEqual(len(set(variables)), len(variables))
        self.assertEqual(entries()["sip", "message_limit"].variable, "MAGROUP_SIP_MESSAGE_LIMIT")

    def test_frozen(self) -> None:
        with self.assertRaises(FrozenInstanceError):
            Settings().sip.domain = "x"  # type: ignore[misc]

    def test_what_the_manual_of_operation_promises(self) -> None:
        settings = Settings()
        self.assertEqual((settings.http.listen, settings.sip.listen), (("tcp:8080",), ("udp:5060", "tcp:5060")))
        self.assertEqual((settings.sip.message_limit, settings.http.body_limit), (65536, 1048576))
        self.assertEqual((settings.http.upload_limit, settings.http.websocket_message_limit), (33554432, 4096))
        self.assertEqual((settings.http.failed_logins_per_hour, settings.instance), (100, "MAGroup"))


class Refused(SynchronousTestCase):
    """Values that are not taken, and what is said of them."""

    def refused(self, name: str, value: object) -> str:
        """The reason, without place and name."""
        error = self.assertRaises(SettingsError, build, {tuple(name.split(".")): Given(value, "here")})
        (line,) = said(error)
        self.assertTrue(line.startswith(f"here: {name} "), line)
        return line.removeprefix(f"here: {name} ")

    def test_types(self) -> None:
        for name, value, reason in (
            ("sip.message_limit", "65536", "must be a whole number"),
            ("sip.message_limit", 65536.0, "must be a whole number"),
            ("sip.message_limit", True, "must be a whole number"),
            ("sip.t1", "0.5", "must be a number"),
            ("sip.t1", False, "must be a number"),
            ("log.json", 1, "must be true or false"),
            ("log.json", "true", "must be true or false"),
            ("instance", 5, "must be a text"),
            ("http.listen", "tcp:8080", "must be a list of texts"),
            ("http.listen", ["tcp:8080", 5], "must be a list of texts"),
            ("http.listen", {"a": 1}, "must be a list of texts"),
            ("http.listen", ["tcp:1", "tcp:1"], "names the same thing twice"),
        ):
            self.assertEqual(self.refused(name, value), reason)

    def test_limits(self) -> None:
        for name, value, reason in (
            ("sip.message_limit", 2047, "must be from 2048 to 1048576 bytes"),
            ("sip.message_limit", 10**400, "must be from 2048 to 1048576 bytes"),
            ("sip.t1", float("nan"), "must be from 0.05 to 5 s"),
            ("sip.t1", float("inf"), "must be from 0.05 to 5 s"),
            ("sip.t1", 10**400, "must be from 0.05 to 5 s"),
            ("sip.t1", -(10**400), "must be from 0.05 to 5 s"),
            ("rtp.dtmf_payload_type", 95, "must be from 96 to 127"),
            ("language", "it", "must be one of en, de, fr"),
            ("instance", "a\nb", "must not contain control characters"),
        ):
            self.assertEqual(self.refused(name, value), reason)

    def test_rules(self) -> None:
        for name, value in (
            ("data", " "),
            ("instance", ""),
            ("instance", "a/b"),
            ("instance", "x" * 64),
            ("public_url", "calls.example.com"),
            ("public_url", "ftp://calls.example.com"),
            ("public_url", "https://u:p@calls.example.com"),
            ("public_url", "https://a b"),
            ("public_url", "https://[::1"),
            ("public_url", "https://x:99999"),
            ("time_zone", "Europe/Nowhere"),
            ("time_zone", "../../etc/passwd"),
            ("time_zone", "/etc/localtime"),
            ("database", "mysql://x/y"),
            ("redis.url", "http://x"),
            ("redis.url", "redis://"),
            ("redis.url", "redis://h:0"),
            ("redis.url", "redis://h:70000"),
            ("redis.url", "redis://h/one"),
            ("redis.url", "redis://h,i"),
            ("redis.url", "unix://run"),
            ("redis.url", "redis+sentinel://h:26379"),
            ("redis.url", "redis+sentinel://h,i/a b"),
            ("cluster.node", "A"),
            ("cluster.node", "a-b"),
            ("cluster.node", "ast"),
            ("cluster.node", "x" * 17),
            ("cti", "csta"),
            ("cti", "csta:tcp:host=pbx"),
            ("cti", "csta:tcp:host=pbx:port=0"),
            ("cti", "csta:tcp:host=a b:port=1"),
            ("cti", "ami:tcp"),
            ("cti", "ami:tcp:port=5038"),
            ("cti", "ami:udp:host=pbx"),
            ("cti", "ami:tcp:host=pbx:port=0"),
            ("cti", "ami:tcp:host=pbx:user=x"),
            ("cti", "ami:tcp:host=pbx:host=pbx"),
            ("cti", "ami:tcp:host=a b"),
            ("sip.domain", "a b"),
            ("sip.advertised_address", "-x"),
            ("sip.server_name", "Zürich"),
            ("rtp.address", "localhost"),
            ("rtp.ports", "16384"),
            ("rtp.ports", "80-90"),
            ("rtp.ports", "20000-20002"),
            ("rtp.ports", "20000-99999"),
            ("http.trusted_proxies", ["10.0.0.1/8"]),
            ("http.trusted_proxies", ["proxy"]),
            ("calls.pickup_code", "8"),
            ("calls.pickup_code", "*8 "),
            ("calls.pickup_code", "*" * 9),
            ("numbers.country_code", "+41"),
            ("numbers.country_code", "٤"),
            ("numbers.country_code", "123456789"),
        ):
            self.assertTrue(self.refused(name, value))

    def test_contradictions(self) -> None:
        for values, line in (
            ({"expiry_min": 8000}, "here: sip.expiry_min is above sip.expiry_max (7200 s)"),
            (
                {"expiry_default": 30},
                "here: sip.expiry_default is not between sip.expiry_min and sip.expiry_max (60-7200 s)",
            ),
            ({"session_expires": 80}, "here: sip.session_expires is below sip.min_se (90 s)"),
        ):
            error = self.assertRaises(
                SettingsError, build, {("sip", name): Given(value, "here") for name, value in values.items()}
            )
            self.assertEqual(said(error), [line])
        pilot = {("voicemail", "pilot"): Given("*897", "here")}
        error = self.assertRaises(SettingsError, build, pilot)
        self.assertEqual(said(error), ["here: voicemail.pilot begins with calls.pickup_code (*8)"])
        error = self.assertRaises(SettingsError, build, {("http", "body_limit"): Given(1 << 26, "here")})
        self.assertEqual(said(error), ["settings: http.upload_limit is below http.body_limit (67108864 bytes)"])
        error = self.assertRaises(SettingsError, build, {("accounts", "session_idle"): Given(700_000, "here")})
        self.assertEqual(
            said(error), ["here: accounts.session_idle is above accounts.session_lifetime (604800 s)"]
        )
        self.assertEqual(build({("sip", "session_expires"): Given(0, "here")}).sip.session_expires, 0)

    def test_names(self) -> None:
        for path, line in (
            (("sip", "mesage_limit"), "sip.mesage_limit is not a setting; did you mean sip.message_limit?"),
            (("expiry_min",), "expiry_min is not a setting; did you mean sip.expiry_min?"),
            (("qqqqqq",), "qqqqqq is not a setting"),
            (("sip",), "sip is a table of settings, written [sip]"),
        ):
            error = self.assertRaises(SettingsError, build, {path: Given(1, "here")})
            self.assertEqual(said(error), [f"here: {line}"])

    def test_everything_at_once(self) -> None:
        error = self.assertRaises(
            SettingsError,
            build,
            {("data",): Given(1, "a"), ("log", "level"): Given("loud", "b"), ("x",): Given(1, "c")},
        )
        self.assertEqual([problem.place for problem in error.problems], ["a", "b", "c"])

    def test_sites(self) -> None:
        for text in (
            *("", "webex.com", "https://", "https://a.example/", "https://a.example/x", "ftp://a.example", "*"),
            *("https://a.example; script-src *", "https://*.*.example", "https://u@a.example", "https://a.example?x"),
            *("https://*", "https://a.example:x", "HTTPS://a.example", "https://a,b"),
        ):
            self.assertRaises(ValueError, rules.origin, text)

    def test_passwords_are_not_repeated(self) -> None:
        for url in ("postgres://me:hush@db/x", "postgresql://me:hush/x@db:y/x", "redis://:hush@[x", "x hush"):
            for name in ("database", "redis.url"):
                self.assertNotIn("hush", self.refused(name, url))

    @given(st.sampled_from(sorted(entries())), st.text(max_size=30))
    def test_any_text_is_taken_or_refused(self, path: tuple[str, ...], text: str) -> None:
        for value in (text, [text], [text, "udp:5060"]):
            try:
                settings = build({path: Given(value, "here")})
            except SettingsError as error:
                self.assertEqual(len(said(error)), 1)
            else:
                self.assertEqual(value_of(settings, path), tuple(value) if isinstance(value, list) else value)


class Taken(SynchronousTestCase):
    """Values that are."""

    def test_rules(self) -> None:
        for rule, texts in (
            (rules.service_code, ("", "*", "*8", "#21*", "*1234567")),
            (rules.instance, ("MAGroup", "MA Group", "a.b-c_1")),
            (rules.public_url, ("", "https://calls.example.com", "http://[::1]:8080/x", "http://10.0.0.1")),
            (rules.time_zone, ("", "UTC", "Europe/Zurich")),
            (rules.database_url, ("", "sqlite:///x.db", "postgresql://u:p@h/d", "postgresql+psycopg://h/d")),
            (rules.redis_url, ("", "redis://h:6379/0", "rediss://h", "unix:///run/redis.sock?db=1")),
            (rules.redis_url, ("redis://u:p%40@[::1]:1/2", "redis+sentinel://:p@h,i:26380/company/1")),
            (rules.node_or_empty, ("", "a", "zurich1")),
            (rules.cti, ("embedded", "csta:tcp:host=pbx.example.com:port=5555", "csta:ssl:host=[::1]:port=5555")),
            (rules.cti, ("ami:tcp:host=pbx.example.com:port=5038", "ami:tls:host=[::1]:port=5039")),
            (rules.asterisk_family, ("", "CF", "AMPUSER_1")),
            (rules.network, ("10.0.0.0/8", "::1", "192.168.1.1")),
            (rules.origin, ("https://*.webex.com", "http://coc.example.com:8080", "https://10.0.0.1")),
        ):
            for text in texts:
                self.assertIsNone(rule(text))

    def test_whole_number_for_a_number(self) -> None:
        settings = build({("sip", "t1"): Given(1, "here")})
        self.assertEqual((settings.sip.t1, type(settings.sip.t1)), (1.0, float))

    def test_changes(self) -> None:
        new = replace(Settings(), instance="X", log=replace(Settings().log, json=True))
        self.assertEqual(changes(Settings(), new), [("instance",), ("log", "json")])


class Listening(SynchronousTestCase):
    """Where magroup listens."""

    def test_sip(self) -> None:
        for text, parts in (
            ("udp:5060", ("udp", "", 5060, "", "")),
            ("tcp:127.0.0.1:0", ("tcp", "127.0.0.1", 0, "", "")),
            ("udp:[::1]:5060", ("udp", "::1", 5060, "", "")),
            ("tls:5061:cert=/a/b.pem:key=/k.pem", ("tls", "", 5061, "/a/b.pem", "/k.pem")),
            ("tls:[::]:5061:key=k\\:1:cert=c\\=2", ("tls", "::", 5061, "c=2", "k:1")),
        ):
            one = SipListen.parse(text)
            self.assertEqual((one.transport, one.host, one.port, one.certificate, one.key), parts)
            self.assertEqual(SipListen.parse(str(one)), one)

    def test_sip_refused(self) -> None:
        for text in (
            "",
            "5060",
            "udp",
            "udp:",
            "udp:x",
            "udp:65536",
            "udp:-1",
            "udp:٥",
            "sctp:5060",
            "udp:localhost:5060",
            "udp:[::1:5060",
            "udp:::1:5060",
            "udp:[1.2.3]:5060",
            "udp:5060:cert=a",
            "udp:5060:x",
            "tls:5061",
            "tls:5061:cert=a",
            "tls:5061:cert=:key=b",
            "tls:5061:cert=a:key=b:x=c",
            "udp:5060\n",
        ):
            self.assertRaises(ValueError, SipListen.parse, text)

    def test_http(self) -> None:
        for text in (
            "tcp:8080",
            "tcp:8080:interface=127.0.0.1",
            "tcp:port=8080",
            "tcp6:8080:interface=\\:\\:1",
            "ssl:8443:privateKey=/a/key.pem:certKey=/a/cert.pem",
            "unix:/run/magroup.sock:mode=660",
        ):
            one = HttpListen.parse(text)
            self.assertEqual(str(one), text)
        self.assertEqual(HttpListen.parse("tcp6:1:interface=\\:\\:1").named, {"interface": "::1"})

    def test_http_refused(self) -> None:
        for text in ("", "8080", "tcp", "tcp:", "tcp:x", "tcp:65536", "tcp:1:2", "tcp:1:port=2", "unix", "http:80"):
            self.assertRaises(ValueError, HttpListen.parse, text)

    def test_on_loopback(self) -> None:
        self.assertEqual(str(SipListen.parse("udp:5060").on_loopback()), "udp:127.0.0.1:5060")
        self.assertEqual(str(SipListen.parse("udp:[::1]:5060").on_loopback()), "udp:[::1]:5060")
        self.assertEqual(str(HttpListen.parse("tcp:1").on_loopback()), "tcp:1:interface=127.0.0.1")
        self.assertEqual(str(HttpListen.parse("tcp6:1").on_loopback()), "tcp6:1:interface=\\:\\:1")
        self.assertEqual(str(HttpListen.parse("tcp:1:interface=localhost").on_loopback()), "tcp:1:interface=localhost")
        self.assertEqual(str(HttpListen.parse("unix:/x").on_loopback()), "unix:/x")
        self.assertRaises(ValueError, SipListen.parse("udp:0.0.0.0:5060").on_loopback)
        self.assertRaises(ValueError, HttpListen.parse("tcp:1:interface=192.168.1.1").on_loopback)

    def test_ports(self) -> None:
        self.assertEqual(PortRange.parse("16384-32767"), PortRange(16384, 32767))

    @given(st.text(alphabet="udptcls:=[]\\.0123456789 certky\n", max_size=40))
    def test_any_text(self, text: str) -> None:
        for parse in (SipListen.parse, HttpListen.parse, PortRange.parse):
            try:
                one = parse(text)
            except ValueError:
                continue
            if not isinstance(one, PortRange):
                self.assertEqual(parse(str(one)), one)


class Texts(SynchronousTestCase):
    """The example file and the help page."""

    def test_the_example_is_up_to_date(self) -> None:
        file = TREE / "resources/magroup.example.toml"
        advice = "python -m magroup example-config > resources/magroup.example.toml"
        self.assertEqual(file.read_text("utf-8"), example_toml(), advice)

    def test_the_example_means_the_defaults(self) -> None:
        self.assertEqual(Settings(), Sources(TREE / "resources/magroup.example.toml").load())
        lines = example_toml().splitlines()
        uncommented = "\n".join(line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in lines)
        file = Path(self.mktemp())
        file.write_text(uncommented)
        self.assertEqual(Sources(file).load(), Settings())
        written = tomllib.loads(uncommented)
        count = sum(len(value) if isinstance(value, dict) else 1 for value in written.values())
        self.assertEqual(count, len(entries()))

    def test_the_page_names_every_setting(self) -> None:
        page = settings_page()
        for entry in entries().values():
            self.assertIn(f"`{entry.variable}`", page)
            self.assertIn(entry.described.doc, page)

    def test_in_force(self) -> None:
        settings = build(
            {
                ("database",): Given("postgresql://me:hush@db/x?password=hush2", "f"),
                ("sip", "t1"): Given(1, "f"),
                ("http", "listen"): Given(["tcp:1", 'unix:/a"b'], "f"),
            }
        )
        self.assertEqual(
            list(in_force(settings)),
            [
                'database = "postgresql://me:***@db/x?password=***"',
                'http.listen = ["tcp:1", "unix:/a\\"b"]',
                "sip.t1 = 1.0",
            ],
        )

    def test_without_password(self) -> None:
        for url, shown in (
            ("redis://:hush@h/0", "redis://:***@h/0"),
            ("redis://:hu/sh@h/0", "redis://:***@h/0"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("sqlite:///x", "sqlite:///x"),
            ("postgresql://u:p@q@h/d", "postgresql://u:***@h/d"),
        ):
            self.assertEqual(rules.without_password(url), shown)

    @given(st.text())
    def test_toml_value(self, text: str) -> None:
        self.assertEqual(tomllib.loads(f"x = {toml_value(text)}"), {"x": text})
