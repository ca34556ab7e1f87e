"""Identifiers: opaque, random, and each of its own type.

Numbers that people read (contract number, invoice number) are assigned by rules of
their own; the ids here never leave the database and the API.
"""

from __future__ import annotations

import secrets
from typing import NewType

__all__ = ["AgreementId", "InvoiceId", "PersonId", "new_id"]

AgreementId = NewType("AgreementId", str)
InvoiceId = NewType("InvoiceId", str)
PersonId = NewType("PersonId", str)


def new_id() -> str:
    """128 random bits as 32 hex digits."""
    return secrets.token_hex(16)
