"""``/docs``: the operations of this API as one page, made from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.routes.pages import PageRoute, page

__all__ = ["Operation", "operations_of", "router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the page."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[str, ...]


@router.get("/docs")
def reference(request: Request) -> HTMLResponse:
    """List every operation; the machine-readable form is /openapi.json."""
    return page(request, "reference.html", operations=tuple(operations_of(request.app.openapi())))


def operations_of(schema: dict[str, dict[str, dict[str, dict[str, object]]]]) -> Iterator[Operation]:
    """The operations of an OpenAPI document, in its order."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            yield Operation(
                method=method.upper(),
                path=path,
                summary=str(operation.get("summary", "")),
                description=str(operation.get("description", "")),
                parameters=tuple(_parameters(parameters)),
            )


def _parameters(listed: object) -> Iterator[str]:
    for parameter in listed if isinstance(listed, list) else []:
        need = "required" if parameter.get("required") else "optional"
        yield f"{parameter['name']} ({parameter['in']}, {need})"
