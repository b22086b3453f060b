"""What a REGISTER makes of the contacts of one line: worked out whole before anything changes (RFC 3261 10.3)."""

from math import ceil
from sys import intern

from magroup.model.lines import Registration
from magroup.sip.contacts import Limits, Wanted, reach, read_contacts, read_path
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.uri import Uri, parse_uri

LONGEST_CALL_ID = 512
LONGEST_USER_AGENT = 128
STRAGGLER = 32.0


class Binding:
    """One contact of a line; ``due`` is when its entry in the queue is looked at, 0 when it is no longer bound.

    ``since`` is when it was first registered, 0.0 for what was there before a restart. ``way`` is what ``hop`` was made
    of, beside the contact: where the REGISTER came from, the port of its only Via, and whether that has ``rport``; None
    where that is not known, or there was more.
    """

    __slots__ = ("due", "hop", "registration", "since", "updated_at", "wanted", "way")

    def __init__(self, registration: Registration, wanted: Wanted, hop: Hop, updated_at: float) -> None:
        self.registration = registration
        self.wanted = wanted
        self.hop = hop
        self.since = self.updated_at = updated_at
        self.due = 0.0
        self.way: tuple[Hop, str, bool] | None = None


class Plan:
    """A contact as it will be, in the place of ``binding`` if there is one; nothing is changed before all is right."""

    __slots__ = ("binding", "hop", "registration", "wanted")

    def __init__(self, binding: Binding | None, registration: Registration, wanted: Wanted, hop: Hop) -> None:
        self.binding = binding
        self.registration = registration
        self.wanted = wanted
        self.hop = hop

    @classmethod
    def of(cls, binding: Binding) -> "Plan":
        """That all stays as it is."""
        return cls(binding, binding.registration, binding.wanted, binding.hop)

    @property
    def is_changed(self) -> bool:
        return self.binding is None or self.binding.registration is not self.registration


def plan_update(
    number: str, bindings: tuple[Binding, ...], request: Request, now: float, received: Hop, limits: Limits
) -> tuple[list[Plan], dict[str, list[str]]]:
    """The contacts that a line has after ``request``, and the headers of the 200. Raises SipError."""
    call_id, (cseq, _) = request.call_id, request.cseq
    if len(call_id) > LONGEST_CALL_ID:
        raise SipError(400, "Call-ID too long")
    known = {binding.wanted.text: binding.wanted for binding in bindings if binding.wanted.text}
    wanted = read_contacts(request, limits, known)
    plans = [Plan.of(binding) for binding in bindings if binding.registration.expires_at > now]
    most = max(limits.contacts, len(plans))
    headers = {}
    if wanted is None:
        for plan in plans:
            _check_newer(plan, call_id, cseq, now)
        plans = []
    elif wanted:
        path = read_path(request)
        if path and "path" in request.tokens("Supported"):
            headers["Path"] = list(path)
        user_agent = intern(request.get("User-Agent")[:LONGEST_USER_AGENT])
        for contact in wanted:
            seconds = contact.granted(request, limits)
            uri = parse_uri(contact.contact)
            earlier = _find(plans, contact, uri)
            if earlier is not None:
                _check_newer(earlier, call_id, cseq, now)
            if not seconds:
                if earlier is not None:
                    plans.remove(earlier)
                continue
            hop = reach(uri, path, request, received)
            registration = Registration(
                number, contact.contact, call_id, cseq, now + seconds, hop.transport, (hop.host, hop.port),
                user_agent, contact.instance, contact.q, path,
            )  # fmt: skip
            if earlier is None:
                plans.append(Plan(None, registration, contact, hop))
            else:
                earlier.registration, earlier.wanted, earlier.hop = registration, contact, hop
        if len(plans) > most:
            raise SipError(403, "Too many contacts")
    if plans:
        headers["Contact"] = [_format(plan, now) for plan in plans]
    return plans, headers


def _find(plans: list[Plan], contact: Wanted, uri: Uri) -> Plan | None:
    """The contact that is the same: by its URI, or as the same flow of the same device (RFC 5626)."""
    for plan in plans:
        known = plan.wanted.contact
        if known == contact.contact or parse_uri(known).same_as(uri):
            return plan
    if contact.instance:
        for plan in plans:
            if plan.wanted.instance == contact.instance and plan.wanted.flow_id in ("", contact.flow_id):
                return plan
    return None


def _check_newer(plan: Plan, call_id: str, cseq: int, now: float) -> None:
    """Refuse a REGISTER that was overtaken by a later one; phones that start anew with the same Call-ID may."""
    known, binding = plan.registration, plan.binding
    if binding is None or plan.is_changed:
        return
    if known.call_id == call_id and cseq <= known.cseq and now - binding.updated_at < STRAGGLER:
        raise SipError(500, "CSeq is not newer")


def _format(plan: Plan, now: float) -> str:
    left = max(1, ceil(plan.registration.expires_at - now - 0.001))
    return format_contact(plan.registration, plan.wanted, left)


def format_contact(registration: Registration, wanted: Wanted, seconds: int) -> str:
    """A contact in a 200, which ends in so many seconds."""
    q = f";q={registration.q:g}" if registration.q != 1 else ""
    return f"<{registration.contact}>{q};expires={seconds}{wanted.params}"
