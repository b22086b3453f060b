"""What the status of each phone shows, and what is pushed for it: the page's URL, or the strip beside the calls."""

from collections.abc import Callable, Hashable
from urllib.parse import quote

from magroup.model.configuration import Configuration
from magroup.model.lines import Phone
from magroup.web.phone.display import Display, Frame, frame_of, strip_of
from magroup.web.phone.display.page import strip as strip_shown
from magroup.web.phone.models import Model, model_of
from magroup.web.phone.push.documents import AT_ONCE, WHEN_IDLE, execute, strip
from magroup.web.phone.push.sites import Sites
from magroup.web.phone.push.ways import Ways
from magroup.web.phone.visit import ROOT

PAGE = "display"
NO_GROUP = "no group"
NO_STRIP = "Init:AppStatus"
"""Lets a phone take the strip away."""


class ShownStatus:
    """Devices are known by their casefolded names. ``has_strip`` says whose setting asks for the strip, ``is_ours``
    which phones this node keeps.
    """

    def __init__(
        self, configuration: Callable[[], Configuration], display: Display, sites: Sites, ways: Ways,
        has_strip: Callable[[Phone], bool], is_ours: Callable[[Phone], bool] = lambda phone: True,
    ) -> None:  # fmt: skip
        self._configuration = configuration
        self._display = display
        self._sites = sites
        self._ways = ways
        self._has_strip = has_strip
        self._is_ours = is_ours

    def view(self, device: str) -> Hashable:
        """What is in the picture, without how it is drawn; None for a phone that shows none."""
        phone = self._configuration().phone(device)
        frame, _ = self._frame(phone) if phone is not None else (None, False)
        if phone is None or frame is None or not self._is_ours(phone):
            return None
        return self._display.view(self._configuration(), phone, frame.most_tiles) or NO_GROUP

    async def document(self, device: str) -> bytes:
        """What is pushed now; b"" where nobody knows under which URL the phone reaches us."""
        phone = self._configuration().phone(device)
        site = self._sites.of(device, self._ways.registration(phone)) if phone is not None else ""
        frame, is_strip = self._frame(phone) if phone is not None else (None, False)
        if phone is None or frame is None or not site:
            return b""
        if is_strip:
            return await self._strip(phone, site)
        url = f"{site}{ROOT}/{PAGE}?device={quote(phone.device_name, safe='')}"
        return execute(f"{url}&token={quote(phone.token, safe='')}" if phone.token else url, WHEN_IDLE)

    async def _strip(self, phone: Phone, site: str) -> bytes:
        found = await strip_shown(self._display, self._configuration(), phone, self._model(phone), site)
        return strip(found.url) if found is not None else execute(NO_STRIP, AT_ONCE)

    def _frame(self, phone: Phone) -> tuple[Frame | None, bool]:
        """The room on the phone, and whether it is that of the strip."""
        model = self._model(phone)
        found = strip_of(model) if self._has_strip(phone) else None
        return (found, True) if found is not None else (frame_of(model), False)

    def _model(self, phone: Phone) -> Model:
        """As the phone has said itself, else by the configuration."""
        return self._sites.model(phone.device_name.casefold()) or model_of(phone.model)
