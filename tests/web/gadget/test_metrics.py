"""The gadgets' numbers for Prometheus."""

from twisted.internet.task import deferLater

from tests.web.gadget.server import ASSISTANT, GadgetCase, reactor


class MetricsTests(GadgetCase):
    """On the page of all metrics."""

    async def numbers(self) -> dict[str, str]:
        answer = await self.curl(f"http://{self.host}/metrics")
        lines = answer.body.splitlines()
        return dict(line.rsplit(" ", 1) for line in lines if line.startswith("magroup_gadget"))

    async def test_numbers(self) -> None:
        self.assertEqual(await self.numbers(), {"magroup_gadgets": "0.0"})
        browser = await self.open(ASSISTANT)
        await browser.refused("presence", user="nobody", value="away")
        await browser.refused("nonsense")
        await browser.refused("nonsense")
        self.assertEqual(
            await self.numbers(),
            {
                "magroup_gadgets": "1.0",
                'magroup_gadget_commands_refused_total{code="gone"}': "1.0",
                'magroup_gadget_commands_refused_total{code="invalid"}': "2.0",
            },
        )
        self.web_admission.sessions.end_of_user(ASSISTANT.casefold())
        browser.ask("search", text="")
        await browser.closed
        while len(self.gadgets):
            await deferLater(reactor, 0.02)
        self.assertEqual((await self.numbers())['magroup_gadgets_closed_total{why="session"}'], "1.0")
