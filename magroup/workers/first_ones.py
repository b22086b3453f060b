"""What only the first worker has for phones: numbers whose calls programs route by CSTA, and uaCSTA."""

from collections.abc import Callable

from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.workers import marks

CSTA_XML = b"application/csta+xml"


def first_ones(
    settings: Callable[[], Settings], configuration: Callable[[], Configuration]
) -> Callable[[bytes], bool]:  # fmt: skip
    """Tells whether an INVITE is for that."""

    def is_so(data: bytes) -> bool:
        csta = settings().csta
        if csta.uacsta and CSTA_XML in data:
            return True
        if not csta.route_points:
            return False
        called, same = marks.called(data), configuration().plan.same
        return any(same(called, point) for point in csta.route_points)

    return is_so
