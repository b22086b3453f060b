"""The lamp for messages: watched, or told unasked to phones that do not watch it."""

from dataclasses import replace
from typing import Any

from magroup.model.messages import MessagesWaiting
from magroup.sip.message import Request
from tests.switch.bench import Phone, company
from tests.switch.watching import Watch, WatchTest


def said(watch: Watch) -> list[str]:
    return [notify.body.decode() for notify in watch.told if notify.body]


class Lamp(WatchTest):
    configuration = company()

    def wait(self, new: int, old: int = 0, number: str = "1047") -> None:
        """So many messages wait now."""
        self.bench.waiting[number] = MessagesWaiting(new, old)
        self.bench.watching.message_waiting.changed(number)
        self.bench.run(0.1)

    def phone(self, number: str = "1047", status: int = 200, register: bool = True) -> tuple[Phone, list[Request]]:
        """A phone that answers NOTIFYs outside of dialogs so, and what it was told by them."""
        phone = self.bench.phone(number, register=False)
        told: list[Request] = []

        def notified(transaction: Any, request: Request, hop: object) -> None:
            told.append(request)
            if status:
                transaction.respond(request.respond(status, to_tag="x"))

        phone.endpoint.methods["NOTIFY"] = notified
        if register:
            phone.register()
        return phone, told

    def test_watched(self) -> None:
        phone, unasked = self.phone()
        watch = self.watch(phone, "message-summary", "1047", Accept="application/simple-message-summary")
        self.assertEqual(said(watch), [
            "Messages-Waiting: no\r\nMessage-Account: sip:1047@127.0.0.1\r\nVoice-Message: 0/0 (0/0)\r\n"
        ])  # fmt: skip
        self.bench.run(3)
        self.wait(2, 8)
        self.assertIn("Messages-Waiting: yes\r\n", said(watch)[1])
        self.assertIn("Voice-Message: 2/8 (0/0)\r\n", said(watch)[1])
        self.assertEqual(unasked, [])

    def test_of_others(self) -> None:
        phone, _ = self.phone("1068")
        self.assertEqual(self.watch(phone, "message-summary", "1047").status, 403)
        self.assertEqual(self.watch(phone, "message-summary", "4711").status, 404)

    def test_at_the_pilot(self) -> None:
        application = self.bench.application
        application.settings = replace(application.settings, voicemail="8000")
        self.bench.waiting["1047"] = MessagesWaiting(1)
        phone, _ = self.phone()
        watch = self.watch(phone, "message-summary", "8000")
        self.assertIn("sip:8000@127.0.0.1\r\nVoice-Message: 1/0", said(watch)[0])
        self.wait(0, 1)
        self.bench.run(1.2)
        self.assertIn("Messages-Waiting: no\r\n", said(watch)[1])

    def test_unasked(self) -> None:
        _, told = self.phone()
        self.wait(1)
        self.wait(1)
        self.wait(0, 1)
        self.assertEqual([("yes" in one.body.decode()) for one in told], [True, False])
        (first, _) = told
        self.assertEqual(first.target, "sip:1047@127.0.0.11")
        self.assertEqual((first.get("Event"), first.get("Subscription-State")), ("message-summary", "active"))
        self.assertEqual(first.get("Content-Type"), "application/simple-message-summary")
        self.assertEqual(first.body.decode().split("\r\n")[1], "Message-Account: sip:1047@magroup")

    def test_registers(self) -> None:
        """Who registers hears of new messages, unless it subscribes then; of old ones it need not hear."""
        self.bench.waiting["1047"] = MessagesWaiting(1)
        self.bench.waiting["1175"] = MessagesWaiting(0, 4)
        self.bench.waiting["1068"] = MessagesWaiting(1)
        (_, told), (_, old), (watching, asked) = self.phone(), self.phone("1175"), self.phone("1068")
        self.watch(watching, "message-summary", "1068")
        self.bench.run(3)
        self.assertEqual((len(told), len(old), len(asked)), (1, 0, 0))

    def test_phones_that_do_not_know_it(self) -> None:
        """They are not asked again, until they register anew."""
        for status in (481, 489, 405):
            phone, told = self.phone("1175", status)
            for new in (1, 2, 3):
                self.wait(new, number="1175")
            self.assertEqual(len(told), 1, status)
            phone.unregister()
            self.wait(0, number="1175")
            self.assertEqual(len(told), 1)
            phone.register()
            self.wait(5, number="1175")
            self.assertEqual(len(told), 2)
            phone.unregister()

    def test_phone_that_does_not_answer(self) -> None:
        _, told = self.phone(status=0)
        self.wait(1)
        self.wait(2)
        self.bench.run(40)
        self.assertEqual(len({one.call_id for one in told}), 1)
        self.wait(3)
        self.assertEqual(len({one.call_id for one in told}), 2)

    def test_one_at_a_time(self) -> None:
        """What changes while a NOTIFY is under way is told after it."""
        _, told = self.phone()
        self.bench.waiting["1047"] = MessagesWaiting(1)
        self.bench.watching.message_waiting.changed("1047")
        self.bench.waiting["1047"] = MessagesWaiting(2)
        self.bench.watching.message_waiting.changed("1047")
        self.bench.run()
        self.assertEqual([one.body.decode().split()[-2] for one in told], ["1/0", "2/0"])

    def test_phones_of_others(self) -> None:
        """They are told by the node at which they have registered."""
        _, told = self.phone()
        registrar = self.bench.telephony.registrar
        (one,) = registrar.bindings.contacts("1047")
        registrar.elsewhere["1047", one.contact] = "b"
        self.wait(1)
        self.assertEqual(told, [])
        del registrar.elsewhere["1047", one.contact]
        self.wait(2)
        self.assertEqual(len(told), 1)
