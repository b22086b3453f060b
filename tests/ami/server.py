"""The Manager Interface of the Asterisk for tests: login, actions and their answers, events to who has logged in."""

from collections.abc import Callable
from hashlib import md5

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol

from tests.ami.asterisk import Asterisk, Chan, Fields

USER, SECRET = "magroup", "of no use elsewhere"
CHALLENGE = "840415273"


class Manager(Factory):
    """Serves one Asterisk. ``deaf`` are actions that get no answer, ``cut`` those at which the connection ends."""

    noisy = False

    def __init__(self, asterisk: Asterisk) -> None:
        self.asterisk = asterisk
        asterisk.tell = self.tell
        self.sessions: list[ManagerSession] = []
        self.actions: list[dict[str, str]] = []
        self.deaf: set[str] = set()
        self.cut: set[str] = set()
        self.refused: dict[str, str] = {}
        self.logins = 0

    def buildProtocol(self, addr: IAddress | None) -> "ManagerSession":
        return ManagerSession(self)

    def tell(self, event: str, fields: Fields) -> None:
        for session in self.sessions:
            session.send([("Event", event), ("Privilege", "call,all"), *fields])

    def named(self, name: str) -> list[dict[str, str]]:
        """The actions of this name that came."""
        return [one for one in self.actions if one["Action"] == name]


