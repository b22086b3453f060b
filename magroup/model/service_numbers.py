"""Numbers by which services are dialled: no line and no group may have one (spec 8)."""

from magroup.model.fixed import fixed
from magroup.model.numbers import NumberPlan, bare


@fixed
class ServiceNumbers:
    """``codes`` are dialled alone or before a number: no number may begin with one; ``pilot`` is the voicemail's."""

    codes: tuple[str, ...] = ()
    pilot: str = ""

    def wrong(self, number: str, plan: NumberPlan) -> str:
        """Why nobody else may have ``number``, as one sentence; "" when somebody may."""
        for code in self.codes:
            if bare(number).startswith(code):
                return f"{number} begins with {code}, which is the code of a service"
        if self.pilot and plan.same(number, self.pilot):
            return f"{number} is the number of the voicemail"
        return ""
