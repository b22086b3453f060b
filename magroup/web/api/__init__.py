"""The JSON API below /api/v1: operations as a table, from which routes, checks and the OpenAPI document are made."""

from magroup.web.api.following import following
from magroup.web.api.looks import Looks
from magroup.web.api.openapi import openapi
from magroup.web.api.parts import ApiParts, Live
from magroup.web.api.rates import RequestRates
from magroup.web.api.reference import reference
from magroup.web.api.service import ROOT, ApiService, bad_request
from magroup.web.api.superseded import Superseded
from magroup.web.api.table import OPERATIONS, TAGS, thing_tag

__all__ = [
    "OPERATIONS",
    "ROOT",
    "TAGS",
    "ApiParts",
    "ApiService",
    "Live",
    "Looks",
    "RequestRates",
    "Superseded",
    "bad_request",
    "following",
    "openapi",
    "reference",
    "thing_tag",
]
