"""Why a number goes where it goes: a dry run of a call in words."""

from magroup.groups.explaining.explainer import Explainer
from magroup.groups.explaining.ways import Ways

__all__ = ["Explainer", "Ways"]
