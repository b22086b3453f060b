"""What other nodes may ask for: the services on the calls of this one."""

from collections.abc import Callable

from magroup.cluster.asking import Asking
from magroup.cti.call_control import Service
from magroup.cti.switch import Switch
from magroup.cti.types import ConnectionId


def serve_calls(asking: Asking, own: Switch, may_pick_up: Callable[[str, str, str], object]) -> None:
    """Let other nodes ask for the services on the calls of ``own``.

    ``may_pick_up(by, at, call_id)`` raises ServiceError where a line may not have the call: only here is known for
    which group it rings.
    """

    of = ConnectionId

    def told(connection: ConnectionId) -> tuple[str, str]:
        return connection.call_id, connection.device

    async def answer(call_id: str, device: str) -> None:
        await own.answer_call(of(call_id, device))

    async def clear(call_id: str, device: str) -> None:
        await own.clear_connection(of(call_id, device))

    async def hold(call_id: str, device: str) -> None:
        await own.hold_call(of(call_id, device))

    async def retrieve(call_id: str, device: str) -> None:
        await own.retrieve_call(of(call_id, device))

    async def alternate(held: str, device: str, active: str) -> None:
        await own.alternate_call(of(held, device), of(active, device))

    async def consult(call_id: str, device: str, destination: str) -> tuple[str, str]:
        return told(await own.consultation_call(of(call_id, device), destination))

    async def reconnect(active: str, device: str, held: str) -> None:
        await own.reconnect_call(of(active, device), of(held, device))

    async def transfer(held: str, device: str, active: str) -> tuple[str, str]:
        return told(await own.transfer_call(of(held, device), of(active, device)))

    async def blind(call_id: str, device: str, destination: str) -> tuple[str, str]:
        return told(await own.single_step_transfer_call(of(call_id, device), destination))

    async def deflect(call_id: str, device: str, destination: str) -> None:
        await own.deflect_call(of(call_id, device), destination)

    async def pick_up(call_id: str, device: str, by: str) -> None:
        may_pick_up(by, device, call_id)
        await own.directed_pickup_call(of(call_id, device), by)

    async def digits(call_id: str, device: str, text: str) -> None:
        await own.generate_digits(of(call_id, device), text)

    for service, work in (
        (Service.ANSWER_CALL, answer), (Service.CLEAR_CONNECTION, clear), (Service.HOLD_CALL, hold),
        (Service.RETRIEVE_CALL, retrieve), (Service.ALTERNATE_CALL, alternate), (Service.CONSULTATION_CALL, consult),
        (Service.RECONNECT_CALL, reconnect), (Service.TRANSFER_CALL, transfer),
        (Service.SINGLE_STEP_TRANSFER_CALL, blind), (Service.DEFLECT_CALL, deflect),
        (Service.DIRECTED_PICKUP_CALL, pick_up), (Service.GENERATE_DIGITS, digits),
    ):  # fmt: skip
        asking.serve(service.value, work)
