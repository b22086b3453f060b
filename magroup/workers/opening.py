"""What the workers tell of themselves, put together with the parts that it is about."""

from prometheus_client.registry import Collector

from magroup.assembly import Assembly
from magroup.standing import Standing
from magroup.web.admin.calls.metrics import TraceCollector
from magroup.web.admin.switch.metrics import SwitchCollector
from magroup.web.status import Readiness
from magroup.workers.asked import Asked
from magroup.workers.figures import figures
from magroup.workers.others import Others
from magroup.workers.worker import Worker


def start_telling(assembly: Assembly, worker: Worker, readiness: Readiness, outboxes: Collector) -> Others | None:
    """Answer the first worker, which gets the others as it asks them; its readiness is not ready without them."""
    nodes, telephony = assembly.nodes, assembly.telephony
    assert nodes is not None and nodes.among is not None
    standing = Standing(telephony, lambda: assembly.current.value)
    among = nodes.among
    own = Asked(
        worker.number, assembly.reactor, telephony, standing, lambda: among.handed,
        tuple if worker.is_first else readiness.reasons, assembly.application.story,
        figures(
            lambda: len(telephony.switch.calls_by_id), SwitchCollector(standing), TraceCollector(telephony.traces),
            outboxes,
        ),
        assembly.in_thread,
    )  # fmt: skip
    if not worker.is_first:
        own.serve(nodes.asking)
        return None
    others = Others(assembly.reactor, nodes.asking, lambda: among.numbers, worker.count, own)
    readiness.watch("workers", others.reason)
    return others
