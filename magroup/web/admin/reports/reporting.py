"""What the tab Reports works with beside the administration."""

from pathlib import Path

from magroup.model.clock import Clock
from magroup.model.report import Reports
from magroup.web.admin.reports.approvals import Approvals
from magroup.web.admin.reports.jobs import Jobs
from magroup.web.sounds import InThread


class Reporting:
    """``folder`` takes the files until they are fetched; ``in_thread`` deletes them."""

    def __init__(self, reports: Reports, clock: Clock, folder: Path, in_thread: InThread) -> None:
        self.reports = reports
        self.approvals = Approvals(clock.seconds)
        self.jobs = Jobs(reports, clock, folder, in_thread)
