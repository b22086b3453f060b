"""Cisco's remote call control (x-cisco-remotecc): REFERs outside of dialogs tell a phone what to do."""

from magroup.switch.remotecc.answercall import answer_by_remotecc
from magroup.switch.remotecc.phone import is_keep_alive, keep_alive, knows_remotecc, switch_on, takes_presence

__all__ = ["answer_by_remotecc", "is_keep_alive", "keep_alive", "knows_remotecc", "switch_on", "takes_presence"]
