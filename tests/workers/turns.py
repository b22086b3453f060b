"""A clock that is a reactor, too: in each of its turns who reads and who writes has one, over real pairs of sockets."""

from select import select

from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from twisted.internet.task import Clock


class Turns(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.readers: dict[IReadDescriptor, None] = {}
        self.writers: dict[IWriteDescriptor, None] = {}

    def addReader(self, reader: IReadDescriptor) -> None:
        self.readers[reader] = None

    def removeReader(self, reader: IReadDescriptor) -> None:
        self.readers.pop(reader, None)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        self.writers[writer] = None

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        self.writers.pop(writer, None)

    def advance(self, amount: float) -> None:
        """What was sent before comes now, then the time has gone by, then what is sent by that comes."""
        self.turn()
        super().advance(amount)
        self.turn()

    def turn(self) -> None:
        """One for each that can read or write now, until nobody can."""
        while True:
            can_read, can_write, _ = select([*self.readers], [*self.writers], [], 0)
            for reader in can_read:
                if reader in self.readers:
                    reader.doRead()
            for writer in can_write:
                if writer in self.writers:
                    writer.doWrite()
            if not can_read and not can_write:
                return
