"""A network in memory for tests: what is sent on one wire arrives at the wire that has this address, or is kept."""

import errno

from magroup.rtp.wire import Address, Received, numeric_address


class MemoryWire:
    """A port of the network in memory (see ``Wire``); ``sent`` has all that was sent from it."""

    def __init__(self, wires: "MemoryWires", address: Address, received: Received) -> None:
        self.address = address
        self.dropped = 0
        self.failed = 0
        self.sent: list[tuple[bytes, Address]] = []
        self.full = False
        self._wires = wires
        self._received = received

    def send(self, data: bytes, address: Address) -> None:
        if self.full:
            self.dropped += 1
            return
        self.sent.append((data, address))
        other = self._wires.open_wires.get(address)
        if other is not None:
            other.receive(data, self.address)

    def receive(self, data: bytes, address: Address) -> None:
        """A datagram arrives from ``address``."""
        if self._wires.open_wires.get(self.address) is self:
            self._received(data, address)

    def close(self) -> None:
        if self._wires.open_wires.get(self.address) is self:
            del self._wires.open_wires[self.address]


class MemoryWires:
    """The network in memory; ``taken`` are addresses that somebody else has bound."""

    def __init__(self) -> None:
        self.open_wires: dict[Address, MemoryWire] = {}
        self.taken: set[Address] = set()

    def open(self, host: str, port: int, received: Received) -> MemoryWire:
        try:
            address = numeric_address(host, port)
        except ValueError as error:
            raise OSError(str(error)) from error
        if address in self.open_wires or address in self.taken:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        wire = MemoryWire(self, address, received)
        self.open_wires[address] = wire
        return wire
