"""The real ``twistd -n magroup``: starts, refusals, signals, exit codes."""

import json
import os
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

from twisted.trial.unittest import SynchronousTestCase

from tests.server_process import ServerProcess, environment, run_to_end

HTTP = ("--http", "tcp:0:interface=127.0.0.1")
SIP = ("--sip", "udp:127.0.0.1:0")


class ServiceTestCase(SynchronousTestCase):
    """Each test in a folder of its own, which is the server's current folder."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()

    def server(self, *arguments: str, **extra: str) -> ServerProcess:
        server = ServerProcess(["-n", "magroup", *HTTP, *SIP, *arguments], self.folder, env=environment(**extra))
        self.addCleanup(server.__exit__)
        return server

    def refused(self, *arguments: str, **extra: str) -> list[str]:
        """The lines of a start that is to fail."""
        code, output = run_to_end(["-n", "magroup", *arguments], self.folder, **extra)
        self.assertEqual(code, 1, output)
        self.assertNotIn("Traceback", output)
        return output.splitlines()


class Starting(ServiceTestCase):
    """What is told, and what is left behind."""

    def test_start_and_end(self) -> None:
        server = self.server()
        address = server.web_address()
        with urlopen(f"{address}readyz", timeout=30) as answer:
            self.assertEqual(answer.read(), b"ready\n")
        data = self.folder / "magroup-data"
        self.assertEqual(data.stat().st_mode & 0o777, 0o700)
        self.assertEqual((data / "magroup.lock").read_text(), f"{server.process.pid}\n")
        server.process.terminate()
        self.assertEqual(server.ended(), -signal.SIGTERM)
        self.assertIn("magroup stops", server.output)
        self.assertNotIn("Traceback", server.output)
        self.assertEqual(os.listdir(self.folder), ["magroup-data"])
        self.assertEqual((data / "magroup.lock").read_text(), "")

    def test_several_endpoints(self) -> None:
        server = self.server("--http", "unix:web.sock")
        self.assertTrue(server.web_address().startswith("http://127.0.0.1:"))
        self.assertIn("unix socket", server.until("unix"))
        self.assertTrue((self.folder / "web.sock").is_socket())

    def test_log_as_json(self) -> None:
        server = self.server(MAGROUP_LOG_JSON="yes", MAGROUP_NONSENSE="1")
        server.until("ready")
        server.process.terminate()
        server.ended()
        messages = [json.loads(line)["message"] for line in server.output.splitlines()]
        self.assertIn("environment variable MAGROUP_NONSENSE means nothing to magroup, ignored", messages)

    def test_log_file(self) -> None:
        ports = ["--sip", "udp:127.0.0.1:0", "--http", "ssl:0:privateKey=no.pem"]
        code, output = run_to_end(["-n", "-l", "log", "magroup", *ports], self.folder)
        self.assertEqual((code, output), (1, ""))
        self.assertIn("cannot listen on ssl:0:privateKey=no.pem: ", (self.folder / "log").read_text())


class Refusals(ServiceTestCase):
    """One line, exit 1, nothing started."""

    def test_options(self) -> None:
        self.assertEqual(self.refused("--nope"), ["magroup: option --nope not recognized"])
        self.assertEqual(
            self.refused("--sip", "x"),
            ["magroup: --sip: sip.listen 'x' is not of the form " + SIP_FORMS],
        )
        self.assertEqual(os.listdir(self.folder), [])

    def test_configuration(self) -> None:
        (self.folder / "c.toml").write_text("[sip]\nt1 = 9\n[log]\nlevel = 1\n")
        self.assertEqual(
            self.refused("--config", "c.toml", MAGROUP_LANGUAGE="xx"),
            [
                "magroup: c.toml, line 2: sip.t1 must be from 0.05 to 5 s",
                "magroup: c.toml, line 4: log.level must be a text",
                "magroup: MAGROUP_LANGUAGE: language must be one of en, de, fr",
            ],
        )

    def test_data_folder(self) -> None:
        self.assertEqual(
            self.refused("--data", "/proc/none"),
            ["magroup: data folder /proc/none cannot be used: No such file or directory"],
        )
        server = self.server()
        server.web_address()
        self.assertEqual(
            self.refused(*HTTP, *SIP),
            [f"magroup: data folder {self.folder}/magroup-data is in use by process {server.process.pid}"],
        )
        server.process.kill()
        server.ended()
        self.server().web_address()

    def test_port(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            lines = self.refused("--http", f"tcp:{port}:interface=127.0.0.1", *SIP)
        said = [line for line in lines if " critical " in line]
        self.assertEqual(len(said), 1, lines)
        self.assertTrue(said[0].endswith(f": cannot listen on 127.0.0.1 port {port}: Address already in use"))
        self.assertNotIn("is ready", "".join(lines))

    def test_endpoint(self) -> None:
        lines = self.refused("--http", "ssl:0:privateKey=none.pem", *SIP)
        self.assertEqual(len([line for line in lines if "cannot listen on ssl:0:privateKey=none.pem: " in line]), 1)


class Signals(ServiceTestCase):
    """SIGHUP."""

    def test_reload(self) -> None:
        config = self.folder / "c.toml"
        config.write_text("")
        server = self.server("--config", "c.toml")
        address = server.web_address()
        config.write_text('instance = "Other"\n[log]\njson = true')
        server.process.send_signal(signal.SIGHUP)
        self.assertEqual(json.loads(server.until("reloaded"))["message"], "configuration reloaded: 2 settings changed")
        self.assertEqual(json.loads(server.until("next start"))["message"], "at the next start only: instance")
        config.write_text("[log]\njson = 1")
        server.process.send_signal(signal.SIGHUP)
        message = json.loads(server.until("reloaded"))["message"]
        self.assertEqual(message, "configuration not reloaded: c.toml, line 2: log.json must be true or false")
        with urlopen(f"{address}healthz", timeout=30) as answer:
            self.assertEqual(answer.status, 200)


SIP_FORMS = "udp:5060, tcp:127.0.0.1:5060 or tls:5061:cert=FILE:key=FILE"
