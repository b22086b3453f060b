"""Which lines have their phones on the PBX."""

from collections.abc import Callable

from magroup.model.configuration import Configuration


def lines_on_pbx(configuration: Configuration) -> frozenset[str]:
    """Their numbers."""
    return frozenset(line.number for line in configuration.lines if line.on_pbx)


def is_on_pbx(configuration: Callable[[], Configuration]) -> Callable[[str], bool]:
    """Says whether a number is that of such a line, as it is stored."""

    def is_there(number: str) -> bool:
        line = configuration().line(number)
        return line is not None and line.on_pbx and line.number == number

    return is_there
