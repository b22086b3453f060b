"""The commands of gadgets: each is checked, done by the application, and answered with done or refused."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from magroup.groups.application import Application
from magroup.groups.editing import EditError, Editing, NotSavedError, edits
from magroup.groups.steering import (
    CallSteering,
    Found,
    NotReached,
    Refused,
    Target,
    Told,
    Why,
    search,
    set_forwarding,
    set_presence,
    show_on_phone,
)
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding
from magroup.model.languages import Language
from magroup.model.people import User
from magroup.model.presence import Presence as PresenceValue
from magroup.model.unavailable import Unavailable
from magroup.web.gadget import messages as m
from magroup.web.gadget.gadget import Gadget
from magroup.web.mail import Mail


@fixed
class Means:
    """What commands are done with; ``clock`` is a reactor's, ``language`` gives that of a user."""

    application: Application
    calls: CallSteering
    mail: Mail
    editing: Editing
    configuration: Callable[[], Configuration]
    language: Callable[[User], Language]
    clock: Any


class Commands:
    """Call it with a gadget, its user and the command. What is being done is kept until it is over."""

    log = Logger()

    def __init__(self, means: Means) -> None:
        self._means = means
        self._running: dict[Deferred[None], None] = {}

    def __len__(self) -> int:
        """How many are being done, or are done and what becomes of the call is still to be told."""
        return len(self._running) + len(self._means.calls)

    def __call__(self, gadget: Gadget, user: User, command: m.Command) -> None:
        gadget.waiting += 1
        running = Deferred.fromCoroutine(self._answered(gadget, user, command))
        self._running[running] = None

        def over(result: object) -> None:
            self._running.pop(running, None)
            gadget.waiting -= 1

        running.addBoth(over)

    def stop(self) -> None:
        """What is being done is broken off."""
        for running in tuple(self._running):
            running.cancel()

    async def _answered(self, gadget: Gadget, user: User, command: m.Command) -> None:
        try:
            result = await self._done(gadget, user, command)
        except Refused as refused:
            gadget.refused(user, command.id, refused)
        except EditError:
            gadget.refused(user, command.id, Refused(Why.MALFORMED))
        except (NotSavedError, Unavailable):
            gadget.refused(user, command.id, Refused(Why.NOT_SAVED))
        except CancelledError:
            pass
        except Exception:
            self.log.failure("a command of the gadget of {user} failed", user=user.name)
            gadget.refused(user, command.id, Refused(Why.FAILED))
        else:
            gadget.done(command.id, result)

    async def _done(self, gadget: Gadget, user: User, command: m.Command) -> Any:
        means, configuration = self._means, self._means.configuration()

        def told(news: NotReached) -> None:
            gadget.notice(news.words(means.configuration(), means.language(user)))

        match command:
            case m.Presence():
                set_presence(
                    means.application.presence, configuration, user, command.user,
                    PresenceValue[command.value.upper()], command.message,
                )  # fmt: skip
            case m.Forward():
                set_forwarding(
                    means.application.forwarding, configuration, user, command.member,
                    Forwarding(command.to, command.number, command.target), command.kind == "line",
                    means.language(user),
                )  # fmt: skip
            case m.Dial():
                return {"call": await means.calls.dial(user, _target(command.to), told, command.from_)}
            case m.Search():
                return {"found": await self._found(configuration, command.text)}
            case m.Messages():
                return means.mail.messages_of(user)
            case m.Heard():
                if not means.mail.heard(user, command.message, command.heard):
                    raise Refused(Why.NO_MESSAGE)
            case m.Delete():
                if not means.mail.delete(user, command.message):
                    raise Refused(Why.NO_MESSAGE)
            case m.SetLanguage():
                values = {"language": command.language}
                await self._edit(gadget, user, lambda now: edits.change_user(now, user.id, values))
            case m.OnPhone():
                await self._edit(gadget, user, lambda now: show_on_phone(now, user, command.member, command.shown))
            case m.OfCall():
                return await self._of_call(user, command, told)
        return {}

    async def _edit(self, gadget: Gadget, user: User, edit: Callable[[Configuration], Configuration]) -> None:
        await self._means.editing.edit(edit, user.name, gadget.visitor.address)

    async def _of_call(self, user: User, command: m.OfCall, told: Told) -> Any:
        calls, at = self._means.calls, (user, command.call, command.device)
        match command:
            case m.Consult():
                return {"call": await calls.consult(*at, _target(command.to), told)}
            case m.Blind():
                await calls.blind(*at, _target(command.to), told)
            case m.Complete():
                await calls.complete(*at, told=told)
            case m.Digits():
                await calls.digits(*at, command.digits.upper())
            case _:
                await self._simple(calls, command)(*at)
        return {}

    @staticmethod
    def _simple(calls: CallSteering, command: m.OfCall) -> Callable[[User, str, str], Awaitable[None]]:
        return {
            m.Answer: calls.answer, m.End: calls.end, m.Hold: calls.hold, m.Retrieve: calls.retrieve,
            m.Cancel: calls.cancel, m.Pickup: calls.pickup,
        }[type(command)]  # fmt: skip

    async def _found(self, configuration: Configuration, text: str) -> list[Found]:
        """Found piece by piece, since there may be very many: nothing waits for it meanwhile."""
        found: list[Found] = []
        looking: Iterator[Found | None] = search(configuration, text)
        for one in looking:
            if one is not None:
                found.append(one)
            else:
                await deferLater(self._means.clock, 0.0)
        return found


def _target(sent: m.Target) -> Target:
    return Target(sent.number, sent.member, sent.voicemail)
