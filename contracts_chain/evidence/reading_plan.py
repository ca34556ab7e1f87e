"""What an offer demands of a reader: pages, conspicuous clauses by digest, and seconds for each.

Decides the JSON of ``details.reading`` in the offer record (docs/formats/record.md). It is
fixed before anybody reads; the ceremony obeys it and step 6 of the recipe holds the trail
against it.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts_chain.evidence.strict_fields import Fields
from kernel.canonical_json import JsonObject, JsonValue
from kernel.sized_bytes import Bytes32

__all__ = ["ClauseDue", "ReadingPlan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDue:
    """One conspicuous clause.

    Attributes:
        clause: Its number as printed, e.g. ``第十二条``.
        sha256: Digest of canonical number, text and title.
        seconds: Shortest time between its serving and its confirmation.
    """

    clause: str
    sha256: Bytes32
    seconds: int

    def as_json(self) -> dict[str, JsonValue]:
        """Members by name; the digest in hex."""
        return {"clause": self.clause, "seconds": self.seconds, "sha256": self.sha256.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """Everything a reader must be served."""

    pages: int
    clauses: tuple[ClauseDue, ...]

    def as_json(self) -> dict[str, JsonValue]:
        """The object kept in the offer."""
        clauses: list[JsonValue] = [clause.as_json() for clause in self.clauses]
        return {"clauses": clauses, "pages": self.pages}

    @classmethod
    def of_offer(cls, details: JsonObject, place: str) -> ReadingPlan:
        """Read it from the details of an offer, record or trail line.

        Raises:
            MalformedEvidenceError: It is not there, or not in this form.
        """
        fields = Fields(details, place).object("reading")
        plan = cls(
            pages=fields.natural("pages"),
            clauses=tuple(_clause(value, fields.at("clauses")) for value in fields.members("clauses")),
        )
        fields.finish()
        return plan


def _clause(value: JsonValue, place: str) -> ClauseDue:
    fields = Fields.of(value, place)
    due = ClauseDue(
        clause=fields.text("clause"),
        sha256=fields.sized("sha256", Bytes32),
        seconds=fields.natural("seconds"),
    )
    fields.finish()
    return due
