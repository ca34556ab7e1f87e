"""How a field of the terms is named to people: Chinese label and unit.

Carried in ``Annotated`` so that forms, tables, error messages and documents all use
one name. Never a rule: limits belong to the rule pack.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Label"]


@dataclass(frozen=True, slots=True)
class Label:
    """Chinese label, and the unit printed after a value (``kVA``, ``kV`` …)."""

    zh: str
    unit: str = ""
