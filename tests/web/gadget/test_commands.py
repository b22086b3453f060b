"""What people do in the gadget: with their own calls, others' that ring, their presence and forwarding."""

from dataclasses import replace
from typing import Any

from magroup.groups.editing import edits
from magroup.model.messages import Message
from magroup.model.people import Contact, Privilege
from magroup.model.presence import Presence
from tests.web.gadget.server import ASSISTANT, MANAGER, STRANGER, THIRD, Browser, GadgetCase

OUTSIDE = "0791112233"


class CallCase(GadgetCase):
    """``call`` rings at the assistant's line."""

    async def begin(self, configuration: Any) -> None:
        await super().begin(configuration)
        self.browser = await self.looks_at(ASSISTANT)
        self.call = self.switch.arrive(OUTSIDE, "1175", "Bob")
        await self.until(line="ringing")

    async def until(self, id: int = 198, **values: Any) -> Any:
        return await self.browser.until(id, **values)

    async def do(self, do: str, **values: Any) -> Any:
        return await self.browser.done(do, **{"call": self.call, "device": "1175", **values})

    async def refused(self, do: str, browser: Browser | None = None, **values: Any) -> str:
        """The code."""
        return (await (browser or self.browser).refused(do, **{"call": self.call, "device": "1175", **values}))[0]

    async def answered(self) -> None:
        await self.do("answer")
        await self.until(calls=["active"])


class OwnCallTests(CallCase):
    """All that is possible with a call of an own line."""

    async def test_answer_and_end(self) -> None:
        await self.answered()
        await self.do("end")
        await self.until(calls=[])

    async def test_phone_that_does_not_answer(self) -> None:
        self.switch.deaf.add("1175")
        self.switch.caller_hangs_up(self.call)
        self.call = self.switch.arrive(OUTSIDE, "1175", "Bob")
        (call,) = (await self.until(calls=["ringing"]))["calls"]
        while call["id"] != self.call:
            (call,) = (await self.until(calls=["ringing"]))["calls"]
        self.assertEqual(call["can"]["answer"], "This phone cannot be made to answer from here.")
        self.assertEqual(await self.refused("answer"), "impossible")

    async def test_hold_and_retrieve(self) -> None:
        await self.answered()
        self.assertEqual(await self.refused("retrieve"), "impossible")
        await self.do("hold")
        (held,) = (await self.until(line="held"))["calls"]
        self.assertEqual(set(held["can"]), {"end", "retrieve", "consult", "blind"})
        await self.do("retrieve")
        await self.until(line="busy")

    async def test_by_turns(self) -> None:
        """Taking one back holds the other."""
        await self.answered()
        await self.do("hold")
        await self.until(line="held")
        other = self.switch.arrive(OUTSIDE, "1175", "Bob")
        self.switch.device_answers(other, "1175")
        await self.until(calls=["held", "active"])
        await self.do("retrieve")
        await self.until(calls=["active", "held"])
        self.switch.caller_hangs_up(other)
        await self.until(calls=["active"])

    async def test_digits(self) -> None:
        await self.answered()
        told: list[Any] = []
        self.switch.monitor_start(told.append)
        await self.do("digits", digits="12,*a")
        self.assertEqual([event.digits for event in told], ["1", "2", "*", "A"])
        self.assertEqual(await self.refused("digits", digits="1;2"), "invalid")
        self.assertEqual(await self.refused("digits", digits=","), "invalid")

    async def test_blind_of_ringing_call(self) -> None:
        await self.do("blind", to={"number": "10 68"})
        await self.until(102, calls=["ringing"])

    async def test_blind_of_active_call(self) -> None:
        await self.answered()
        await self.do("blind", to={"member": 102})
        await self.until(102, calls=["ringing"])
        self.switch.device_answers(self.call, "1068")
        await self.until(102, calls=["active"])

    async def test_voicemail(self) -> None:
        self.assertEqual(await self.refused("blind", to={"voicemail": 102}), "impossible")
        self.current.replace(
            edits.change_user(self.current.value, self.user(THIRD).id, {"voicemail": "0800 77"}), MANAGER
        )  # fmt: skip
        await self.do("blind", to={"voicemail": 102})
        self.assertEqual(self.switch.calls()[0].connections[-1].id.device, "080077")

    async def test_targets(self) -> None:
        for to, code in (
            ({}, "invalid"), ({"number": "no number"}, "invalid"), ({"number": ""}, "invalid"),
            ({"number": "1068", "member": 102}, "invalid"), ({"member": 9999}, "gone"), ({"member": 278}, "gone"),
            ({"number": "1" * 65}, "invalid"), ({"number": "'; DROP TABLE users --"}, "invalid"),
        ):  # fmt: skip
            self.assertEqual(await self.refused("blind", to=to), code, to)
            self.assertEqual(await self.refused("consult", to=to), code, to)

    async def consulted(self) -> str:
        await self.answered()
        other = (await self.do("consult", to={"member": 102}))["call"]
        member = await self.until(calls=["held", "calling"])
        self.assertEqual(member["calls"][1]["consulting"], self.call)
        self.assertEqual(set(member["calls"][1]["can"]), {"end", "complete", "cancel"})
        return str(other)

    async def test_consultation_completed(self) -> None:
        other = await self.consulted()
        self.switch.device_answers(other, "1068")
        await self.until(calls=["held", "active"])
        await self.do("complete", call=other)
        member = await self.until(calls=[])
        self.assertEqual(member["line"], "idle")
        (call,) = self.switch.calls()
        self.assertEqual({one.id.device for one in call.connections}, {OUTSIDE, "1068"})

    async def test_consultation_cancelled(self) -> None:
        other = await self.consulted()
        await self.do("cancel", call=other)
        await self.until(calls=["active"])

    async def test_no_consultation(self) -> None:
        await self.answered()
        for do in ("complete", "cancel"):
            self.assertEqual(await self.refused(do), "impossible")

    async def test_call_gone(self) -> None:
        self.switch.caller_hangs_up(self.call)
        await self.until(calls=[])
        for do in ("answer", "end", "hold", "retrieve", "complete", "cancel"):
            self.assertEqual(await self.refused(do), "gone")
        self.assertEqual(await self.refused("blind", to={"number": "1068"}), "gone")
        self.assertEqual(await self.refused("pickup", device="1071"), "gone")
        self.assertEqual(await self.refused("end", call="no such call"), "gone")


