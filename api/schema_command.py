"""``contracts-chain schema``: what a file of terms must look like, class by class."""

from __future__ import annotations

import json

from contracts_chain.agreements.classes.book import CLASSES, class_of_id
from contracts_chain.agreements.templates.template import load_template
from contracts_chain.agreements.terms_schema import terms_schema

__all__ = ["show_schema"]


def show_schema(class_id: str | None) -> int:
    """Print one schema, or the list of classes.

    Raises:
        ClassUnknownError: No such class.
    """
    if class_id is None:
        for one in CLASSES:
            print(f"{one.id:26} {load_template(one).title}")
    else:
        print(json.dumps(terms_schema(class_of_id(class_id)), ensure_ascii=False, indent=2))
    return 0
