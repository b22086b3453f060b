"""Service functions: the URLs under which gadget and phone services are reached."""

from collections.abc import Mapping

from magroup.web.integration import gadget_urls, phone_service_urls
from magroup.web.rest.call import Call, Content, Function
from magroup.web.rest.refusal import error
from magroup.web.rest.xml import element, leaf

_OTHER_NAMES = {"1buttonservice": "lbuttonservice", "pickupcalls": "pickupcall"}
"""What is sent as ``service``, without case, for elements with other names."""


async def get_integration_urls(call: Call) -> Content:
    login = call.parameters.filter("login")
    urls = gadget_urls(call.site, call.instance)
    if not login:
        return [element("IntegrationURLs", *(leaf(name, url) for name, url in urls.items()))]
    if login not in urls:
        raise error(f"login must be one of {', '.join(urls)}: {login}")
    return [leaf("IntegrationURL", urls[login])]


async def get_phone_service_urls(call: Call) -> Content:
    service = call.parameters.filter("service")
    wanted = _OTHER_NAMES.get(service, service)
    urls = phone_service_urls(call.site, call.instance)
    found = [leaf(name, url) for name, url in urls.items() if wanted in ("", name.casefold())]
    if not found:
        raise error(f"there is no service {service}")
    return found


FUNCTIONS: Mapping[str, Function] = {
    "getIntegrationURLs": Function("getIntegrationURLs", get_integration_urls),
    "getPhoneServiceURLs": Function(
        lambda parameters: "services" if parameters.text("service") else "getIntegrationURLs", get_phone_service_urls
    ),
}
