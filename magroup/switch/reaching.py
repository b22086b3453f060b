"""How a number is reached now: the phones of a line, or one of the trunks that may carry it."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.model.lines import Trunk
from magroup.sip.uri import sip_uri
from magroup.switch.calling import Reach
from magroup.switch.leg import Leg, Route
from magroup.switch.trunks import sent_as

if TYPE_CHECKING:
    from magroup.switch.ringing import Ringing
    from magroup.switch.switch import SipSwitch

log = Logger(__name__)


def reach(switch: "SipSwitch", device: str, is_line: bool, ringing: "Ringing | None" = None) -> Reach:
    """The route by a trunk to ``device``, which is on the PBX where it is a line.

    Those that ``ringing`` has tried are out; with none left that answers the status is 503.
    """
    trunks = switch.trunks
    ways = trunks.ways(device, is_line)
    if not ways:
        log.info("Nobody knows the number {number}, and there is no default trunk", number=device)
        return Reach((), 404)
    if len(ways) > 1:
        ways = _in_turn(switch, ways, ringing)
    for trunk in ways:
        hop = trunks.hop(trunk.id)
        if hop is not None and (ringing is None or trunk.id not in ringing.tried):
            number = sent_as(trunk, device)
            target = sip_uri(number, hop.name or hop.host, hop.port, hop.transport)
            return Reach((Route(target, hop, (), trunk.id),), sent="" if is_line else number)
    return Reach((), 503)


def _in_turn(switch: "SipSwitch", ways: list[Trunk], ringing: "Ringing | None") -> list[Trunk]:
    """Those that have failed a moment ago last; what stands in for the first one is not whom the call comes from."""
    trunks = switch.trunks
    caller: Leg | None = getattr(ringing.owner, "caller", None) if ringing is not None else None
    if caller is not None and caller.party.external:
        dialog = caller.session.dialog
        hop = dialog.hop if dialog is not None else getattr(caller.session, "hop", None)
        source = trunks.of_source(hop) if hop is not None else None
        if source is not None:
            ways = [trunk for trunk in ways if trunk is ways[0] or trunk.id != source.id]
    return sorted(ways, key=lambda trunk: trunks.is_doubted(trunk.id))
