"""What all table modules share: one catalogue with one way of naming, and the type of a moment."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData

__all__ = ["METADATA", "MOMENT"]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
MOMENT = DateTime(timezone=True)
