"""The log's lines."""

import io
import json
import os
import threading
import time
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.log import LONGEST_MESSAGE, MADE_LATER, LineObserver, escaped
from magroup.log_output import LogOutput
from magroup.model.clock import BEAT
from magroup.model.settings import LogSettings


class LogTestCase(SynchronousTestCase):
    """Events that are written to a text in memory."""

    def setUp(self) -> None:
        self.stream = io.StringIO()
        self.observer = LineObserver(self.stream, LogSettings(level="debug"))
        self.logger = Logger(namespace="magroup.test", observer=self.observer)  # type: ignore[arg-type]

    def configure(self, **values: Any) -> None:
        self.observer.apply(replace(LogSettings(level="debug"), **values))

    def lines(self) -> list[str]:
        text = self.stream.getvalue()
        self.assertTrue(text == "" or text.endswith("\n"))
        return text.split("\n")[:-1]

    def failure(self) -> Failure:
        try:
            raise ValueError("two\nlines")
        except ValueError:
            return Failure()


class Gathered(LogTestCase):
    """Lines that are written together."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.observer.gather(self.clock)
        self.addCleanup(self.observer.settle)

    def said(self) -> list[str]:
        return [line.rpartition(": ")[2] for line in self.lines()]

    def test_at_the_nearest_beat(self) -> None:
        self.clock.advance(0.1)
        self.logger.info("one")
        self.clock.advance(0.05)
        self.logger.debug("two")
        self.assertEqual(self.said(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.said(), ["one", "two"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_made_later(self) -> None:
        """What stays as it is: in its place among the others, and of its own time; not too many."""
        self.logger.info("zero")
        for number in range(1, MADE_LATER + 3):
            event = {"log_namespace": "magroup.test", "log_format": "{number}", "number": number, "log_lasting": True}
            self.observer({**event, "log_level": LogLevel.info, "log_time": 1000.0 + number})
        self.logger.info("{secret}", secret="hush", log_lasting=True)
        self.configure(json=True)
        self.clock.advance(BEAT)
        lines = self.lines()
        self.assertEqual(len(lines), MADE_LATER + 4)
        made_at_once, later = lines[:1] + lines[MADE_LATER:], lines[1:MADE_LATER]
        self.assertEqual([line.rpartition(": ")[2] for line in made_at_once], ["zero", "64", "65", "66", "***"])
        self.assertEqual([json.loads(line)["message"] for line in later], [str(n) for n in range(1, MADE_LATER)])
        self.assertEqual(json.loads(later[0])["time"], "1970-01-01T00:16:41.000Z")
        self.assertNotIn("log_lasting", later[0])

    def test_what_is_wrong_at_once(self) -> None:
        self.logger.info("before")
        self.logger.warn("wrong")
        self.assertEqual(self.said(), ["before", "wrong"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_of_another_thread_at_once(self) -> None:
        thread = threading.Thread(target=self.logger.info, args=("from there",))
        thread.start()
        thread.join()
        self.assertEqual(self.said(), ["from there"])

    def test_at_the_end(self) -> None:
        self.logger.info("the last but one")
        self.observer.settle()
        self.logger.info("the last")
        self.assertEqual(self.said(), ["the last but one", "the last"])
        self.assertEqual(self.clock.getDelayedCalls(), [])


class AsText(LogTestCase):
    """For people."""

    def test_worker(self) -> None:
        """Each line of one of several processes says whose it is."""
        self.observer.worker = 2
        self.logger.info("rings", call="a-1")
        self.configure(json=True)
        self.logger.info("rings")
        text, json_line = self.lines()
        self.assertIn("magroup.test worker=2 call=a-1: rings", text)
        self.assertEqual(json.loads(json_line)["worker"], 2)

    def test_parts(self) -> None:
        self.logger.info("hello {name}", name="Raf")
        (line,) = self.lines()
        self.assertRegex(line, r"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d{4} info     magroup\.test: hello Raf\Z")

    def test_call(self) -> None:
        self.logger.warn("rings", call="a-1\n")
        self.assertRegex(self.lines()[0], r"warn     magroup\.test call=a-1\\n: rings\Z")

    def test_always_one_line(self) -> None:
        self.logger.info("got {text}", text="a\r\nb\x00\x1b[31m\u2028\u202e\udc80\u0085Zürich")
        (line,) = self.lines()
        self.assertTrue(line.endswith(r": got a\r\nb\x00\x1b[31m\u2028\u202e\udc80\x85Zürich"), line)

    def test_failure(self) -> None:
        self.logger.failure("cannot do {what}", failure=self.failure(), what="it")
        (line,) = self.lines()
        self.assertRegex(line, r": cannot do it: ValueError: two\\nlines \(test_log\.py:\d+ failure\)\Z")

    def test_long(self) -> None:
        self.logger.info("{text}", text="x" * 100_000)
        self.assertLess(len(self.lines()[0]), LONGEST_MESSAGE + 100)

    def test_wrong_format(self) -> None:
        self.logger.info("{nothing.there}")
        self.assertEqual(len(self.lines()), 1)

    def test_call_in_the_format(self) -> None:
        self.logger.info("{what()} and {thing.real}", what=lambda: "called", thing=1)
        self.assertTrue(self.lines()[0].endswith(": called and 1"), self.lines())

    def zone(self, name: str | None) -> None:
        """This process's time zone from now on."""
        os.environ.pop("TZ", None)
        if name is not None:
            os.environ["TZ"] = name
        time.tzset()

    def test_moment(self) -> None:
        """Each line has its own, with the zone of that day."""
        before = os.environ.get("TZ")
        self.zone("Europe/Zurich")
        self.addCleanup(self.zone, before)
        for moment in (1_700_000_000.25, 1_700_000_000.999, 1_690_000_000.0):
            self.observer({"log_time": moment, "log_format": "x"})
        shown = [line.partition(" info")[0] for line in self.lines()]
        self.assertEqual(
            shown,
            ["2023-11-14 23:13:20.250+0100", "2023-11-14 23:13:20.999+0100", "2023-07-22 06:26:40.000+0200"],
        )

    def test_secrets(self) -> None:
        self.logger.info("{user} {password} {api_token}", user="raf", password="hush", api_token="hush")
        self.assertTrue(self.lines()[0].endswith(": raf *** ***"))

    @given(st.text())
    def test_escaped(self, text: str) -> None:
        self.assertTrue(escaped(text).isprintable())
        self.assertEqual(len(escaped(text).splitlines()), 1 if text else 0)


