"""The messages of application sessions (ECMA-354), in their own namespace."""

from typing import ClassVar

from magroup.csta import child
from magroup.csta.login import Login, read_login, write_login
from magroup.csta.message import Message, Record, message, record


class SessionMessage(Message):
    """A message of ECMA-354."""

    is_session: ClassVar[bool] = True


@record
class ApplicationInfo(Record):
    """Who asks for a session: its id, and credentials where the server wants some."""

    application_id: str = child.text("applicationID")
    login: Login | None = child.made_of("applicationSpecificInfo", read_login, write_login)


@record
class SessionError(Record):
    """Why a session is refused: a word of the standard, or the application's own."""

    defined_error: str = child.text("definedError")
    appl_error: str = child.text("applError")


@record
class EndReason(Record):
    """Why the client ends it."""

    defined_end_reason: str = child.text("definedEndReason")
    appl_end_reason: str = child.text("applEndReason")


@record
class TermReason(Record):
    """Why the server ends it."""

    defined_term_reason: str = child.text("definedTermReason")
    server_term_reason: str = child.text("serverTermReason")


@message
class StartApplicationSession(SessionMessage):
    """The client wants a session, and says in which versions of the protocol and for how many seconds."""

    application_info: ApplicationInfo | None = child.inner("applicationInfo", ApplicationInfo)
    requested_protocol_versions: tuple[str, ...] | None = child.texts("requestedProtocolVersions", "protocolVersion")
    requested_session_duration: int | None = child.number("requestedSessionDuration")


@message
class StartApplicationSessionPosResponse(SessionMessage):
    """The session is there."""

    session_id: str = child.needed_text("sessionID")
    actual_protocol_version: str = child.text("actualProtocolVersion")
    actual_session_duration: int | None = child.number("actualSessionDuration")


@message
class StartApplicationSessionNegResponse(SessionMessage):
    """The session is refused."""

    error_code: SessionError | None = child.inner("errorCode", SessionError)


@message
class ResetApplicationSessionTimer(SessionMessage):
    """The session shall go on."""

    session_id: str = child.needed_text("sessionID")
    requested_session_duration: int | None = child.number("requestedSessionDuration")


@message
class ResetApplicationSessionTimerPosResponse(SessionMessage):
    """It does, for so many seconds from now on."""

    actual_session_duration: int | None = child.number("actualSessionDuration")


@message
class ResetApplicationSessionTimerNegResponse(SessionMessage):
    """It does not."""

    error_code: SessionError | None = child.inner("errorCode", SessionError)


@message
class StopApplicationSession(SessionMessage):
    """The client ends the session."""

    session_id: str = child.needed_text("sessionID")
    session_end_reason: EndReason | None = child.inner("sessionEndReason", EndReason)


@message
class StopApplicationSessionPosResponse(SessionMessage):
    """It is over."""


@message
class StopApplicationSessionNegResponse(SessionMessage):
    """There was no such session."""

    error_code: SessionError | None = child.inner("errorCode", SessionError)


@message
class ApplicationSessionTerminated(SessionMessage):
    """The server has ended the session."""

    session_id: str = child.text("sessionID")
    session_term_reason: TermReason | None = child.inner("sessionTermReason", TermReason)
