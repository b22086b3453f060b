"""Forms on phones: what is typed is checked, and comes back with the reason where it is refused.

A form keeps in its URL what it showed (``was``): what is left as it was is not changed, and what somebody else has
changed meanwhile is not undone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from magroup.groups.editing import EditError
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import CHANGED, NO_REASONS, Reasons, reason
from magroup.web.phone.editing import TAG, Change, May, edit, tag
from magroup.web.phone.objects import DEFAULT_VALUE, Input, InputFlags, InputItem, SoftKey, fitted
from magroup.web.phone.visit import Page, PhoneError, Visit
from magroup.web.phone.words import DELETE_LEFT, SUBMIT

LONGEST = 64
"""Characters of what is typed."""
SENT = "was"
"""The parameter that says that something was typed."""

Query = Mapping[str, object]


@fixed
class Field:
    """``name`` is that of the parameter, ``value`` what is there now. In a telephone number # stands for +."""

    label: Said
    name: str
    value: str = ""
    flags: InputFlags = InputFlags.ASCII
    is_number: bool = False

    @property
    def shown(self) -> str:
        value = self.value
        if self.flags is InputFlags.TELEPHONE and value.startswith("+"):
            value = "#" + value[1:]
        return fitted(value, DEFAULT_VALUE)

    @property
    def tag(self) -> str:
        """What is another one when another value is shown."""
        return tag(self.shown)

    def typed(self, visit: Visit) -> str:
        """Raises PhoneError."""
        if self.is_number:
            return visit.phone_number(self.name)
        return " ".join(visit.text(self.name, LONGEST).split())

    def holding(self, value: str) -> "Field":
        """The same with another value."""
        return replace(self, value=value)

    def is_as(self, before: str, typed: str) -> bool:
        """Whether that was typed which was shown with this tag."""
        return self.holding(typed).tag == before


@fixed
class Form:
    """The form on the page ``page`` with ``query``; ``fields`` gives what there is to fill in, at any moment.

    ``more`` are softkeys beside the usual ones.
    """

    title: str
    page: str
    query: Query
    fields: Callable[[Configuration], Sequence[Field]]
    more: Sequence[SoftKey] = ()

    def shown(self, visit: Visit) -> Page:
        """As it is when it is opened."""
        fields = self.fields(visit.configuration)
        return self._page(visit, self.title, fields, [field.shown for field in fields], "")

    def typed(self, visit: Visit) -> dict[str, str]:
        """All that was typed, by name. Raises PhoneError."""
        return {field.name: field.typed(visit) for field in self.fields(visit.configuration)}

    def changes(self, visit: Visit, configuration: Configuration) -> dict[str, str]:
        """What was typed where something else was shown. Raises PhoneError where that has been changed meanwhile."""
        tags, found = visit.text(SENT), {}
        for place, field in enumerate(self.fields(configuration)):
            before = tags[place * TAG : (place + 1) * TAG]
            typed = field.typed(visit)
            if field.is_as(before, typed) or typed == field.value:
                continue
            if field.tag != before:
                raise PhoneError(CHANGED)
            found[field.name] = typed
        return found

    def again(self, visit: Visit, why: Said) -> Page:
        """With what was typed; what was not touched is as it is now. The title says why."""
        tags, values = visit.text(SENT), []
        fields = self.fields(visit.configuration)
        for place, field in enumerate(fields):
            before = tags[place * TAG : (place + 1) * TAG]
            typed = _safe(field, visit)
            kept = typed is not None and not field.is_as(before, typed) and (why is not CHANGED or field.tag == before)
            values.append(field.holding(typed).shown if kept and typed is not None else field.shown)
        return self._page(visit, visit.say(why), fields, values, self.title, is_result=True)

    def _page(
        self, visit: Visit, title: str, fields: Sequence[Field], values: Sequence[str], prompt: str,
        is_result: bool = False,
    ) -> Page:  # fmt: skip
        tags = "".join(field.tag for field in fields)
        items = [
            InputItem(visit.say(field.label), field.name, field.flags, value)
            for field, value in zip(fields, values, strict=True)
        ]
        keys = visit.keys(SUBMIT, "SoftKey:Submit", SoftKey(visit.say(DELETE_LEFT), "SoftKey:<<"), *self.more)
        url = visit.url(self.page, **self.query, **{SENT: tags})
        return Page(Input(title, prompt, keys, url, items), is_result)


async def answered(
    visit: Visit, form: Form, may: May, change: Change, then: Callable[[Visit], Page],
    reasons: Reasons = NO_REASONS,
) -> Page:  # fmt: skip
    """The form, or what comes of it when it was sent: ``change``, then ``then`` with what is in force."""
    if not visit.text(SENT):
        return form.shown(visit)
    try:
        return then(await edit(visit, may, change))
    except EditError as error:
        return form.again(visit.now(), reason(error, reasons))
    except PhoneError as error:
        return form.again(visit.now(), error.said)


def _safe(field: Field, visit: Visit) -> str | None:
    try:
        return field.typed(visit)
    except PhoneError:
        return None
