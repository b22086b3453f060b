"""A consultation before a transfer: it is begun, then completed or cancelled, whatever has become of it meanwhile."""

from collections.abc import Mapping

from magroup.groups.picture.calls import CallView
from magroup.groups.picture.commands import State
from magroup.groups.steering import Refused, Target, Why
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.web.phone.menu.calls import calls_in_switch, comes_true, own_call, own_calls, who
from magroup.web.phone.objects import Place, SoftKey, Text
from magroup.web.phone.visit import Page, PageFunction, Visit
from magroup.web.phone.words import CANCEL

TITLE = Said("Transfer call", "Anruf verbinden", "Transférer l'appel")
COMPLETE = Said("Complete", "Übergabe", "Terminer")
RESUME = Said("Resume", "Heranh.", "Reprendre")
IS_SET_UP = Said(
    "Consultation transfer is set up.",
    "Die Rückfrage ist aufgebaut.",
    "Le transfert avec consultation est prêt.",
)
TALKS = Said("You are talking to {detail}.", "Sie sprechen mit {detail}.", "Vous parlez avec {detail}.")
RINGS = Said("{detail} is being called.", "{detail} wird gerufen.", "{detail} est appelé.")
NOBODY_ANSWERS = Said(
    "{detail} is busy or does not answer. Cancel leads back to the caller.",
    "{detail} ist besetzt oder meldet sich nicht. Abbruch führt zum Anrufer zurück.",
    "{detail} est occupé ou ne répond pas. Annuler ramène à l'appelant.",
)
IS_OVER = Said(
    "The consultation is over. {detail} is on hold.",
    "Die Rückfrage ist beendet. {detail} wird gehalten.",
    "La consultation est terminée. {detail} est en attente.",
)
IS_BACK = Said("You have {detail} back.", "Sie sprechen wieder mit {detail}.", "Vous avez de nouveau {detail}.")
CALLER_GONE = Said(
    "The caller has hung up. You are still in the call with {detail}.",
    "Der Anrufer hat aufgelegt. Sie sind noch mit {detail} verbunden.",
    "L'appelant a raccroché. Vous êtes encore avec {detail}.",
)
ALL_GONE = Said(
    "This call is not on your phone any more: it was transferred, or is over.",
    "Dieser Anruf ist nicht mehr an Ihrem Telefon: er ist verbunden oder beendet.",
    "Cet appel n'est plus sur votre téléphone : il est transféré ou terminé.",
)
TRANSFERRED = Said("The call goes to {detail}.", "Der Anruf geht an {detail}.", "L'appel passe à {detail}.")


async def begin(visit: Visit, call: CallView, member: Member) -> Page:
    """Hold the call and call the member; the page of the consultation. Begun already it is left as it is."""
    id, device = "", call.device
    if of(visit, call.id) is None:
        try:
            id = await visit.parts.calls.consult(visit.user, call.id, call.device, Target(member=member.id))
        except Refused:
            if of(visit, call.id) is None:
                raise
        else:
            await comes_true(visit, lambda: of(visit, call.id) is not None or not _is_there(visit, device, id))
    return _page(visit, call.id, id)


def of(visit: Visit, held: str) -> CallView | None:
    """The consultation beside the call on hold with this id."""
    calls = own_calls(visit)
    devices = {call.device for call in calls if call.id == held and call.state is State.HELD}
    return next((call for call in calls if call.consulting and call.device in devices), None)


def _is_there(visit: Visit, device: str, id: str) -> bool:
    return any(call.id == id for call in calls_in_switch(visit, device))


def under_way(visit: Visit) -> Page | None:
    """The page of a consultation that the user is in."""
    found = next((call for call in own_calls(visit) if call.consulting), None)
    return _page(visit, found.consulting) if found is not None else None


async def complete(visit: Visit) -> Page:
    """Leave both to each other."""
    return await completed(visit, visit.text("held"), visit.text("call"))


async def completed(visit: Visit, held: str, id: str) -> Page:
    """The call on hold and the consultation are joined."""
    active = own_call(visit, id)
    if active is None or own_call(visit, held) is None:
        return _page(visit, held, id)
    try:
        await visit.parts.calls.complete(visit.user, id, active.device, held)
    except Refused as refused:
        if refused.why not in (Why.STATE, Why.GONE, Why.NO_CONSULTATION):
            raise
        return _page(visit, held, id, NOBODY_ANSWERS)
    return visit.message(visit.say(TITLE), visit.say(TRANSFERRED, who(visit, active)))


async def cancel(visit: Visit) -> Page:
    """Leave the consultation and go on with the call that is held."""
    held, id = visit.text("held"), visit.text("call")
    caller, active = own_call(visit, held), own_call(visit, id)
    if caller is not None and active is not None and caller.state is State.HELD:
        await visit.parts.calls.cancel(visit.user, id, active.device, held)
        return visit.message(visit.say(TITLE), visit.say(IS_BACK, who(visit, caller)))
    if caller is not None and active is None:
        return await _resumed(visit, caller)
    return _page(visit, held, id)


async def resume(visit: Visit) -> Page:
    """Go on with a call on hold."""
    caller = own_call(visit, visit.text("call"))
    if caller is None:
        raise Refused(Why.GONE)
    return await _resumed(visit, caller)


async def _resumed(visit: Visit, caller: CallView) -> Page:
    if caller.state is State.HELD:
        await visit.parts.calls.retrieve(visit.user, caller.id, caller.device)
    return visit.message(visit.say(TITLE), visit.say(IS_BACK, who(visit, caller)))


def _page(visit: Visit, held: str, id: str = "", said: Said | None = None) -> Page:
    """What there is now of the call ``held`` and the consultation, ``id`` where that one was meant."""
    caller, active = own_call(visit, held), of(visit, held)
    if caller is not None and active is not None:
        with_whom = said or (RINGS if active.state is State.CALLING else TALKS)
        text = f"{visit.say(IS_SET_UP)}\n{visit.say(with_whom, who(visit, active))}"
        return _shown(visit, text, _keys(visit, held, active.id))
    if caller is not None and id and _is_there(visit, caller.device, id):
        return _shown(visit, visit.say(IS_SET_UP), _keys(visit, held, id))
    if caller is not None and caller.state is State.HELD:
        resume_key = SoftKey(visit.say(RESUME), visit.url("resume", call=held), Place.ACT)
        return _shown(visit, visit.say(IS_OVER, who(visit, caller)), (resume_key, visit.exit_key()))
    if caller is not None:
        return visit.message(visit.say(TITLE), visit.say(IS_BACK, who(visit, caller)))
    left = own_call(visit, id) if id else None
    if left is not None:
        return visit.message(visit.say(TITLE), visit.say(CALLER_GONE, who(visit, left)))
    return visit.message(visit.say(TITLE), visit.say(ALL_GONE))


def _keys(visit: Visit, held: str, id: str) -> tuple[SoftKey, ...]:
    query = {"held": held, "call": id}
    return (
        SoftKey(visit.say(COMPLETE), visit.url("complete", **query), Place.ACT),
        SoftKey(visit.say(CANCEL), visit.url("cancel", **query)),
        visit.exit_key(),
    )


def _shown(visit: Visit, text: str, keys: tuple[SoftKey, ...]) -> Page:
    return Page(Text(visit.say(TITLE), "", keys, text), is_result=True)


PAGES: Mapping[str, PageFunction] = {"complete": complete, "cancel": cancel, "resume": resume}
