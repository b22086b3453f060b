"""What another switch says that it can, or permits (servicesPermitted, GetCSTAFeatures), by the port's services."""

from collections.abc import Iterable
from functools import lru_cache

from magroup.cti.call_control import Service

Words = Iterable[tuple[str, tuple[str, ...]]]

_CALL_ASSOCIATED = frozenset((Service.GENERATE_DIGITS,))
_ASSOCIATED = "associated"


def names_in(words: Words) -> frozenset[str]:
    """All names, of whatever group: no two switches group them alike."""
    return frozenset(name for _, names in words for name in names)


def permitted_in(words: Words) -> frozenset[str]:
    """The same of servicesPermitted; of a kind of services that it does not speak of all are permitted."""
    groups = tuple(words)
    names = names_in(groups)
    if any(_ASSOCIATED in group.lower() for group, _ in groups):
        return names
    return names | {service.value for service in _CALL_ASSOCIATED}


def is_among(service: Service, names: frozenset[str]) -> bool:
    """Whether the service is named, as singleStepTransferCall or singleStepTransfer."""
    return _bare(service.value) in _all_bare(names)


@lru_cache(maxsize=256)
def _all_bare(names: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_bare, names))


@lru_cache(maxsize=256)
def _bare(name: str) -> str:
    return name.lower().removesuffix("call")
