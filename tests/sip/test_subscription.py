"""Subscriptions by the rules of RFC 6665: what is granted, what is told and when, and when it is over."""

from magroup.sip.message import Request
from tests.sip.watching import WatchingTestCase


class Subscribing(WatchingTestCase):
    """SUBSCRIBE and its answers (section 4.2.1)."""

    def test_accepted_and_told_at_once(self) -> None:
        self.assertEqual(self.subscribe(expires="300"), 200)
        answer = self.watcher.answered
        self.assertEqual(answer.get("Expires"), "300")
        self.assertTrue(answer.to.tag)
        self.assertIn("sip:1047@192.0.2.1", answer.get("Contact"))
        (notify,) = self.watcher.notifies
        self.assertEqual(notify.target, "sip:w@192.0.2.9")
        self.assertEqual(notify.get("Event"), "colour")
        self.assertEqual(notify.get("Subscription-State"), "active;expires=300")
        self.assertEqual(notify.get("Content-Type"), "text/colour")
        self.assertEqual((notify.from_.tag, notify.to.tag), (answer.to.tag, "w"))
        self.assertEqual(notify.cseq, (1, "NOTIFY"))
        self.assertEqual(notify.body, b"0 None red")

    def test_the_answer_goes_before_the_notify(self) -> None:
        self.subscribe()
        self.assertEqual(self.watcher.got(), ["200 SUBSCRIBE", "NOTIFY"])

    def test_event_id_is_repeated(self) -> None:
        self.subscribe(event="colour;id=7")
        self.assertEqual(self.watcher.notifies[0].get("Event"), "colour;id=7")

    def test_expires(self) -> None:
        for expires, status, granted in (
            ("", 200, "600"), ("60", 200, "60"), ("59", 423, ""), ("1", 423, ""), ("9999999", 200, "3600"),
            ("-1", 400, ""), ("soon", 400, ""), ("99999999999", 400, ""),
        ):  # fmt: skip
            self.assertEqual(self.subscribe(expires=expires, call_id=f"c{expires}"), status, expires)
            self.assertEqual(self.watcher.answered.get("Expires"), granted)
            if status == 423:
                self.assertEqual(self.watcher.answered.get("Min-Expires"), "60")

    def test_refused(self) -> None:
        for wrong, status in (
            ({"event": "noise"}, 489), ({"event": ""}, 489), ({"event": "colour.winfo"}, 489),
            ({"event": "colour\nEvent: colour"}, 400), ({"event": f"colour;id={'7' * 65}"}, 400),
            ({"number": "4711"}, 404), ({"number": "secret"}, 403), ({"caller": "nobody"}, 401),
            ({"contact": ""}, 400), ({"contact": "<tel:7>"}, 400), ({"contact": "*"}, 400),
            ({"more": "Accept: text/plain"}, 406), ({"more": "Require: teleport"}, 420), ({"to_tag": "x"}, 481),
        ):  # fmt: skip
            self.assertEqual(self.subscribe(**wrong), status, wrong)  # type: ignore[arg-type]
        self.assertEqual(self.watcher.notifies, [])
        self.assertEqual(len(self.notifier), 0)

    def test_bad_event_names_the_good_ones(self) -> None:
        self.subscribe(event="noise")
        self.assertEqual(self.watcher.answered.get("Allow-Events"), "colour")

    def test_accept(self) -> None:
        for at, accept in enumerate(("text/colour", "text/plain, TEXT/Colour;q=0.3", "text/*", "*/*")):
            self.assertEqual(self.subscribe(more=f"Accept: {accept}", call_id=f"c{at}"), 200, accept)
        self.subscribe(more="Accept: text/plain")
        self.assertEqual(self.watcher.answered.get("Accept"), "text/colour")

    def test_event_without_case(self) -> None:
        self.assertEqual(self.subscribe(event="Colour"), 200)

    def test_through_a_proxy(self) -> None:
        self.subscribe(more="Record-Route: <sip:192.0.2.9;lr>", contact="<sip:w@198.51.100.1>")
        self.assertEqual(self.watcher.answered.get("Record-Route"), "<sip:192.0.2.9;lr>")
        notify = self.watcher.notifies[0]
        self.assertEqual((notify.get("Route"), notify.target), ("<sip:192.0.2.9;lr>", "sip:w@198.51.100.1"))

    def test_fetch(self) -> None:
        self.assertEqual(self.subscribe(expires="0"), 200)
        self.assertEqual(self.watcher.answered.get("Expires"), "0")
        self.assertEqual(self.watcher.told(), ["terminated;reason=timeout 0 None red"])
        self.assertEqual(len(self.notifier), 0)


