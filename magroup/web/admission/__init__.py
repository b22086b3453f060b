"""The one admission of the web: who makes a request, and may they."""

from magroup.web.admission.admission import Admission
from magroup.web.admission.refusals import LoginNeeded

__all__ = ["Admission", "LoginNeeded"]