class ManagerSession(Protocol):
    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._asterisk = manager.asterisk
        self._rest = b""
        self._id = ""

    def connectionMade(self) -> None:
        self.write(b"Asterisk Call Manager/9.0.0\r\n")

    def connectionLost(self, reason: object = None) -> None:
        if self in self._manager.sessions:
            self._manager.sessions.remove(self)

    def write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def send(self, fields: Fields) -> None:
        self.write("".join(f"{name}: {value}\r\n" for name, value in fields).encode() + b"\r\n")

    def dataReceived(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for text in whole:
            self._take(dict(line.split(": ", 1) for line in text.decode().split("\r\n")))

    def _take(self, action: dict[str, str]) -> None:
        name = action["Action"]
        self._manager.actions.append(action)
        self._id = action["ActionID"]
        if name in self._manager.cut:
            self._manager.cut.discard(name)
            assert self.transport is not None
            self.transport.loseConnection()
        elif name in self._manager.refused:
            self._error(self._manager.refused[name])
        elif name not in self._manager.deaf:
            answers: dict[str, Callable[[dict[str, str]], None]] = {
                "Challenge": self._challenge, "Login": self._login, "Ping": self._ping, "Originate": self._originate,
                "DeviceStateList": self._devices, "CoreShowChannels": self._channels, "Hangup": self._hangup,
                "Redirect": self._redirect, "BlindTransfer": self._blind, "Atxfer": self._atxfer,
                "CancelAtxfer": self._cancel, "DBGet": self._db_get, "DBPut": self._db_put, "DBDel": self._db_del,
                "PlayDTMF": self._play, "PJSIPNotify": self._notify, "Setvar": self._setvar,
            }  # fmt: skip
            answers[name](action)

    def _answer(self, *fields: tuple[str, str], response: str = "Success") -> None:
        self.send([("Response", response), ("ActionID", self._id), *fields])

    def _error(self, text: str) -> None:
        self._answer(("Message", text), response="Error")

    def _found(self, action: dict[str, str]) -> Chan | None:
        found = next((one for one in self._asterisk.channels if one.name == action["Channel"]), None)
        if found is None:
            self._error("No such channel")
        return found

    def _challenge(self, action: dict[str, str]) -> None:
        self._answer(("Challenge", CHALLENGE))

    def _login(self, action: dict[str, str]) -> None:
        key = md5((CHALLENGE + SECRET).encode(), usedforsecurity=False).hexdigest()
        if action["Username"] != USER or (action.get("Key") != key and action.get("Secret") != SECRET):
            self._error("Authentication failed")
            assert self.transport is not None
            self.transport.loseConnection()
            return
        self._answer(("Message", "Authentication accepted"))
        self._manager.logins += 1
        self._manager.sessions.append(self)
        self.send([("Event", "FullyBooted"), ("Privilege", "system,all"), ("Status", "Fully Booted")])

    def _ping(self, action: dict[str, str]) -> None:
        self._answer(("Ping", "Pong"), ("Timestamp", "1764350000.000000"))

    def _list(self, last: str, items: list[Fields]) -> None:
        self._answer(("EventList", "start"), ("Message", "A listing will follow"))
        for item in items:
            self.send([item[0], ("ActionID", self._id), *item[1:]])
        self.send([("Event", last), ("ActionID", self._id), ("EventList", "Complete"), ("ListItems", str(len(items)))])

    def _devices(self, action: dict[str, str]) -> None:
        self._list("DeviceStateListComplete", [
            [("Event", "DeviceStateChange"), ("Device", device), ("State", state)]
            for device, state in self._asterisk.devices.items()
        ])  # fmt: skip

    def _channels(self, action: dict[str, str]) -> None:
        self._list("CoreShowChannelsComplete", [
            [("Event", "CoreShowChannel"), *one.fields(), ("BridgeId", one.bridge),
             ("Application", one.application or "Dial"), ("Duration", "00:00:07")]
            for one in self._asterisk.channels
        ])  # fmt: skip

    def _originate(self, action: dict[str, str]) -> None:
        peer = action["Channel"].removeprefix("PJSIP/")
        self._answer(("Message", "Originate successfully queued"))
        if peer not in self._asterisk.phones:
            self.send([("Event", "OriginateResponse"), ("ActionID", self._id), ("Response", "Failure"),
                       ("Channel", action["Channel"]), ("Reason", "0"), ("Uniqueid", "<null>")])  # fmt: skip
        elif action.get("Application") == "PickupChan":
            target = next(one for one in self._asterisk.channels if one.name == action["Data"])
            self._asterisk.originate(peer, action["ChannelId"], lambda chan: self._asterisk.pick_up(chan, target))
        else:
            def then(chan: Chan) -> None:
                chan.number, chan.exten = action["CallerID"], action["Exten"]
                self._asterisk.run(chan, action["Exten"])

            self._asterisk.originate(peer, action["ChannelId"], then)

    def _hangup(self, action: dict[str, str]) -> None:
        if channel := self._found(action):
            self._answer(("Message", "Channel Hungup"))
            self._manager.tell("SoftHangupRequest", [*channel.fields(), ("Cause", action["Cause"])])
            self._asterisk.end(channel, int(action["Cause"]))

    def _redirect(self, action: dict[str, str]) -> None:
        if channel := self._found(action):
            self._answer(("Message", "Redirect successful"))
            self._asterisk.redirect(channel, action["Exten"])

    def _blind(self, action: dict[str, str]) -> None:
        if channel := self._found(action):
            self._answer()
            self._asterisk.blind_transfer(channel, action["Exten"])

    def _atxfer(self, action: dict[str, str]) -> None:
        if channel := self._found(action):
            self._answer(("Message", "Atxfer successfully queued"))
            self._asterisk.consult(channel, action["Exten"])

    def _cancel(self, action: dict[str, str]) -> None:
        if channel := self._found(action):
            self._answer(("Message", "Attended transfer cancelled"))
            self._asterisk.cancel_consultation(channel)

    def _db_get(self, action: dict[str, str]) -> None:
        value = self._asterisk.database.get((action["Family"], action["Key"]))
        if value is None:
            self._error("Database entry not found")
            return
        self._answer(("EventList", "start"), ("Message", "Result will follow"))
        self.send([("Event", "DBGetResponse"), ("ActionID", self._id), ("Family", action["Family"]),
                   ("Key", action["Key"]), ("Val", value)])  # fmt: skip
        self.send([("Event", "DBGetComplete"), ("ActionID", self._id), ("EventList", "Complete"), ("ListItems", "1")])

    def _db_put(self, action: dict[str, str]) -> None:
        self._asterisk.database[action["Family"], action["Key"]] = action["Val"]
        self._answer(("Message", "Updated database successfully"))

    def _db_del(self, action: dict[str, str]) -> None:
        if self._asterisk.database.pop((action["Family"], action["Key"]), None) is None:
            self._error("Database entry not found")
        else:
            self._answer(("Message", "Key deleted successfully"))

    def _play(self, action: dict[str, str]) -> None:
        if self._found(action):
            self._answer(("Message", "DTMF successfully queued"))

    def _setvar(self, action: dict[str, str]) -> None:
        self._answer(("Message", "Variable Set"))

    def _notify(self, action: dict[str, str]) -> None:
        """Phones here obey talk and hold."""
        if not (channel := self._found(action)):
            return
        self._answer(("Message", "NOTIFY sent"))
        if channel.state == 5:
            self._asterisk.answered(channel)
        else:
            self._asterisk.hold(channel.phone, action["Variable"] == "Event=hold")
