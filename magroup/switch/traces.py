"""The SIP messages of the switch's calls: all legs, and all phones that rang, found when somebody looks."""

from collections.abc import Callable, Mapping

from magroup.model.trace import Address, CallTrace, TraceFigures
from magroup.sip.hop import Hop
from magroup.sip.trace import Trace
from magroup.sip.traced import read
from magroup.switch.call import SwitchCall
from magroup.switch.tracing import call_ids


class CallTraces:
    """``calls`` are those that are up, by id; ``local`` is our address towards a hop."""

    def __init__(
        self, trace: Trace, calls: Mapping[str, SwitchCall], local: Callable[[Hop], Address]
    ) -> None:  # fmt: skip
        self._trace = trace
        self._calls = calls
        self._local = local

    def find(self, call_id: str) -> Callable[[], CallTrace] | None:
        """What reads the trace of a call, in a thread; None where nothing is kept."""
        call = self._calls.get(call_id)
        found = self._trace.find(call_id, *(call_ids(call) if call is not None else ()))
        if found is None:
            return None
        hops = {hop for track in found.tracks for _, _, _, hop, _ in track}
        local = {hop: self._local(hop) for hop in hops}
        return lambda: read(found.tracks, found.lost, local)

    def figures(self) -> TraceFigures:
        return TraceFigures(self._trace.size, self._trace.kept, self._trace.number)
