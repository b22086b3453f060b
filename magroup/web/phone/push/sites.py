"""What phones have said when they asked, for what they are pushed: under which URL they reach us, their model."""

from collections.abc import Callable, Iterable

from magroup.model.lines import Registration
from magroup.web.phone.models import Model

LONGEST = 100


class Sites:
    """``public_url`` is the setting; ``own`` gives the address by which the phone of a registration reaches us by SIP,
    ``port`` that of the web server there, 0 where there is none for plain HTTP.
    """

    def __init__(
        self, public_url: Callable[[], str], own: Callable[[Registration], str], port: Callable[[], int]
    ) -> None:  # fmt: skip
        self._public_url = public_url
        self._own = own
        self._port = port
        self._used: dict[str, tuple[str, Model]] = {}

    def seen(self, device: str, site: str, model: Model) -> bool:
        """A phone, by its casefolded device name, has asked for a page under this URL; whether that is new."""
        if len(site) > LONGEST or self._used.get(device) == (site, model):
            return False
        self._used[device] = (site, model)
        return True

    def model(self, device: str) -> Model | None:
        """As the phone has said, None for one that has not asked yet."""
        used = self._used.get(device)
        return used[1] if used is not None else None

    def keep_only(self, devices: Iterable[str]) -> None:
        """All other phones are gone."""
        kept = frozenset(devices)
        self._used = {device: used for device, used in self._used.items() if device in kept}

    def of(self, device: str, registration: Registration | None) -> str:
        """Without a slash at its end; "" where nobody knows."""
        public_url = self._public_url()
        if public_url:
            return public_url.rstrip("/")
        if device in self._used:
            return self._used[device][0]
        port = self._port()
        if registration is None or not port:
            return ""
        host = self._own(registration)
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"