class InTheDialog(WatchingTestCase):
    """Refreshing and unsubscribing."""

    def test_refresh(self) -> None:
        self.subscribe(expires="100")
        self.run_for(90)
        self.assertEqual(self.subscribe(cseq=2, to_tag=self.tag(), expires="200"), 200)
        self.run_for(150)
        self.paint("green")
        self.assertEqual(self.watcher.told(), ["active 0 None red", "active 1 red red", "active 2 red green"])
        self.assertEqual(self.watcher.notifies[2].get("Subscription-State"), "active;expires=50")

    def test_target_refresh(self) -> None:
        self.subscribe()
        other = self.new_watcher("192.0.2.10")
        self.subscribe(cseq=2, to_tag=self.tag(), contact="<sip:new@192.0.2.10>", watcher=other)
        self.assertEqual(other.notifies[0].target, "sip:new@192.0.2.10")

    def test_unsubscribe(self) -> None:
        self.subscribe()
        self.assertEqual(self.subscribe(cseq=2, to_tag=self.tag(), expires="0"), 200)
        self.assertEqual(self.watcher.told()[1:], ["terminated;reason=timeout 1 red red"])
        self.paint("green")
        self.assertEqual(len(self.watcher.notifies), 2)
        self.assertEqual(self.subscribe(cseq=3, to_tag=self.tag()), 481)

    def test_expired(self) -> None:
        self.subscribe(expires="60")
        self.run_for(61)
        self.assertEqual(self.watcher.told()[1:], ["terminated;reason=timeout"])
        self.assertEqual(self.subscribe(cseq=2, to_tag=self.tag()), 481)

    def test_refused(self) -> None:
        self.subscribe()
        tag = self.tag()
        for wrong, status in (
            ({"cseq": 1}, 500), ({"cseq": 3, "event": "noise"}, 489), ({"cseq": 4, "caller": "1001"}, 403),
            ({"cseq": 5, "caller": "nobody"}, 401), ({"cseq": 6, "expires": "5"}, 423),
            ({"cseq": 7, "method": "INFO"}, 405), ({"cseq": 8, "call_id": "other"}, 481),
        ):  # fmt: skip
            self.assertEqual(self.subscribe(to_tag=tag, **wrong), status, wrong)  # type: ignore[arg-type]
        self.assertEqual(len(self.watcher.notifies), 1)
        self.assertEqual(len(self.notifier), 1)

    def test_repeated_subscribe_is_one(self) -> None:
        """The same request again over UDP is answered again, and tells nothing anew."""
        self.subscribe()
        self.number -= 1
        self.subscribe()
        self.assertEqual(self.watcher.got(), ["200 SUBSCRIBE", "NOTIFY", "200 SUBSCRIBE"])


class Notifying(WatchingTestCase):
    """When what is told (section 4.2.2)."""

    def test_change_is_told_at_once(self) -> None:
        self.subscribe()
        self.run_for(5)
        self.paint("green")
        self.assertEqual(self.watcher.told(), ["active 0 None red", "active 1 red green"])

    def test_changes_in_a_hurry_are_told_together(self) -> None:
        self.subscribe()
        self.run_for(5)
        for colour in ("green", "white", "black"):
            self.paint(colour)
        self.assertEqual(len(self.watcher.notifies), 2)
        self.run_for(1.9)
        self.assertEqual(len(self.watcher.notifies), 2)
        self.run_for(0.2)
        self.assertEqual(self.watcher.told()[2:], ["active 2 green black"])

    def test_there_and_back_is_nothing(self) -> None:
        self.subscribe()
        self.paint("green")
        self.paint("red")
        self.run_for(10)
        self.assertEqual(len(self.watcher.notifies), 1)

    def test_another_resource(self) -> None:
        self.subscribe()
        self.run_for(5)
        self.paint("green", "1175")
        self.assertEqual(len(self.watcher.notifies), 1)

    def test_one_at_a_time(self) -> None:
        self.watcher.answer = 0
        self.subscribe()
        self.run_for(3)
        self.paint("green")
        self.subscribe(cseq=2, to_tag=self.tag())
        self.paint("white")
        numbers = {notify.cseq[0] for notify in self.watcher.notifies}
        self.assertEqual(numbers, {1})
        self.watcher.answer = 200
        self.run_for(5)
        self.assertEqual(self.watcher.told()[-1], "active 1 red white")
        self.assertEqual({notify.cseq[0] for notify in self.watcher.notifies}, {1, 2})

    def test_unsubscribe_while_one_is_under_way(self) -> None:
        self.watcher.answer = 0
        self.subscribe()
        self.subscribe(cseq=2, to_tag=self.tag(), expires="0")
        self.assertEqual(self.subscribe(cseq=3, to_tag=self.tag()), 481)
        self.assertEqual(len(self.watcher.told()), 1)
        self.watcher.answer = 200
        self.run_for(1)
        self.assertEqual(self.watcher.told()[-1], "terminated;reason=timeout 1 red red")

    def test_gone_at_the_watcher(self) -> None:
        for status in (481, 489, 404, 403, 401, 500, 603):
            self.watcher.answer = status
            self.subscribe(call_id=f"c{status}")
            self.assertEqual(len(self.notifier), 0, status)

    def test_no_answer(self) -> None:
        self.watcher.answer = 0
        self.subscribe()
        self.run_for(33)
        self.assertEqual(len(self.notifier), 0)

    def test_try_again_later(self) -> None:
        """503 with Retry-After: once more after it, with what is so then, and not for ever."""
        self.watcher.answer, self.watcher.retry_after = 503, "10"
        self.subscribe()
        self.run_for(9)
        self.paint("green")
        self.assertEqual(len(self.watcher.notifies), 1)
        self.watcher.answer = 200
        self.run_for(2)
        self.assertEqual(self.watcher.told()[1:], ["active 1 None green"])
        self.watcher.answer = 503
        self.paint("white")
        self.run_for(100)
        self.assertEqual(len(self.watcher.notifies), 2 + 4)
        self.assertEqual(len(self.notifier), 0)


