"""Service functions: the URLs under which gadget and phone services are reached."""

from collections.abc import Mapping

from lxml import etree

from magroup.web.rest.call import Call, Content, Function
from magroup.web.rest.refusal import error
from magroup.web.rest.xml import element, leaf

_DEVICE = "device=#DEVICENAME#"
_INTEGRATIONS = {
    "manual": "{home}/src/Jabber.asp",
    "auto": "{site}/LogonPage.asp?page={path}/src/Jabber.asp&user=xxx&pwd=xxx",
    "coc": "{site}/LogonPage.asp?page={path}/src/Jabber.asp&user=%user%&pwd=%pwd%",
}
_PHONE_SERVICES = {
    "MainMenu": f"/src/PhoneMenu.asp?{_DEVICE}",
    "lButtonService": f"/src/OneButton.asp?{_DEVICE}",
    "TransferCall": f"/src/IndependentServices.asp?action=transferCall&{_DEVICE}",
    "PickupCall": f"/src/IndependentServices.asp?action=pickupCalls&{_DEVICE}",
    "DirectCall": f"/src/IndependentServices.asp?action=directCall&{_DEVICE}",
    "ChangeGroup": f"/src/IndependentServices.asp?action=changeGroup&{_DEVICE}",
    "ChangeStatus": f"/src/IndependentServices.asp?action=changeStatus&{_DEVICE}",
    "TeamStatus": f"/src/IndependentServices.asp?action=teamStatus&{_DEVICE}",
    "SetForwarding": f"/src/IndependentServices.asp?action=setForwarding&{_DEVICE}",
}
"""By the element they stand in: that of the 1 Button Service begins with the letter l."""

_ELEMENTS = {name.casefold(): name for name in _PHONE_SERVICES} | {
    "1buttonservice": "lButtonService",
    "pickupcalls": "PickupCall",
}
"""By what is sent as ``service``, without case."""


async def get_integration_urls(call: Call) -> Content:
    login = call.parameters.filter("login")
    urls = {
        name: url.format(site=call.site, home=call.home, path=call.home.removeprefix(call.site))
        for name, url in _INTEGRATIONS.items()
    }
    if not login:
        return [element("IntegrationURLs", *(leaf(name, url) for name, url in urls.items()))]
    if login not in urls:
        raise error(f"login must be one of {', '.join(urls)}: {login}")
    return [leaf("IntegrationURL", urls[login])]


async def get_phone_service_urls(call: Call) -> Content:
    service = call.parameters.filter("service")
    if not service:
        return [_service(call, name) for name in _PHONE_SERVICES]
    if service not in _ELEMENTS:
        raise error(f"there is no service {service}")
    return [_service(call, _ELEMENTS[service])]


def _service(call: Call, name: str) -> etree._Element:
    return leaf(name, call.home + _PHONE_SERVICES[name])


FUNCTIONS: Mapping[str, Function] = {
    "getIntegrationURLs": Function("getIntegrationURLs", get_integration_urls),
    "getPhoneServiceURLs": Function(
        lambda parameters: "services" if parameters.text("service") else "getIntegrationURLs", get_phone_service_urls
    ),
}
