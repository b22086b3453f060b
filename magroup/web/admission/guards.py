"""Decorators of Klein routes: the method gets the Identity after the request, or is not called.

For methods of objects that have an ``admission``; put them below ``@app.route``.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from inspect import isawaitable
from typing import Any

from twisted.web.iweb import IRequest

from magroup.web.admission.admission import Admission
from magroup.web.identity import Identity

Route = Callable[..., Any]
Admitted = Callable[..., Coroutine[Any, Any, Any]]


def rest(route: Route) -> Admitted:
    """For the XML services."""
    return _guarded(route, lambda admission, request: admission.rest(request))


def api(scope: str) -> Callable[[Route], Admitted]:
    """For the JSON API, to tokens with ``scope`` and to sessions."""
    return lambda route: _guarded(route, lambda admission, request: admission.api(request, scope))


def page(*privileges: str) -> Callable[[Route], Admitted]:
    """For pages, to users with one of ``privileges``, or to all."""
    return lambda route: _guarded(route, lambda admission, request: admission.page(request, *privileges))


def _guarded(route: Route, admit: Callable[[Admission, IRequest], Awaitable[Identity]]) -> Admitted:
    @wraps(route)
    async def guarded(owner: Any, request: IRequest, *arguments: Any, **named: Any) -> Any:
        identity = await admit(owner.admission, request)
        answer = route(owner, request, identity, *arguments, **named)
        return await answer if isawaitable(answer) else answer

    return guarded
