"""Lines, phones and trunks of a company file."""

from collections.abc import Callable, Sequence

from magroup.cli.company.form import Form
from magroup.cli.company.ids import assign
from magroup.cli.company.references import group, line_numbers
from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone, Trunk

Use = Callable[[str, Form], None]
"""Marks a number as used by a form; complains when it is used already."""


def read_lines(
    forms: Sequence[Form],
    configuration: Configuration,
    use: Use,
    known: Configuration,
    make_secret: Callable[[], str],
) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines, and the numbers of those for which a secret was made."""
    new_secrets = []

    def secret_of(form: Form, number: str, on_pbx: bool) -> str:
        if form.has("secret") or on_pbx:
            return form.text("secret")
        before = known.line(number)
        if before and before.secret:
            return before.secret
        new_secrets.append(number)
        return make_secret()

    lines = []
    for form in forms:
        number = form.text("number", checks.phone_number, required=True)
        on_pbx = form.flag("on_pbx")
        shown = form.text_or_id("displayed_group")
        displayed = group(form, "displayed_group", shown, configuration) if shown else None
        if number:
            use(number, form)
        lines.append(
            Line(
                number=number,
                secret=secret_of(form, number, on_pbx),
                on_pbx=on_pbx,
                display_name=form.text("display_name"),
                no_records=form.flag("no_records"),
                displayed_group=displayed.id if displayed else 0,
            )
        )
        form.close()
    return tuple(lines), tuple(new_secrets)


def read_phones(forms: Sequence[Form], configuration: Configuration) -> tuple[Phone, ...]:
    phones = []
    names: set[str] = set()
    for form in forms:
        name = form.text("device_name", checks.name, required=True)
        form.only_once("device_name", name, names)
        phones.append(
            Phone(
                device_name=name,
                model=form.text("model"),
                lines=line_numbers(form, "lines", configuration),
                address=form.text("address"),
                push_user=form.text("push_user"),
                push_password=form.text("push_password"),
                token=form.text("token"),
                strip=form.flag("strip"),
            )
        )
        form.close()
    return tuple(phones)


def read_trunks(forms: Sequence[Form], known: Configuration) -> tuple[Trunk, ...]:
    named = [(form, form.text("name", checks.name, required=True)) for form in forms]
    ids = assign(
        [(form, name.casefold()) for form, name in named],
        {trunk.name.casefold(): trunk.id for trunk in known.trunks},
        known.last_ids.trunks,
    )
    trunks = []
    names: set[str] = set()
    defaults: set[str] = set()
    for id, (form, name) in zip(ids, named, strict=True):
        form.only_once("name", name, names)
        is_default = form.flag("default")
        if is_default and defaults:
            form.complain("only one trunk can be the default", "default")
        defaults |= {name} if is_default else set()
        trunk = Trunk(
            id=id,
            name=name,
            address=form.text("address", checks.address, required=True),
            user_name=form.text("user_name"),
            password=form.text("password"),
            registers=form.flag("registers"),
            is_default=is_default,
            prefix=form.text("prefix", checks.prefix),
            strip=form.integer("strip", 0, 0, 32),
            inbound_addresses=form.texts("inbound_addresses", checks.network),
            ping_interval=form.number("ping_interval", Trunk.ping_interval, 0, 86_400),
            expires=form.integer("expires", Trunk.expires, 30, 604_800),
        )
        if trunk.registers and not trunk.user_name:
            form.complain("a trunk that registers needs a user_name", "registers")
        trunks.append(trunk)
        form.close()
    return tuple(trunks)
