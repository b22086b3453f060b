"""The XML services of the REST services manual, below ``/Applications/inbound/<instance>/rest/``."""

from magroup.web.rest.call import Parts
from magroup.web.rest.paths import is_upload
from magroup.web.rest.rest_services import FUNCTIONS, Admission, RestServices
from magroup.web.rest.turns import Turns

__all__ = ["FUNCTIONS", "Admission", "Parts", "RestServices", "Turns", "is_upload"]
