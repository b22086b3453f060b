"""How the server does: a page for people, and what monitoring asks."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from twisted.web.iweb import IRequest
from werkzeug.exceptions import Forbidden

from magroup.web.admission import Admission
from magroup.web.answers import PLAIN, answer
from magroup.web.metrics import CONTENT_TYPE, exposition
from magroup.web.spans import in_words
from magroup.web.status import Others, Readiness, StatusSource
from magroup.web.templates import Templates


class StatusPages:
    """``seconds`` gives UTC; ``others`` are the other processes, where there are several."""

    def __init__(
        self, templates: Templates, admission: Admission, status: StatusSource, readiness: Readiness,
        seconds: Callable[[], float], others: Others | None,
    ) -> None:  # fmt: skip
        self._templates = templates
        self._admission = admission
        self._status = status
        self._readiness = readiness
        self._seconds = seconds
        self._others = others

    async def page(self, request: IRequest, uptime: float) -> bytes:
        """All of it for those who may see it, else only whether it does."""
        workers = await self._others.all() if self._others is not None else ()
        reasons = self._readiness.reasons()
        if not self._admission.may_see_details(request):
            return answer(request, self._render(request, "status_outside.html", is_ready=not reasons))
        now = self._seconds()
        rows = [(one.number, one.process, in_words(now - one.since), one.calls) for one in workers]
        return answer(request, self._render(
            request, "status.html", status=self._status(), uptime=in_words(uptime), not_ready=reasons, workers=rows
        ))  # fmt: skip

    async def readiness(self, request: IRequest) -> bytes:
        """200, or 503; to those who may know with a line for each part that is not ready."""
        if self._others is not None:
            await self._others.refresh()
        reasons = self._readiness.reasons()
        told = reasons if self._admission.may_see_details(request) else reasons and ["not ready"]
        lines = "".join(f"{line}\n" for line in told or ["ready"])
        return answer(request, lines, PLAIN, 503 if reasons else 200)

    async def metrics(self, request: IRequest, registry: CollectorRegistry) -> bytes:
        """For Prometheus. Raises Forbidden."""
        if not self._admission.may_read_metrics(request):
            raise Forbidden("The metrics are for addresses named in http.metrics_open_to, and for administrators.")
        if self._others is None:
            return answer(request, exposition(registry), CONTENT_TYPE)
        await self._others.refresh()
        return answer(request, await self._others.exposition(registry), CONTENT_TYPE)

    def _render(self, request: IRequest, template: str, **values: object) -> str:
        viewer = self._admission.viewer(request)
        return self._templates.render(template, viewer=viewer.user_name if viewer else "", **values)
