"""Settings from file, environment and command line."""

import os
from importlib.util import find_spec
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup import settings_file
from magroup.model.settings import Settings
from magroup.model.settings_reading import Given, SettingsError
from magroup.settings_file import Sources


class Reading(SynchronousTestCase):
    """One source at a time, and all of them."""

    def file(self, content: str | bytes) -> Path:
        file = Path(self.mktemp())
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def lines(self, sources: Sources) -> list[str]:
        """What is said of wrong sources, the file being called F."""
        error = self.assertRaises(SettingsError, sources.load)
        return str(error).replace(str(sources.file), "F").splitlines()

    def test_nothing(self) -> None:
        self.assertEqual(Sources().load(), Settings())

    def test_file(self) -> None:
        settings = Sources(self.file('instance = "A"\n[sip]\nt1 = 1\nlisten = ["udp:1"]\n[log]\njson = true')).load()
        self.assertEqual(
            (settings.instance, settings.sip.t1, settings.sip.listen, settings.log.json), ("A", 1.0, ("udp:1",), True)
        )

    def test_environment(self) -> None:
        settings = Sources(
            environment={
                "MAGROUP_INSTANCE": "A",
                "MAGROUP_SIP_MESSAGE_LIMIT": "4096",
                "MAGROUP_SIP_T1": "0.25",
                "MAGROUP_SIP_LISTEN": "udp:1, tcp:1",
                "MAGROUP_HTTP_TRUSTED_PROXIES": "",
                "MAGROUP_LOG_JSON": "Yes",
                "MAGROUP_REST_LOOPBACK_WITHOUT_LOGIN": "0",
            }
        ).load()
        self.assertEqual((settings.instance, settings.sip.message_limit, settings.sip.t1), ("A", 4096, 0.25))
        self.assertEqual((settings.sip.listen, settings.http.trusted_proxies), (("udp:1", "tcp:1"), ()))
        self.assertEqual((settings.log.json, settings.rest.loopback_without_login), (True, False))

    def test_the_stronger_source(self) -> None:
        file = self.file('data = "f"\ninstance = "f"\nlanguage = "fr"')
        environment = {"MAGROUP_DATA": "e", "MAGROUP_INSTANCE": "e"}
        settings = Sources(file, environment, {("data",): Given("c", "--data")}).load()
        self.assertEqual((settings.data, settings.instance, settings.language), ("c", "e", "fr"))

    def test_lines_of_the_file(self) -> None:
        file = self.file(
            'insance = "A"\n\n# a comment\n[sip]\n  message_limit = 1\n[ log ]\njson = 1\n\n[foo.bar]\nx = 1\n[[rtp]]\n'
        )
        self.assertEqual(
            self.lines(Sources(file)),
            [
                "F, line 1: insance is not a setting; did you mean instance?",
                "F, line 5: sip.message_limit must be from 2048 to 1048576 bytes",
                "F, line 7: log.json must be true or false",
                "F: foo is not a setting",
                "F: rtp is a table of settings, written [rtp]",
            ],
        )

    def test_dotted_keys(self) -> None:
        self.assertEqual(Sources(self.file("sip.t1 = 2")).load().sip.t1, 2)
        self.assertEqual(self.lines(Sources(self.file("\nsip.t1 = 9"))), ["F, line 2: sip.t1 must be from 0.05 to 5 s"])

    def test_tables_within_tables(self) -> None:
        (line,) = self.lines(Sources(self.file("[sip.t1]\nx = 1")))
        self.assertEqual(line, "F, line 1: sip.t1 must be a number")

    def test_no_toml(self) -> None:
        self.assertEqual(self.lines(Sources(self.file("a = 1\nb = \n"))), ["F, line 2: Invalid value"])
        self.assertEqual(self.lines(Sources(self.file("a = 1\na = 2"))), ["F, line 2: Cannot overwrite a value"])
        self.assertEqual(self.lines(Sources(self.file(b"a = '\xff'"))), ["F: is not UTF-8 text"])
        self.assertEqual(self.lines(Sources(self.file("a = " + "[" * 100_000))), ["F: is nested too deeply"])
        self.assertEqual(self.lines(Sources(self.file("#" * (1 << 20) + "#"))), ["F: is larger than 1048576 bytes"])
        self.assertEqual(len(self.lines(Sources(self.file("a = " + "9" * 5000)))), 1)

    def test_no_file(self) -> None:
        self.assertEqual(self.lines(Sources(Path(self.mktemp()))), ["F: cannot be read: No such file or directory"])
        folder = Path(self.mktemp())
        folder.mkdir()
        self.assertEqual(self.lines(Sources(folder)), ["F: cannot be read: Is a directory"])

    def test_problems_of_all_sources_at_once(self) -> None:
        sources = Sources(
            self.file("x ="),
            {"MAGROUP_SIP_T1": "fast", "MAGROUP_LOG_JSON": "maybe"},
            {("cti",): Given("x", "--cti")},
        )
        self.assertEqual(
            self.lines(sources),
            [
                "F, line 1: Invalid value",
                "MAGROUP_SIP_T1: sip.t1 must be a number",
                "MAGROUP_LOG_JSON: log.json must be true or false",
                "--cti: cti must be embedded, csta:tcp:host=HOST:port=PORT or ami:tcp:host=HOST",
            ],
        )

    def test_meaningless_variables(self) -> None:
        sources = Sources(environment={"MAGROUP_DATA": "x", "MAGROUP_CONFIG": "y", "MAGROUP_PORT": "z", "PATH": "p"})
        self.assertEqual(sources.ignored(), ["MAGROUP_PORT"])

    def test_missing_extra(self) -> None:
        def nothing_but(name: str) -> object:
            return None if name == "psycopg" else find_spec(name)

        self.patch(settings_file, "find_spec", nothing_but)
        self.assertEqual(
            self.lines(Sources(self.file('\ndatabase = "postgresql://h/d"'))),
            ["F, line 2: database: PostgreSQL needs more packages: pip install 'magroup[postgresql]'"],
        )
        self.assertEqual(Sources(self.file('database = "sqlite:///x"')).load().database, "sqlite:///x")

    @given(st.binary(max_size=200) | st.text(alphabet="[]\"'=.#\n\\{}siptlog1 ", max_size=200).map(str.encode))
    def test_any_file(self, content: bytes) -> None:
        file = Path("any.toml")
        file.write_bytes(content)
        try:
            Sources(file).load()
        except SettingsError as error:
            for line in str(error).splitlines():
                self.assertTrue(line.startswith("any.toml"), line)
        finally:
            os.remove(file)
