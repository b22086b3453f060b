"""The board of all that changes, put together with what the API tells of it."""

from collections.abc import Callable

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.board import Board
from magroup.groups.member_states import MemberStates
from magroup.groups.viewers import Viewers
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.settings import ApiSettings
from magroup.web.api.event_data import encoded, reset, shows
from magroup.web.api.event_streams import EventStreams
from magroup.web.api.parts import Live
from magroup.web.api.table import READERS


def following(
    switch: Switch, application: Application, states: MemberStates, configuration: Callable[[], Configuration],
    settings: Callable[[], ApiSettings], clock: Clock,
) -> tuple[Board, Live]:  # fmt: skip
    """Neither the board nor the streams are started."""
    board = Board(clock, switch, states, application.presence, application.forwarding.subscribe, configuration())
    shown = shows(configuration, application)
    streams = EventStreams(
        board, Viewers(configuration, READERS), clock, settings,
        lambda news: encoded(board.life, news, shown(news.change)), reset,
    )  # fmt: skip
    return board, Live(switch, application, states, streams.viewers, streams)
