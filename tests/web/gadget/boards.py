"""Groups, members and calls as the server tells the gadget of them."""

from time import time
from typing import Any

Json = dict[str, Any]

GROUPS = ({"id": 45, "name": "Accounting"}, {"id": 46, "name": "Sales"})

RINGING = ("answer", "end", "blind")
ACTIVE = ("end", "hold", "consult", "blind", "digits")
HELD = ("end", "retrieve", "consult", "blind")
CALLING = ("end",)
COMMANDS = {"ringing": RINGING, "active": ACTIVE, "held": HELD, "calling": CALLING}

MAY = {"presence": True, "forward_line": True, "forward_application": True, "dial": True}


def call(id: str, state: str = "ringing", name: str = "", number: str = "", **more: Any) -> Json:
    """A call that the user may steer, with all commands of its state; ``age`` is in seconds."""
    age = more.pop("age", 5)
    made = {
        "id": id, "device": "1071", "state": state, "direction": "in", "name": name, "number": number, "picture": "",
        "since": time() - age, "vip": None, "mine": True, "can": dict.fromkeys(COMMANDS[state], ""),
    }  # fmt: skip
    return {**made, **more}


def anothers(id: str, state: str = "ringing", name: str = "", number: str = "", **more: Any) -> Json:
    """A call of somebody else: one that rings can be picked up."""
    can = {"pickup": ""} if state == "ringing" else {}
    return call(id, state, name, number, **{"mine": False, "can": can, "device": "1072", **more})


def hidden(id: str, state: str = "active") -> Json:
    """A call of which the user may not see more than that it is there."""
    made = {"id": id, "device": "1072", "state": state, "direction": "in", "vip": None, "mine": False, "can": {}}
    return {**made, "hidden": True}


def presence(value: str = "available", message: str = "", by: str = "") -> Json:
    return {"value": value, "message": message, "since": time() - 600, "by": by}


def member(id: int, name: str, *calls: Json, **more: Any) -> Json:
    """A member without peculiarities: ``id`` 72 has the number 1072."""
    line = "idle"
    for state, shown in (("held", "held"), ("calling", "busy"), ("active", "busy"), ("ringing", "ringing")):
        line = shown if any(one["state"] == state for one in calls) else line
    made = {
        "id": id, "user": name.lower().replace(" ", "."), "name": name, "short": name[:3], "number": str(1000 + id),
        "department": "Accounting", "picture": "", "manager": False, "me": False, "presence": presence(), "line": line,
        "forwarding": {"line": None, "application": None}, "targets": {"mobile": True, "voicemail": True},
        "calls": list(calls), "can": {**MAY, "forward_application": False}, "on_phone": None,
    }  # fmt: skip
    return {**made, **more}


def manager(id: int, name: str, *calls: Json, **more: Any) -> Json:
    return member(id, name, *calls, **{"manager": True, "can": MAY, **more})


def me(*calls: Json, **more: Any) -> Json:
    """The user that the tests log in as."""
    return member(71, "Maria Rossi", *calls, **{"me": True, "on_phone": 0, **more})