class AsJson(LogTestCase):
    """For machines."""

    def setUp(self) -> None:
        super().setUp()
        self.configure(json=True)

    def test_parts(self) -> None:
        self.logger.info("hello {name}", name="Raf\n", call="a-1", seconds=1.5, secret="hush", thing=object())
        (line,) = self.lines()
        fields = json.loads(line)
        self.assertRegex(fields.pop("time"), r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
        self.assertEqual(
            fields,
            {
                "level": "info",
                "namespace": "magroup.test",
                "message": r"hello Raf\n",
                "name": "Raf\n",
                "call": "a-1",
                "seconds": 1.5,
                "secret": "***",
            },
        )

    def test_failure(self) -> None:
        self.logger.failure("no", failure=self.failure())
        fields = json.loads(self.lines()[0])
        self.assertIn("raise ValueError", fields["traceback"])
        self.assertEqual(fields["level"], "critical")

    def test_fields_cannot_replace_ours(self) -> None:
        self.logger.info("x", message="forged", namespace="forged", time="never")
        fields = json.loads(self.lines()[0])
        self.assertEqual((fields["message"], fields["namespace"]), ("x", "magroup.test"))
        self.assertNotEqual(fields["time"], "never")

    @given(st.text(alphabet=st.characters()))
    def test_any_text(self, text: str) -> None:
        self.stream.seek(0)
        self.stream.truncate()
        self.logger.info("{text}", text=text, call=text)
        (line,) = self.lines()
        self.assertEqual(json.loads(line)["text"], text)


class Levels(LogTestCase):
    """What is let through."""

    def test_level(self) -> None:
        for level, count in (("debug", 5), ("info", 4), ("warn", 3), ("error", 2)):
            self.configure(level=level)
            for one in LogLevel.iterconstants():
                self.logger.emit(one, "x")
            self.assertEqual(len(self.lines()), count)
            self.stream.seek(0)
            self.stream.truncate()

    def test_twisted_is_chatty(self) -> None:
        twisted = Logger(namespace="twisted.internet.tcp", observer=self.observer)  # type: ignore[arg-type]
        self.configure(level="info")
        twisted.info("starting")
        twisted.warn("careful")
        self.configure(level="debug")
        twisted.info("started")
        self.assertEqual([line.rpartition(" ")[2] for line in self.lines()], ["careful", "started"])


class Outputs(SynchronousTestCase):
    """Where the log goes, by the options of twistd."""

    def chosen(self, json: bool = False, **options: Any) -> LogOutput:
        twistd = {"nodaemon": 1, "debug": False, "logfile": None, "syslog": 0, "logger": None, **options}
        output = LogOutput.chosen_by(twistd, LogSettings(json=json))
        if output.file is not None:
            self.addCleanup(output.file.close)
        return output

    def test_foreground(self) -> None:
        for options in ({}, {"logfile": "-"}, {"nodaemon": 0, "debug": True}):
            output = self.chosen(**options)
            self.assertEqual((output.observer is None, output.file, output.for_people), (False, None, True))
        self.assertFalse(self.chosen(json=True).for_people)

    def test_file(self) -> None:
        name = self.mktemp()
        for nodaemon in (0, 1):
            output = self.chosen(logfile=name, nodaemon=nodaemon, json=True)
            self.assertEqual((output.file is None, output.for_people), (False, bool(nodaemon)))
            assert output.observer is not None
            Logger(observer=output.observer).info("Zürich {n}", n=nodaemon)  # type: ignore[arg-type]
        with open(name, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["message"] for line in file], ["Zürich 0", "Zürich 1"])

    def test_background(self) -> None:
        self.patch(LogOutput.chosen_by.__globals__["LogFile"], "fromFullPath", lambda name: io.StringIO(name))
        output = self.chosen(nodaemon=0)
        assert output.file is not None
        self.assertEqual((output.file.getvalue(), output.for_people), ("twistd.log", False))

    def test_left_to_twistd(self) -> None:
        for options in ({"syslog": 1}, {"logger": object()}, {"nodaemon": 0, "logfile": "-"}):
            self.assertIsNone(self.chosen(**options).observer)
