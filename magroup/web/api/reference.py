"""The help page with all operations, made from their table."""

from collections.abc import Iterable, Mapping

from magroup.web.api.operation import Operation


def reference(operations: Iterable[Operation], tags: Mapping[str, str]) -> str:
    """The page as Markdown."""
    table = tuple(operations)
    lines = ["# Operations of the API", "", "All paths are below `/api/v1`. How they are used: [the API](api).", ""]
    for tag, text in tags.items():
        lines += [f"## {tag}", "", text, "", "| operation | what | scope | privilege, one of |", "|---|---|---|---|"]
        lines += [_row(operation) for operation in table if operation.tag == tag]
        lines.append("")
    return "\n".join(lines)


def _row(operation: Operation) -> str:
    scope = "login on the web only" if operation.sessions_only else f"`{operation.scope}`" if operation.scope else "any"
    privileges = ", ".join(privilege.value for privilege in operation.privileges)
    return f"| `{operation.method} {operation.path}` | {operation.summary} | {scope} | {privileges} |"
