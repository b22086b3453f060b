"""Tells twistd about magroup."""

from twisted.application.service import ServiceMaker

magroup = ServiceMaker("magroup", "magroup.service", "A manager/assistant telephony server.", "magroup")
