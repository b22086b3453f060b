"""Credentials in a StartApplicationSession: each vendor has its own form of them, and any is read."""

from dataclasses import dataclass, field

from magroup.csta.edition import Edition, LoginForm
from magroup.csta.kinds import Element, escaped, local_name, read_text

_USER = ("userName", "user", "username", "login")
_PASSWORD = ("password", "passwd")
_NAMESPACES = {LoginForm.AVAYA: "http://www.avaya.com/csta", LoginForm.ELTEX: "http://www.eltex.org/csta"}
_MOST_ELEMENTS = 40


@dataclass(frozen=True)
class Login:
    """User and password, and the form in which they are written."""

    user: str
    password: str = field(default="", repr=False)
    form: LoginForm = LoginForm.OPENSCAPE


def read_login(element: Element) -> Login | None:
    """By names, at any depth; None where there is no user."""
    user = password = ""
    form = LoginForm.OPENSCAPE
    for at, child in enumerate(element.iter()):
        name = local_name(child)
        if name == "SessionLoginInfo":
            form = _form_of(child)
        elif name in _USER and not user:
            user = read_text(child)
        elif name in _PASSWORD and not password:
            password = read_text(child)
        if at > _MOST_ELEMENTS:
            break
    return Login(user, password, form) if user else None


def _form_of(element: Element) -> LoginForm:
    tag = str(element.tag)
    return LoginForm.ELTEX if tag.startswith(f"{{{_NAMESPACES[LoginForm.ELTEX]}}}") else LoginForm.AVAYA


def write_login(name: str, value: Login, edition: Edition) -> str:
    user, password = escaped(value.user), escaped(value.password)
    match value.form:
        case LoginForm.AVAYA:
            inside = (
                f'<SessionLoginInfo xmlns="{_NAMESPACES[value.form]}"><userName>{user}</userName>'
                f"<password>{password}</password></SessionLoginInfo>"
            )
        case LoginForm.ELTEX:
            inside = (
                f'<ns1:SessionLoginInfo xmlns:ns1="{_NAMESPACES[value.form]}"><ns1:userName>{user}</ns1:userName>'
                f"<ns1:password>{password}</ns1:password></ns1:SessionLoginInfo>"
            )
        case LoginForm.OPENSCAPE:
            inside = f"<user>{user}</user><password>{password}</password>"
        case _:
            inside = ""
    return f"<{name}>{inside}</{name}>"
