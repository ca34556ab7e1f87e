"""What a signature or a party's seal looks like on the page: the signer's own mark, or the seal drawn.

Looks decide nothing: what signs is the key. The utility's own seals are drawn once, when they
are made (``seal_drawing``).
"""

from __future__ import annotations

from typing import assert_never

from contracts_chain.workflows.dossier import CeremonyFile, SlotFile
from contracts_chain.workflows.mark import DrawnMark, PhotoMark, TypedMark, mark_of
from contracts_chain.workflows.office import Office
from kernel.clock import beijing_text
from pdfgen.handwriting import handwriting
from pdfgen.photo_hand import photo_hand
from pdfgen.seal import organisation_seal, person_signature

__all__ = ["look_of"]


def look_of(office: Office, slot: SlotFile, ceremony: CeremonyFile) -> bytes:
    """A one-page PDF to be stamped into the slot.

    Raises:
        MarkMissingError: The signer chose none.
        MissingGlyphError: A character cannot be drawn.
    """
    mark = office.utility.stamp_mark
    if slot.kind == "seal":
        return organisation_seal(slot.organisation, slot.seal_name, mark=mark)
    caption = f"电子签名\n{beijing_text(office.clock.now(), seconds=True)}"
    chosen = mark_of(office, ceremony)
    match chosen:
        case TypedMark():
            return person_signature(chosen.name, caption=caption, mark=mark)
        case DrawnMark():
            return handwriting(chosen.strokes, caption, mark)
        case PhotoMark():
            return photo_hand(chosen.content, caption, mark)
        case _:
            assert_never(chosen)