class OthersCallTests(CallCase):
    """Others' calls can be picked up while they ring, in the own groups, and nothing else."""

    async def test_not_steered(self) -> None:
        for name in (MANAGER, THIRD, STRANGER):
            browser = await self.open(name)
            for do in ("answer", "end", "hold", "retrieve", "complete", "cancel"):
                self.assertEqual(await self.refused(do, browser), "forbidden", (name, do))
            for do in ("blind", "consult"):
                self.assertEqual(await self.refused(do, browser, to={"number": "1071"}), "forbidden")
            self.assertEqual(await self.refused("digits", browser, digits="1"), "forbidden")
        self.assertEqual(len([line for line in self.lines if "may not do" in line]), 3, "once for each gadget")

    async def test_pickup(self) -> None:
        browser = await self.looks_at(THIRD)
        shown = next(one for one in browser.snapshot["members"] if one["id"] == 198)["calls"][0]
        self.assertEqual((shown["mine"], shown["can"]), (False, {"pickup": ""}))
        await browser.done("pickup", call=self.call, device="1175")
        (call,) = (await browser.until(102, line="busy"))["calls"]
        self.assertEqual((call["id"], call["mine"]), (self.call, True))
        await self.until(calls=[])

    async def test_pickup_of_strangers(self) -> None:
        browser = await self.open(STRANGER)
        self.assertEqual(await self.refused("pickup", browser), "forbidden")

    async def test_pickup_of_active_call(self) -> None:
        await self.answered()
        browser = await self.open(THIRD)
        self.assertEqual(await self.refused("pickup", browser), "gone")

    async def test_no_line(self) -> None:
        browser = await self.looks_at(THIRD)
        self.current.replace(edits.change_user(self.current.value, self.user(THIRD).id, {"lines": ()}))
        await browser.skip_to("snapshot")
        self.assertEqual(await self.refused("pickup", browser), "impossible")
        self.assertEqual((await browser.refused("dial", to={"number": "1071"}))[0], "impossible")


