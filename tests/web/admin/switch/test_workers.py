"""The tab Switch of a server with several processes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from magroup.model.lines import Registration
from magroup.model.standing import (
    Answers,
    Defence,
    Held,
    Layer,
    Registered,
    Strain,
    StreamStanding,
    WorkerStanding,
)
from magroup.web.admin.switch.registrations import REGISTRATIONS
from tests.web.admin.site import rows
from tests.web.admin.switch.site import PBX, START, SwitchCase, SwitchWeb, registration

FIRST = WorkerStanding(1, 4711, START - 3600.0, 360.0, 130 << 20, 2, 1, 1, 100, 0, 3)
SECOND = WorkerStanding(2, 4712, START - 60.0, 6.0, 120 << 20, 5, 2, 2, 100, 1, 4, ("journal: cannot be written",))
HELD = Held(
    Defence({"scanner": 3}, 7, {"hour": 2}, 9), Strain(0.2, 0.5, START - 30.0, {"INVITE": 4}, 2), {"1071": 1.8e9}, {}
)  # fmt: skip
STREAM = StreamStanding("b-1", "1072", ("Welcome.wav",), False, "PCMA", "h 1", "h 2", 10, 0, 0)


class Workers:
    """This one and two more, of which the third does not answer."""

    numbers = (1, 2, 3)

    def __init__(self) -> None:
        self.unlocked: list[str] = []

    async def all(self) -> Sequence[WorkerStanding]:
        return FIRST, SECOND

    async def streams(self, most: int) -> Sequence[StreamStanding]:
        return (STREAM,)

    async def held(self) -> Sequence[Held]:
        nothing = Held(Defence({"scanner": 1}, 0, {}, 1), Strain(0.0, 0.0, 0.0, {"INVITE": 1}, 1), {}, {})
        return nothing, HELD

    async def trunk_calls(self) -> Mapping[int, int]:
        return {PBX.id: 6}

    async def unlock(self, line: str) -> bool:
        self.unlocked.append(line)
        return True

    async def layers(self, number: int) -> Sequence[Layer]:
        return (Layer("calls", "Calls", 5),) if number == 2 else ()

    async def layer(self, number: int, name: str, most: int) -> Layer | None:
        return Layer(name, "Calls", 5, ("<b-1>",)) if (number, name) == (2, "calls") else None

    async def phones(self, registrations: Iterable[Registration]) -> Mapping[tuple[str, str], Registered]:
        return {
            (one.number, one.contact): Registered(one, START - 900.0, Answers.YES, START - 20.0)
            for one in registrations if one.number == "1072"
        }  # fmt: skip


class SeveralProcesses(SwitchCase):
    def setUp(self) -> None:
        self.workers = Workers()
        self.patch(SwitchWeb, "workers", self.workers)
        super().setUp()

    def test_overview(self) -> None:
        """Each with what it has; the rest is of all."""
        page = self.browser.page("switch")
        first, second, third, trunk, stream = rows(page)
        self.assertEqual(
            first, ["1", "runs", "60 min", "2", "0", "1", "3", "6 min 10 %", "130 MiB", "4711"]
        )  # fmt: skip
        self.assertEqual(second[1:3], ["not ready: journal: cannot be written", "60 s"])
        self.assertEqual(third[1], "does not answer: a worker that has ended is started again")
        self.assertEqual((trunk[0], trunk[-1]), ("PBX", "6"))
        self.assertEqual(stream[0], "1072b-1")
        tiles = [" ".join(tile.xpath("./dt/text() | ./dd//text()")) for tile in page.xpath("//dl[@id='figures']/div")]
        tiles = [" ".join(tile.split()) for tile in tiles]
        self.assertEqual(tiles[0], "Calls 7")
        self.assertEqual(tiles[3:5], ["Streams of sound 3", "RTP port pairs taken 3 of 200"])
        self.assertEqual(tiles[5], "Messages wait 200 ms at most")
        self.assertIn("Overload for 30 s: 50 %", page.xpath("string(//main)"))
        self.assertIn("lost since the start: 3.", page.xpath("string(//main)"))
        self.assertIn("since the start: 5 new calls", page.xpath("string(//main)"))

    def test_registrations(self) -> None:
        """Whether a phone answers is known by the one that asks it."""
        self.web.register(registration("1071"), registration("1072", received=("192.0.2.2", 5060)))
        first, second = rows(self.browser.page(REGISTRATIONS))
        self.assertIn("not asked yet", first[1])
        self.assertEqual(second[1], "answers20 s ago")

    def test_attacks(self) -> None:
        page = self.browser.page("switch/bans")
        text = " ".join(page.xpath("string(//main)").split())
        self.assertIn("4 bans since the start: 4 for scanner. 7 datagrams", text)
        self.assertIn("10 made since the start", text)
        (line,) = rows(page)
        self.assertEqual(line[0], "1071")
        (form,) = page.xpath("//main//form[@method='post']")
        self.done(self.browser.send(form.get("action"), dict(form.form_values())), "lifted")
        self.assertEqual(self.workers.unlocked, ["1071"])

    def test_layers(self) -> None:
        """Of one at a time; one that does not answer, and numbers that there are not."""
        page = self.browser.page("switch/layers?of=calls&worker=2")
        self.assertEqual(page.xpath("//pre")[0].text_content().strip(), "<b-1>")
        self.assertEqual(page.xpath("//nav//a[@aria-current]/text()")[-1], "Worker 2")
        self.assertIn("worker=2", page.xpath("//ul[@id='layers']//a/@href")[0])
        self.assertIn("Worker 3 does not answer", self.browser.at("switch/layers?of=calls&worker=3").text)
        self.assertEqual(self.browser.at("switch/layers?of=nothing&worker=2").code, 404)
        for number in ("0", "4", "x", "%C2%B2", "1"):
            self.assertIn("Transports", self.browser.at(f"switch/layers?worker={number}").text)

    def test_one_process(self) -> None:
        self.patch(SwitchWeb, "workers", None)
        self.begin(replace(self.web.current.value))
        for page in ("switch", "switch/layers"):
            self.assertNotIn("Worker", self.browser.at(page).text)
