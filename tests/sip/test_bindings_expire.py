"""Registrations that end, that come back after a restart, and any requests at all."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.lines import Registration
from magroup.sip.bindings import Bindings, Update
from magroup.sip.contacts import Limits
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from tests.sip.binding import CONTACT, INSTANCE, NOW, SOURCE, BindingsTestCase, register


class Expiry(BindingsTestCase):
    """Time over, deleted lines, and what is in service."""

    def test_expire(self) -> None:
        self.assertIsNone(self.bindings.next_expiry())
        self.update(register("<sip:a@h>;expires=100", "<sip:b@h>;expires=200"))
        self.assertEqual(self.bindings.next_expiry(), NOW + 100)
        self.assertEqual(self.bindings.expire(NOW + 99.9), [])
        (first,) = self.bindings.expire(NOW + 100)
        self.assertEqual((first.contact, self.contacts()), ("sip:a@h", ["sip:b@h"]))
        (second,) = self.bindings.expire(NOW + 1000)
        self.assertEqual((second.contact, self.contacts(), len(self.bindings)), ("sip:b@h", [], 0))
        self.assertEqual((self.bindings.expire(NOW + 9999), self.bindings.next_expiry()), ([], None))

    def test_refreshed_ones_stay(self) -> None:
        self.update(register(f"{CONTACT};expires=100"))
        self.update(register(f"{CONTACT};expires=100"), NOW + 50)
        self.assertEqual(self.bindings.expire(NOW + 120), [])
        self.assertEqual(self.bindings.next_expiry(), NOW + 150)
        self.assertEqual(len(self.bindings.expire(NOW + 150)), 1)

    def test_shortened_ones_go_earlier(self) -> None:
        self.update(register(f"{CONTACT};expires=1000"))
        self.update(register(f"{CONTACT};expires=100"))
        self.assertEqual(self.bindings.next_expiry(), NOW + 100)
        self.assertEqual(len(self.bindings.expire(NOW + 100)), 1)
        self.assertEqual(self.bindings.expire(NOW + 1000), [])

    def test_a_request_sees_no_expired_contacts(self) -> None:
        (old,) = self.update(register("<sip:a@h>;expires=100")).added
        result = self.update(register(), NOW + 100)
        self.assertEqual((result.headers, result.removed, self.contacts()), ({}, (old,), []))
        self.assertEqual(self.bindings.expire(NOW + 100), [])
        self.update(register(f"{CONTACT};expires=100"), NOW)
        result = self.update(register(f"{CONTACT};expires=100"), NOW + 200)
        self.assertEqual((len(result.refreshed), len(result.removed), len(self.bindings)), (1, 0, 1))
        self.assertEqual(self.bindings.expire(NOW + 200), [])
        self.assertEqual(len(self.bindings.expire(NOW + 300)), 1)

    def test_in_service(self) -> None:
        numbers = self.bindings.numbers()
        self.assertNotIn("4321", numbers)
        self.update(register(f"{CONTACT};expires=100"))
        self.assertIn("4321", numbers)
        self.bindings.expire(NOW + 100)
        self.assertNotIn("4321", numbers)

    def test_deleted_line(self) -> None:
        added = self.update(register(CONTACT, "<sip:b@h>")).added
        self.assertEqual(tuple(self.bindings.forget("4321")), added)
        self.assertEqual((self.contacts(), self.bindings.forget("4321"), len(self.bindings)), ([], [], 0))

    def test_the_queue_is_bounded(self) -> None:
        for n in range(3000):
            self.update(register(f"{CONTACT};expires={7000 - n % 6000}"), NOW + n / 1000)
            self.update(register(f"{CONTACT};expires=0"), NOW + n / 1000)
        self.assertLess(len(self.bindings._queue), 1100)
        self.update(register(f"{CONTACT};expires=100"), NOW + 10)
        self.assertEqual(len(self.bindings.expire(NOW + 110)), 1)
        self.assertEqual(self.bindings.expire(NOW + 99999), [])


class Restart(BindingsTestCase):
    """What was saved is bound again."""

    def test_restored(self) -> None:
        saved = [
            *self.update(register(f"{CONTACT}{INSTANCE};reg-id=1", "<sip:b@h>;q=0.5;expires=100")).added,
            *self.bindings.update(
                "4322", register("<sip:c@192.0.2.8;transport=tcp>"), NOW, Hop("tcp", "192.0.2.8", 44444, flow=3)
            ).added,
        ]
        self.bindings = Bindings()
        self.bindings.restore([*saved, Registration("4323", "rubbish", "", 0, NOW + 1), *saved])
        self.assertEqual(
            [*self.bindings.contacts("4321"), *self.bindings.contacts("4322"), *self.bindings.contacts("4323")], saved
        )
        self.assertEqual(len(self.bindings), 3)
        self.assertEqual(
            [self.bindings.hop(registration) for registration in saved],
            [Hop("udp", "192.0.2.7", 5060), Hop("udp", "192.0.2.7", 5060), Hop("tcp", "192.0.2.8", 5060)],
        )
        self.assertEqual(
            self.update(register(), NOW + 1).headers["Contact"],
            [f"{CONTACT};expires=3599{INSTANCE}", "<sip:b@h>;q=0.5;expires=99"],
        )
        self.assertEqual(
            self.refused(Request("REGISTER", "sip:magroup", register(CONTACT).headers | {"Contact": [""]})).status, 400
        )
        self.assertEqual(self.bindings.expire(NOW + 100), [saved[1]])

    def test_phones_go_on_after_it(self) -> None:
        saved = self.update(register(f"{CONTACT}{INSTANCE};reg-id=1", cseq=5)).added
        self.bindings = Bindings()
        self.bindings.restore(saved)
        result = self.update(register(f"<sip:alice@192.0.2.7:6000>{INSTANCE};reg-id=1", cseq=6), NOW + 1)
        self.assertEqual((result.removed, self.contacts()), (saved, ["sip:alice@192.0.2.7:6000"]))
        self.assertEqual(len(self.bindings), 1)

    def test_through_a_path(self) -> None:
        path = "<sip:192.0.2.50:5080;lr>"
        saved = self.update(register("<sip:a@10.0.0.5>", path=path)).added
        self.bindings = Bindings()
        self.bindings.restore(saved)
        self.assertEqual(self.bindings.hop(saved[0]), Hop("udp", "192.0.2.50", 5080))


class Machine(RuleBasedStateMachine):
    """Any requests in any order against a plain dictionary of what must be bound."""

    def __init__(self) -> None:
        super().__init__()
        self.bindings = Bindings(Limits(60, 3600, 7200, 3))
        self.now = NOW
        self.model: dict[tuple[str, str], float] = {}
        self.saved: dict[tuple[str, str], Registration] = {}

    def keep(self, result: Update) -> None:
        for registration in result.removed:
            del self.saved[registration.number, registration.contact]
        for registration in result.added:
            assert (registration.number, registration.contact) not in self.saved
            self.saved[registration.number, registration.contact] = registration
        for registration in result.refreshed:
            assert (registration.number, registration.contact) in self.saved
            self.saved[registration.number, registration.contact] = registration

    @rule(
        number=st.sampled_from(["1", "2"]), users=st.lists(st.sampled_from("abcde"), max_size=4, unique=True),
        expires=st.sampled_from([0, 59, 60, 100, 3600, 9999]), flow=st.integers(0, 3),
    )  # fmt: skip
    def register(self, number: str, users: list[str], expires: int, flow: int) -> None:
        source = Hop("tcp", "192.0.2.7", 5060, flow=flow) if flow else SOURCE
        request = register(*(f"<sip:{user}@192.0.2.7>" for user in users), expires=str(expires))
        live = {key: end for key, end in self.model.items() if end > self.now or key[0] != number}
        after = dict(live)
        for user in users:
            if expires:
                after[number, f"sip:{user}@192.0.2.7"] = self.now + min(expires, 7200)
            else:
                after.pop((number, f"sip:{user}@192.0.2.7"), None)
        try:
            self.keep(self.bindings.update(number, request, self.now, source))
        except SipError as error:
            if error.status == 423:
                assert expires == 59 and users
            else:
                assert error.status == 403 and len([key for key in after if key[0] == number]) > 3
        else:
            self.model = after

    @rule(number=st.sampled_from(["1", "2"]))
    def remove_all(self, number: str) -> None:
        self.keep(self.bindings.update(number, register("*", expires="0"), self.now, SOURCE))
        self.model = {key: end for key, end in self.model.items() if key[0] != number}

    @rule(seconds=st.sampled_from([1, 59, 60, 100, 5000]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        for registration in self.bindings.expire(self.now):
            del self.saved[registration.number, registration.contact]
        self.model = {key: end for key, end in self.model.items() if end > self.now}

    @rule(seconds=st.sampled_from([1, 100, 5000]))
    def time_passes_unnoticed(self, seconds: int) -> None:
        self.now += seconds

    @precondition(lambda self: self.saved)
    @rule()
    def restart(self) -> None:
        limits = self.bindings.limits
        self.bindings = Bindings(limits)
        self.bindings.restore(self.saved.values())

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        bound = {
            (number, registration.contact): registration.expires_at
            for number in self.bindings.numbers()
            for registration in self.bindings.contacts(number)
        }
        assert bound == self.model
        assert {key: registration.expires_at for key, registration in self.saved.items()} == self.model
        assert len(self.bindings) == len(self.model)
        due = self.bindings.next_expiry()
        assert not bound or (due is not None and due <= min(bound.values()))


class AnyRequests(SynchronousTestCase):
    """The table keeps to its model."""

    def test_machine(self) -> None:
        run_state_machine_as_test(Machine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))
