"""JSON Schema of every class's file of terms, for forms and other systems."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from contracts_chain.agreements.classes.book import CLASSES, class_of_id
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms_schema import terms_schema

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/schemas")


@router.get("", summary="The classes of agreement: id, kind, name, schema")
def classes() -> list[dict[str, str]]:
    """Every class this service drafts."""
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "name": load_template(one).title,
            "schema": f"/api/v1/schemas/{one.id}",
        }
        for one in CLASSES
    ]


@router.get("/{class_id}", summary="JSON Schema (2020-12) of one class's file of terms")
def schema(class_id: str) -> Response:
    """The schema.

    Raises:
        ClassUnknownError: No such class.
    """
    return JSONResponse(terms_schema(class_of_id(class_id)), media_type="application/schema+json")
