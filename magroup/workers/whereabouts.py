"""What a worker knows of calls and numbers, so that what belongs together comes to one worker."""

from collections.abc import Callable

from magroup.cluster.others_calls import OthersCalls
from magroup.cti.errors import ServiceError
from magroup.groups.application import Application
from magroup.groups.pickup import alerting, to_pick_up
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.switch.switch import SipSwitch
from magroup.workers.first_ones import first_ones


class Whereabouts:
    """Implements ``Surroundings``. ``numbers`` has the workers of this server by their names as nodes."""

    def __init__(
        self, numbers: dict[str, int], own: int, others: OthersCalls, switch: SipSwitch, application: Application,
        configuration: Callable[[], Configuration], settings: Callable[[], Settings],
    ) -> None:  # fmt: skip
        self._numbers = numbers
        self._own = own
        self._others = others
        self._switch = switch
        self._application = application
        self._configuration = configuration
        self.is_once = first_ones(settings, configuration)

    def line_of(self, user: str) -> str:
        line = self._configuration().line(user)
        return line.number if line is not None else ""

    def worker_of(self, call_id: str) -> int:
        return self._numbers.get(self._others.node_of(call_id), 0)

    def has_call(self, line: str) -> bool:
        return any(call.connection(line) is not None for call in self._switch.calls())

    def picked_up_at(self, line: str, called: str) -> int:
        code = self._switch.pickup_code
        if not code or not called.startswith(code):
            return 0
        at = called.removeprefix(code)
        try:
            self._application.pickup(line, at)
        except ServiceError:
            ringing = alerting(self._others.calls(), {}, self._others.vip)
            try:
                found = to_pick_up(self._application.snapshot, line, at, ringing)
            except ServiceError:
                return self._own
            return self.worker_of(found.call_id) or self._own
        return self._own