class OverTcp(WatchingTestCase):
    """Over a connection, in both directions."""

    transport = "tcp"

    def test_told(self) -> None:
        self.assertEqual(self.subscribe(contact=f"<sip:w@192.0.2.9:5060;transport={self.transport}>"), 200)
        self.assertEqual(self.watcher.told(), ["active 0 None red"])
        self.assertIn(f"transport={self.transport}", self.watcher.notifies[0].get("Contact"))
        self.assertEqual(self.subscribe(cseq=2, to_tag=self.tag(), expires="0"), 200)
        self.assertEqual(self.watcher.told()[1:], ["terminated;reason=timeout 1 red red"])


class OverTls(OverTcp):
    transport = "tls"


class Table(WatchingTestCase):
    """Limits, configuration, the end."""

    def test_of_a_line(self) -> None:
        for at in range(4):
            self.assertEqual(self.subscribe(call_id=f"c{at}", number="1175"), 200)
        self.assertEqual(self.subscribe(call_id="c5"), 403)
        self.assertEqual(self.subscribe(call_id="c5", expires="0"), 200)
        self.assertEqual(self.subscribe(call_id="c6", caller="1001"), 200)

    def test_a_phone_that_was_started_anew(self) -> None:
        """It is told at the new dialogs, and its old ones are forgotten when there are too many."""
        for at in range(20):
            self.assertEqual(self.subscribe(call_id=f"c{at}"), 200)
        self.assertEqual(len(self.notifier), 4)

    def test_in_all(self) -> None:
        for at in range(6):
            self.assertEqual(self.subscribe(call_id=f"c{at}", caller=f"100{at}"), 200)
        self.assertEqual(self.subscribe(call_id="c7", caller="1007"), 503)
        self.assertEqual(self.watcher.answered.get("Retry-After"), "60")

    def test_flood(self) -> None:
        """A phone that subscribes over and over costs no memory beyond what a line may have, and is served later."""
        for at in range(200):
            self.subscribe(call_id=f"c{at}")
        self.assertEqual(self.watcher.statuses.count(200), 58)
        self.assertEqual(self.watcher.answered.get("Retry-After"), "10")
        self.assertEqual(len(self.notifier), 4)
        self.assertEqual(len(self.server.layer.servers), 58)
        self.assertEqual(self.subscribe(call_id="other", caller="1001"), 200)
        self.run_for(10)
        self.assertEqual(self.subscribe(call_id="late"), 200)

    def test_flood_of_refreshes(self) -> None:
        self.subscribe()
        for at in range(100):
            self.subscribe(cseq=2 + at, to_tag=self.tag())
        self.assertEqual(self.watcher.answered.status, 503)
        self.assertEqual(len(self.notifier), 1)

    def test_resource_is_gone(self) -> None:
        self.subscribe()
        self.subscribe(call_id="c2", number="1175")
        del self.colours.colours["1047"]
        self.notifier.review()
        self.run_for()
        self.assertEqual(self.watcher.told()[2:], ["terminated;reason=noresource"])
        self.assertEqual(len(self.notifier), 1)

    def test_line_of_the_watcher_is_gone(self) -> None:
        self.subscribe()
        self.subscribe(call_id="c2", caller="1001")
        self.notifier.forget_line("1000")
        self.run_for()
        self.assertEqual(self.watcher.told()[2:], ["terminated;reason=deactivated"])

    def test_server_goes_away(self) -> None:
        self.subscribe()
        self.notifier.stop()
        self.run_for()
        self.assertEqual(self.watcher.told()[1:], ["terminated;reason=probation;retry-after=5"])

    def test_described(self) -> None:
        self.subscribe()
        self.assertEqual(self.notifier.describe(), ["subscription of 1000 to colour of 1047"])
        self.assertEqual(self.server.endpoint.events, ("colour",))

    def test_numbers_with_odd_characters(self) -> None:
        """What a watcher writes into the URI comes back escaped."""
        self.colours.colours['a"b'] = "red"
        self.assertEqual(self.subscribe(number="a%22b"), 200)
        notify = self.watcher.notifies[0]
        self.assertIsInstance(notify, Request)
        self.assertIn("a%22b@", notify.get("Contact"))
