"""The options of twistd magroup."""

import contextlib
import io
import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.settings import Settings
from magroup.options import Options


class OptionsTests(SynchronousTestCase):
    """Command line to settings, without environment."""

    def setUp(self) -> None:
        for name in [name for name in os.environ if name.startswith("MAGROUP_")]:
            value = os.environ.pop(name)
            self.addCleanup(os.environ.__setitem__, name, value)

    def parsed(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(list(arguments))
        return options

    def refused(self, *arguments: str) -> str:
        error = self.assertRaises(SystemExit, self.parsed, *arguments)
        return str(error.code)

    def test_none(self) -> None:
        self.assertEqual(self.parsed().settings, Settings())

    def test_all(self) -> None:
        company = self.mktemp()
        Path(company).touch()
        config = self.mktemp()
        Path(config).write_text('data = "file"\nlanguage = "de"\n[http]\nlisten = ["tcp:1"]')
        options = self.parsed(
            *("--data", "d", "--config", config, "--http", "tcp:2", "--http", "tcp:3", "--sip", "udp:4"),
            *("--public-url", "https://x", "--instance", "I", "--database", "sqlite:///y", "--redis", "redis://r"),
            *("--cti", "csta:tcp:host=h:port=1", "--import", company, "--demo", "--early-media"),
        )
        settings = options.settings
        self.assertEqual((settings.data, settings.language, settings.instance), ("d", "de", "I"))
        self.assertEqual(settings.http.listen, ("tcp:2:interface=127.0.0.1", "tcp:3:interface=127.0.0.1"))
        self.assertEqual(settings.sip.listen, ("udp:127.0.0.1:4",))
        self.assertEqual((settings.public_url, settings.database), ("https://x", "sqlite:///y"))
        self.assertEqual(
            (settings.redis.url, settings.cti, settings.calls.early_media),
            ("redis://r", "csta:tcp:host=h:port=1", True),
        )
        self.assertEqual((options["import"], options["demo"]), (company, 1))

    def test_demo_listens_on_loopback_only(self) -> None:
        settings = self.parsed("--demo").settings
        self.assertEqual(settings.http.listen, ("tcp:8080:interface=127.0.0.1",))
        self.assertEqual(settings.sip.listen, ("udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"))
        self.assertEqual(settings.voicemail.pilot, "*97")
        self.assertEqual(
            self.refused("--demo", "--sip", "udp:0.0.0.0:5060"),
            "magroup: --demo: udp:0.0.0.0:5060 is not on the loopback interface",
        )

    def test_environment(self) -> None:
        config = self.mktemp()
        Path(config).write_text('data = "file"\ninstance = "file"')
        self.patch(os, "environ", {**os.environ, "MAGROUP_CONFIG": config, "MAGROUP_INSTANCE": "env"})
        settings = self.parsed().settings
        self.assertEqual((settings.data, settings.instance), ("file", "env"))
        self.assertEqual(self.parsed("--instance", "cmd").settings.instance, "cmd")

    def test_read_again(self) -> None:
        config = Path(self.mktemp())
        config.write_text('language = "de"')
        options = self.parsed("--config", str(config), "--demo", "--instance", "I")
        config.write_text('language = "fr"\ninstance = "file"')
        settings = options.read().settings()
        self.assertEqual((settings.language, settings.instance), ("fr", "I"))
        self.assertEqual(settings.http.listen, ("tcp:8080:interface=127.0.0.1",))

    def test_refused(self) -> None:
        for arguments, line in (
            (("--nope",), "option --nope not recognized"),
            (("--data",), "option --data requires argument"),
            (("--demo=1",), "option --demo must not have an argument"),
            (("hello",), "'hello' is not an option; twistd -n magroup --help lists them"),
            (("--config", "nope.toml"), "nope.toml: cannot be read: No such file or directory"),
            (("--import", "nope.toml"), "--import: nope.toml is not a file"),
            (("--sip", "udp:99999"), "--sip: sip.listen port '99999' is not a number from 0 to 65535"),
            (("--cti", "isdn"), "--cti: cti must be embedded, csta:tcp:host=HOST:port=PORT or ami:tcp:host=HOST"),
        ):
            self.assertEqual(self.refused(*arguments), f"magroup: {line}")

    def test_several_problems(self) -> None:
        self.assertEqual(len(self.refused("--cti", "isdn", "--sip", "x", "--instance", "/").splitlines()), 3)

    def test_version(self) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(self.assertRaises(SystemExit, self.parsed, "--version").code, 0)
        self.assertRegex(said.getvalue(), r"\Amagroup \d+\.\d+\.\d+\n\Z")

    def test_the_lock_takes_the_place_of_the_pid_file(self) -> None:
        for named, left in (("twistd.pid", ""), ("/run/x.pid", "/run/x.pid")):
            options = Options()
            options.parent = {"pidfile": named}
            options.parseOptions([])
            self.assertEqual(options.parent["pidfile"], left)

    def test_other_runners(self) -> None:
        """``twist`` finds the plugin too, but has none of twistd's options."""
        options = Options()
        options.parent = {"reactor": "default"}
        self.assertIn("twistd -n magroup", str(self.assertRaises(SystemExit, options.parseOptions, [])))
