"""A line with several phones: all ring, one gets the call, and what their refusals mean together (RFC 3261 16.7)."""

from tests.switch.bench import BenchTest

ELSEWHERE = 'cancelled SIP;cause=200;text="Call completed elsewhere"'


class SeveralPhones(BenchTest):
    """Raf calls Tijana, who has three phones."""

    def setUp(self) -> None:
        super().setUp()
        self.raf = self.bench.phone("1175")
        self.phones = [self.bench.phone("1047") for _ in range(3)]
        self.bench.events.clear()

    def test_first_to_answer(self) -> None:
        talk = self.raf.dial("1047")
        for phone in self.phones:
            phone.call.ring()
        self.bench.run()
        self.phones[1].call.answer()
        self.bench.run()
        self.assertEqual([phone.call.log[0] for phone in self.phones], [ELSEWHERE, "acknowledged", ELSEWHERE])
        self.assertEqual(self.bench.told("1047"), ["Delivered 1047", "Established 1047"])
        talk.hang_up()

    def test_two_answer_at_once(self) -> None:
        """The second one is acknowledged and hung up."""
        talk = self.raf.dial("1047")
        self.phones[0].call.answer()
        self.phones[1].call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        self.assertTrue(self.phones[0].call.is_up)
        self.assertTrue(self.phones[1].call.log[-1].startswith("ended"))
        talk.hang_up()

    def test_one_busy(self) -> None:
        """Whatever one refuses with, others go on ringing."""
        for status in (486, 480, 408, 500, 404):
            talk = self.raf.dial("1047")
            self.phones[0].call.reject(status)
            self.bench.run()
            self.assertEqual(talk.log, [])
            self.phones[1].call.ring()
            self.phones[1].call.answer()
            self.bench.run()
            self.assertEqual(talk.log[-1], "answered")
            talk.hang_up()
            self.bench.run()

    def test_declined(self) -> None:
        """A 6xx is the user's own word: the others stop."""
        talk = self.raf.dial("1047")
        for phone in self.phones:
            phone.call.ring()
        self.bench.run()
        self.phones[2].call.reject(603)
        self.bench.run()
        self.assertEqual(talk.log[-1], "rejected 603")
        self.assertEqual([phone.call.log for phone in self.phones[:2]], [["cancelled"]] * 2)

    def test_all_refuse(self) -> None:
        """The caller hears what says most: busy rather than gone."""
        for statuses, told in (
            ((486, 480, 480), 486), ((480, 486, 408), 486), ((480, 500, 408), 500), ((408, 480, 503), 408),
            ((404, 486, 480), 486), ((488, 488, 486), 486),
        ):  # fmt: skip
            talk = self.raf.dial("1047")
            for phone, status in zip(self.phones, statuses, strict=True):
                phone.call.reject(status)
                self.bench.run()
            self.assertEqual(talk.log, [f"rejected {told}"])

    def test_caller_gives_up(self) -> None:
        talk = self.raf.dial("1047")
        for phone in self.phones:
            phone.call.ring()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertEqual([phone.call.log for phone in self.phones], [["cancelled"]] * 3)

    def test_one_is_unplugged(self) -> None:
        """It costs the others nothing, and its INVITE ends when another answers."""
        self.phones[0].unplug()
        talk = self.raf.dial("1047")
        self.phones[1].call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
