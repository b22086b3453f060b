"""``python -m magroup load``: what is refused before anything is sent, and what is printed."""

import contextlib
import io
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.load import load, options_of, read_scenario, shares_of
from magroup.load.settings_text import settings_text

SCENARIO = '[[phones]]\nnumbers = "2000-2001"\nsecret = "x\\"{number}"\n'


class LoadCommand(SynchronousTestCase):
    """Exit code, standard output, standard error."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.file = folder / "a.toml"
        self.file.write_text(SCENARIO)

    def said(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = load(arguments)
        return code, out.getvalue(), err.getvalue()

    def refused(self, *arguments: str) -> str:
        code, out, err = self.said(*arguments)
        self.assertEqual((code, out), (2, ""))
        self.assertTrue(err.startswith("magroup: "), err)
        return err.removeprefix("magroup: ").rstrip("\n")

    def test_help(self) -> None:
        code, out, _ = self.said("--help")
        self.assertEqual(code, 0)
        for name in ("plain", "manager", "registrations", "day"):
            self.assertIn(name, out)

    def test_settings(self) -> None:
        self.assertEqual(self.said("--settings"), (0, settings_text(), ""))

    def test_company(self) -> None:
        code, out, _ = self.said(str(self.file), "--company")
        self.assertEqual(code, 0)
        self.assertIn('[[lines]]\nnumber = "2001"\nsecret = "x\\"2001"\n', out)

    def test_refused(self) -> None:
        file = str(self.file)
        self.assertEqual(self.refused(), "a scenario is needed; python -m magroup load --help")
        self.assertEqual(self.refused("nope"), "nope cannot be read: No such file or directory")
        self.assertEqual(self.refused("--x"), "unrecognized arguments: --x")
        self.assertEqual(self.refused(file, "--seconds", "-1"), f"{file}: run.seconds: expected `float` >= 0.1")
        self.assertEqual(self.refused(file, "--workers", "65"), f"{file}: run.workers: expected `int` <= 64")
        self.assertEqual(self.refused(file, "--against", "x"),
                         f"{file}: server.sip: 'x' is no address such as sip:127.0.0.1:5060 (Bad URI x)")  # fmt: skip
        self.assertIn("no such host nowhere.invalid", self.refused(file, "--against", "sip:nowhere.invalid"))

    def test_network(self) -> None:
        self.file.write_text(f'{SCENARIO}[network]\naddresses = ["::1"]\n')
        self.assertEqual(self.refused(str(self.file)), "network.addresses: ::1 cannot reach 127.0.0.1")
        self.file.write_text(f'{SCENARIO}[network]\nrtp_ports = "40000-40007"\n')
        self.assertEqual(self.refused(str(self.file), "--workers", "4"),
                         "network.rtp_ports: 40000-40007 is too little for 4 workers")  # fmt: skip

    def test_models(self) -> None:
        more = '[server]\nweb = "http://h"\n[[cisco_phones]]\ndevices = "SEP1"\npath = "/"\nmodel = "1"\n'
        self.file.write_text(f"{SCENARIO}{more}")
        self.assertRegex(self.refused(str(self.file)), "cisco_phones: 1 is no model; there are ")

    def test_shares(self) -> None:
        """Options go before the file."""
        options = options_of([str(self.file), "--against", "sips:localhost:5099", "--workers", "3", "--pid", "7"])
        assert not isinstance(options, int)
        _, scenario = read_scenario(options)
        shares = shares_of(scenario)
        self.assertEqual([(share.worker, share.workers) for share in shares], [(0, 3), (1, 3), (2, 3)])
        first = shares[0]
        self.assertEqual((first.transport, first.port, first.domain), ("tls", 5099, "localhost"))
        self.assertIn(first.host, ("127.0.0.1", "::1"))
        self.assertEqual(scenario.server.pid, 7)