class DialTests(GadgetCase):
    """Quick dial: the own phone first."""

    async def test_dial(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        call = (await browser.done("dial", to={"member": 72}))["call"]
        self.switch.device_answers(call, "1175")
        member = await browser.until(72, line="ringing")
        self.assertEqual(member["calls"][0]["name"], "Rafael Hidalgo")

    async def test_lines_of_others(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        self.assertEqual((await browser.refused("dial", to={"member": 72}, **{"from": "1068"}))[0], "forbidden")
        self.switch.set_in_service("1175", False)
        self.assertEqual((await browser.refused("dial", to={"member": 72}))[0], "impossible")


class StateTests(GadgetCase):
    """Presence and forwarding by the rights of spec 2."""

    privileges = {"Leonard_Saligny": {Privilege.TEAMMATE_STATUS}, "Maria_Rossi": {Privilege.ADMIN}}

    async def test_presence_of_others(self) -> None:
        teammate = await self.looks_at("Leonard.Saligny")
        await teammate.done("presence", user=ASSISTANT, value="dnd")
        self.assertEqual((await teammate.member(198))["presence"]["by"], "Léo")
        admin, other = await self.open(MANAGER), await self.open(ASSISTANT)
        self.assertEqual((await admin.refused("presence", user=STRANGER, value="away"))[0], "forbidden")
        self.assertEqual((await other.refused("presence", user=THIRD, value="away"))[0], "forbidden")
        for name in (STRANGER, "nobody"):
            self.assertEqual((await other.refused("presence", user=name, value="away"))[0], "gone")
        self.assertEqual(self.presence.get(THIRD).value, Presence.AVAILABLE)
        code = (await other.refused("presence", user=ASSISTANT, value="away", message="a\x00b"))[0]
        self.assertEqual(code, "invalid")

    async def test_forwarding(self) -> None:
        browser = await self.looks_at(MANAGER)
        await browser.done("forward", member=72, kind="application", to="group")
        await browser.done("forward", member=72, kind="line", to="number", number="4321")
        while not (forwarding := (await browser.member(72))["forwarding"])["line"]:
            pass
        self.assertEqual((forwarding["application"]["to"], forwarding["line"]["shown"]), ("group", "4321"))
        await browser.done("forward", member=72, kind="line", to="none")
        self.assertFalse(self.forwarding.of_line("1071"))

    async def test_forwarding_refused(self) -> None:
        browser = await self.open(ASSISTANT)
        for values, code in (
            ({"member": 198, "kind": "application", "to": "group"}, "invalid"),
            ({"member": 198, "kind": "line", "to": "mobile"}, "invalid"),
            ({"member": 198, "kind": "line", "to": "number", "number": "x"}, "invalid"),
            ({"member": 198, "kind": "line", "to": "member", "target": 198}, "invalid"),
            ({"member": 72, "kind": "line", "to": "none"}, "forbidden"),
            ({"member": 72, "kind": "application", "to": "none"}, "forbidden"),
            ({"member": 278, "kind": "line", "to": "none"}, "gone"),
            ({"member": 1, "kind": "line", "to": "none"}, "gone"),
        ):  # fmt: skip
            self.assertEqual((await browser.refused("forward", **values))[0], code, values)
        self.assertEqual((dict(self.forwarding.lines), dict(self.forwarding.application)), ({}, {}))

    async def test_refused_in_ones_language(self) -> None:
        self.current.replace(edits.change_user(self.current.value, self.user(ASSISTANT).id, {"language": "fr"}))
        browser = await self.open(ASSISTANT)
        why = (await browser.refused("forward", member=198, kind="line", to="mobile"))[1]
        self.assertEqual(why, "Il n'y a pas de numéro de mobile vers lequel renvoyer.")


class OnPhoneTests(GadgetCase):
    """Which group the own phone shows (spec 8)."""

    async def test_shown_and_not(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        (me,) = (one for one in browser.snapshot["members"] if one["me"])
        self.assertEqual(me["on_phone"], 45)
        self.assertEqual([one["on_phone"] for one in browser.snapshot["members"] if not one["me"]], [None] * 3)
        for shown, group in ((False, 0), (True, 45), (False, 0)):
            await browser.done("on_phone", member=198, shown=shown)
            line = self.current.value.line("1175")
            self.assertEqual(line and line.displayed_group, group)
            self.assertEqual((await browser.until(198, on_phone=group))["on_phone"], group)
        recorded = [(one.who, one.where, one.what) for one in self.changes]
        self.assertEqual(recorded, [(ASSISTANT, "127.0.0.1", "line")] * 3)

    async def test_refused(self) -> None:
        """Others' phones, of which the manager's privileges are none; who is no member; who has no line."""
        browser = await self.looks_at(MANAGER)
        self.assertEqual((await browser.refused("on_phone", member=198, shown=True))[0], "forbidden")
        self.assertEqual((await browser.refused("on_phone", member=9999, shown=True))[0], "gone")
        self.assertEqual((await browser.refused("on_phone", member=72, shown=1))[0], "invalid")
        lines = tuple(line for line in self.current.value.lines if line.number != "1071")
        self.current.replace(self.current.value.changed(lines=lines))
        self.assertEqual((await browser.refused("on_phone", member=72, shown=True))[0], "impossible")


class SearchTests(GadgetCase):
    """Users and contacts."""

    async def begin(self, configuration: Any) -> None:
        contacts = [Contact(n, f"07955{n:04}", f"Shop {n}") for n in range(1, 3000)]
        contacts.append(Contact(3000, "0316667788", "Zoë's Bäckerei", "zoe.png"))
        await super().begin(replace(configuration, contacts=tuple(contacts)))

    async def test_search(self) -> None:
        browser = await self.open(ASSISTANT)

        async def found(text: str) -> list[tuple[str, str]]:
            result = (await browser.done("search", text=text))["found"]
            return [(one["name"], one["number"]) for one in result]

        self.assertEqual(await found("rossi mar"), [("Maria Rossi", "1071")])
        self.assertEqual(await found("1175"), [("Rafael Hidalgo", "1175"), ("Shop 1175", "079551175")])
        for written in ("BÄCK", "zoe backerei", "Ba\u0308ck"):
            self.assertEqual(await found(written), [("Zoë's Bäckerei", "0316667788")])
        self.assertEqual(await found("031 666"), [("Zoë's Bäckerei", "0316667788")])
        self.assertEqual(len(await found("shop")), 20)
        self.assertEqual(await found("nobody at all"), [])
        self.assertEqual(await found("  "), [])
        picture = (await browser.done("search", text="zoë"))["found"][0]["picture"]
        self.assertEqual(picture, "/pictures/zoe.png")


class VoicemailTests(GadgetCase):
    """The own mailbox."""

    async def test_messages(self) -> None:
        browser = await self.open(ASSISTANT)
        self.assertEqual(await browser.done("messages"), {"box": "", "messages": []})
        for do, values in (("heard", {"heard": True}), ("delete", {})):
            refused = await browser.refused(do, message="../../etc/passwd", **values)
            self.assertEqual(refused, ("gone", "There is no such message."))

    async def test_what_waits(self) -> None:
        """It is known from the beginning, and each change of it, in the own box only."""
        other = await self.looks_at(THIRD)
        self.current.replace(edits.change_user(self.current.value, self.user(ASSISTANT).id, {"voicemail": "8175"}))
        self.mailboxes.add(Message("one", "8175", "0791112233", "Bob", 1.0, 2.0))
        browser = await self.looks_at(ASSISTANT)
        self.assertEqual(browser.hello["mail"], {"box": "8175", "new": 1, "old": 0})
        self.mailboxes.add(Message("two", "8175", "0791112233", "Bob", 3.0, 2.0))
        self.assertEqual((await browser.skip_to("mail"))["mail"], {"box": "8175", "new": 2, "old": 0})
        await browser.done("heard", message="one", heard=True)
        self.assertEqual((await browser.skip_to("mail"))["mail"], {"box": "8175", "new": 1, "old": 1})
        self.current.replace(edits.change_user(self.current.value, self.user(ASSISTANT).id, {"voicemail": ""}))
        self.assertEqual((await browser.skip_to("mail"))["mail"], {"box": "", "new": 0, "old": 0})
        for message in ("one", "two"):
            self.mailboxes.delete("8175", message)
        for one in (browser, other):
            await one.done("search", text="")
            self.assertNotIn("mail", [message["type"] for message in one.kept])
