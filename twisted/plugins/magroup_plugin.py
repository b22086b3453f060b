"""Tells twistd about magroup."""

from twisted.application.service import ServiceMaker

magroup = ServiceMaker("magroup", "magroup.twistd", "A manager/assistant telephony server.", "magroup")
