"""What a seal of the registry looks like: the one place that chooses a drawing for a kind."""

from __future__ import annotations

from typing import assert_never

from contracts_chain.agreements.seals.seal import SealKind
from pdfgen.seal import organisation_seal
from pdfgen.square_seal import name_seal

__all__ = ["draw_seal"]


def draw_seal(*, kind: SealKind, owner: str, name: str, holder: str, mark: str) -> bytes:
    """Draw a seal as a one-page PDF; same arguments, same bytes.

    Args:
        kind: Decides the shape.
        owner: Registered name of the organisation.
        name: Wording of the seal.
        holder: Person of a name chop; not drawn on any other.
        mark: Such as ``TEST``; empty in production.

    Raises:
        MissingGlyphError: A character cannot be drawn.
        SealNameError: A name that fits no seal.
    """
    match kind:
        case SealKind.OFFICIAL:
            return organisation_seal(owner, "公章", mark=mark)
        case SealKind.CONTRACT | SealKind.SUPPLY_CONTRACT | SealKind.BRANCH:
            return organisation_seal(owner, name, mark=mark)
        case SealKind.LEGAL_REPRESENTATIVE:
            return name_seal(holder, mark=mark)
        case _:
            assert_never(kind)
