"""A matter that the parties add where no source establishes the fields of a class (reference §10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from contracts_chain.agreements.terms.label import Label

__all__ = ["AgreedItem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedItem:
    """One further matter: what it is about, and what is agreed."""

    name: Annotated[str, Label("事项")]
    content: Annotated[str, Label("约定")]
