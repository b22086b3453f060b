"""Lets ``trial --reporter=counting`` find the reporter; tests/run puts the folder above on the path."""

from twisted.plugin import IPlugin
from twisted.trial.itrial import IReporter
from zope.interface import implementer


@implementer(IPlugin, IReporter)
class Counting:
    """What trial reads of a reporter before it imports it."""

    name = "Counting reporter"
    module = "tests.reporter"
    description = "tree of the tests, and their counts in a file"
    longOpt = "counting"
    shortOpt = None
    klass = "CountingReporter"


counting = Counting()
