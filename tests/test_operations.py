"""What comes for running it: systemd unit, container files, Prometheus rules and dashboard name only what there is."""

import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.utils import getProcessOutput
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.model.settings_reading import build, entries
from magroup.options import Options
from magroup.settings_file import CONFIG_VARIABLE
from tests.live.server import company
from tests.live.whole_server import WholeServer

TREE = Path(__file__).parents[1]
CURL = shutil.which("curl") or "curl"
RESOURCES = TREE / "resources"
UNIT = RESOURCES / "systemd/magroup.service"
CONTAINERFILE = RESOURCES / "container/Containerfile"
COMPOSE = RESOURCES / "container/compose.yaml"
SETTINGS = {entry.variable for entry in entries().values()} | {CONFIG_VARIABLE}
OF_PROMETHEUS = {"up"}
OWN = "./kamailio"
"""A folder that the administrator makes, by a copy of what comes."""


def unknown_variables(names: Iterator[str]) -> list[str]:
    """Those that are no settings."""
    return [name for name in names if name.startswith("MAGROUP_") and name not in SETTINGS]


def command_of(words: list[str]) -> Options:
    """The options of magroup in a command; a wrong one ends the test."""
    options = Options()
    options.parseOptions(words)
    return options


class UnitTests(SynchronousTestCase):
    """The systemd unit."""

    def setUp(self) -> None:
        self.values: dict[str, list[str]] = defaultdict(list)
        for line in UNIT.read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self.values[name].append(value)

    def test_command(self) -> None:
        (command,) = self.values["ExecStart"]
        program, *words = shlex.split(command)
        self.assertEqual((program, words[:2]), ("/opt/magroup/bin/twistd", ["-n", "magroup"]))
        command_of(words[2:])
        self.assertIn(f"{Path(program).parent}/pip install", UNIT.read_text())
        self.assertIn(f"cp {UNIT.relative_to(TREE)} ", UNIT.read_text())
        self.assertEqual(self.values["Type"], ["notify"])
        self.assertGreater(int(self.values["TimeoutStopSec"][0]), 5)

    def test_reload(self) -> None:
        """The shell is there always; /bin/kill is in a package that a small system does not have."""
        self.assertEqual(self.values["ExecReload"], ["/bin/sh -c 'kill -HUP $MAINPID'"])

    def test_environment(self) -> None:
        text = UNIT.read_text()
        found = [one.partition("=") for line in self.values["Environment"] for one in line.split()]
        self.assertEqual(unknown_variables(name for name, _, _ in found), [])
        self.assertEqual(unknown_variables(iter(re.findall(r"MAGROUP_\w+", text))), [])
        folder = dict((name, value) for name, _, value in found)["MAGROUP_DATA"]
        self.assertEqual(folder, f"/var/lib/{self.values['StateDirectory'][0]}")
        self.assertEqual(self.values["WorkingDirectory"], [folder])

    def test_as_systemd_reads_it(self) -> None:
        """Every line is known to it, and it finds little to be worried about."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "magroup.service"
            text = UNIT.read_text().replace(self.values["ExecStart"][0], "/bin/true")
            file.write_text(text.replace("User=magroup", "User=daemon"))
            done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            done = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", str(file)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stdout[-400:] + done.stderr)


class ContainerTests(SynchronousTestCase):
    """Containerfile and compose.yaml."""

    def setUp(self) -> None:
        lines = re.sub(r"\\\n\s*", "", CONTAINERFILE.read_text()).splitlines()
        self.instructions = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
        self.compose: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())

    def of(self, name: str) -> list[str]:
        return [value for instruction, value in self.instructions if instruction == name]

    def test_containerfile(self) -> None:
        self.assertEqual(
            {name for name, _ in self.instructions},
            {"FROM", "COPY", "RUN", "USER", "WORKDIR", "VOLUME", "ENV", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL",
             "ENTRYPOINT"},
        )  # fmt: skip
        names = [one.partition("=")[0] for line in self.of("ENV") for one in line.split()]
        self.assertEqual(unknown_variables(iter(names)), [])
        self.assertEqual(json.loads(self.of("ENTRYPOINT")[0])[1:], ["-n", "magroup"])
        json.loads(self.of("HEALTHCHECK")[0].removeprefix("CMD "))
        self.assertIn("postgresql", re.findall(r"/src\[(\w+)\]", " ".join(self.of("RUN"))))
        self.assertEqual(self.of("COPY"), [". /src", "--from=build /opt/magroup /opt/magroup"])
        for port in ("8080", "5060"):
            self.assertIn(port, self.of("EXPOSE")[0])
        # podman's own format of images has no health check.
        self.assertIn("podman build --format docker ", CONTAINERFILE.read_text())
        self.assertIn(f"-f {CONTAINERFILE.relative_to(TREE)} .", CONTAINERFILE.read_text())

    def test_what_is_left_out_of_the_image(self) -> None:
        """Nothing that the installation needs."""
        ignored = (TREE / ".dockerignore").read_text().split()
        self.assertEqual({"magroup", "resources", "sounds", "setup.py", "twisted", "README.md"} & set(ignored), set())
        self.assertLessEqual({".git", ".venv*", "magroup-data"}, set(ignored))

    def test_magroup(self) -> None:
        service = self.compose["services"]["magroup"]
        context = (COMPOSE.parent / service["build"]["context"]).resolve()
        self.assertEqual((context, context / service["build"]["dockerfile"]), (TREE, CONTAINERFILE))
        health = json.loads(self.of("HEALTHCHECK")[0].removeprefix("CMD "))
        self.assertEqual(service["healthcheck"]["test"], ["CMD", *health])
        environment = service["environment"]
        self.assertEqual(unknown_variables(iter(environment)), [])
        self.assertEqual([value for value in environment.values() if not isinstance(value, str)], [])
        settings = command_of(service["command"]).settings
        self.assertEqual(settings.redis.url, "redis://127.0.0.1:6379/0")
        self.assertIn("--port 6379", self.compose["services"]["redis"]["command"])
        folders = dict(volume.split(":")[:2] for volume in service["volumes"])
        self.assertEqual(folders["magroup-data"], self.of("WORKDIR")[0])
        self.assertIn(f"host={folders['postgresql-socket']}", settings.database)
        user = self.compose["services"]["postgresql"]["environment"]["POSTGRES_USER"]
        self.assertTrue(settings.database.startswith(f"postgresql://{user}@/"))

    def test_services_and_volumes(self) -> None:
        services = self.compose["services"]
        self.assertEqual(set(services), {"magroup", "postgresql", "redis", "kamailio"})
        self.assertLessEqual(set(services["magroup"]["depends_on"]), set(services))
        sources = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", ())}
        self.assertEqual(sources - set(self.compose["volumes"]), {OWN})
        self.assertIn(f"copy the folder resources/kamailio to {OWN}", COMPOSE.read_text())

    def test_settings_of_the_environment(self) -> None:
        """They are values that magroup takes."""
        from magroup.settings_file import Sources

        environment = self.compose["services"]["magroup"]["environment"]
        settings = build(Sources(None, environment, {}).layers().given)
        self.assertEqual((settings.log.json, settings.sip.listen), (True, ("udp:5060", "tcp:5060")))


class MetricsTests(TestCase):
    """Rules and dashboard, against a real scrape."""

    timeout = 60

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Each with where it stands."""
        for group in yaml.safe_load((RESOURCES / "grafana/alerts.yaml").read_text())["groups"]:
            for rule in group["rules"]:
                yield rule["alert"], rule["expr"]
        for panel in json.loads((RESOURCES / "grafana/dashboard.json").read_text())["panels"]:
            for target in panel["targets"]:
                yield panel["title"], target["expr"]

    async def test_names(self) -> None:
        whole = WholeServer(self, '[hep]\nto = "udp:127.0.0.1:9"\n[syslog]\nto = "udp:127.0.0.1:9"\n')
        await whole.start(company())
        text = (await getProcessOutput(CURL, ("-s", f"{whole.web}/metrics"))).decode()
        there = set(OF_PROMETHEUS)
        labels: dict[str, set[str]] = defaultdict(set)
        for family in text_string_to_metric_families(text):
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
            there |= {family.name + end for end in ends}
            for sample in family.samples:
                labels[sample.name] |= sample.labels.keys()
        wrong = [
            f"{place}: {name}"
            for place, expression in self.expressions()
            for name in re.findall(r"\b(?:magroup|process)_\w+|\bup\b", expression)
            if name not in there
        ]
        self.assertEqual(wrong, [])
        self.assertEqual(labels["magroup_part_works"], {"part"})
        self.assertEqual(labels["magroup_sent_out_messages_total"], {"to", "outcome"})
        parts = re.findall(r'magroup_part_works{part="(\w+)"} 1', text)
        self.assertLessEqual({"database", "journal", "logins", "magroup", "state"}, set(parts))

    def test_rules(self) -> None:
        """Each says what it is about, in words."""
        (group,) = yaml.safe_load((RESOURCES / "grafana/alerts.yaml").read_text())["groups"]
        for rule in group["rules"]:
            self.assertEqual(set(rule) - {"for"}, {"alert", "expr", "labels", "annotations"})
            self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
            self.assertEqual(set(rule["annotations"]), {"summary", "description"})

    def test_dashboard(self) -> None:
        """No panel over another, no number twice."""
        panels = json.loads((RESOURCES / "grafana/dashboard.json").read_text())["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        cells = [
            (x, y)
            for place in (panel["gridPos"] for panel in panels)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        self.assertEqual(len(cells), len(set(cells)))
        self.assertLess(max(x for x, _ in cells), 24)

    def test_prometheus(self) -> None:
        told = yaml.safe_load((RESOURCES / "grafana/prometheus.yml").read_text())
        self.assertEqual([(RESOURCES / "grafana" / name).exists() for name in told["rule_files"]], [True])
        (job,) = told["scrape_configs"]
        self.assertEqual((job["job_name"], job["metrics_path"]), ("magroup", "/metrics"))
