"""What the first signature was put on, and whether its own revision adds anything but itself.

A signature covers whatever its own revision changes: rules about *later* revisions never see that. So
a contract could be agreed, its pages rewritten, and the rewritten ones signed. The revision before the first
signature is therefore compared with the signed one as if it had been certified (ISO 32000-2 12.8.2.2):
one signature field is filled, its seams with it, and nothing else is touched.

Decides where those earlier bytes end. Which bytes were agreed is the caller's question: it holds
their length against ``ends`` and ``resumes``.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from signing.contract_policy import OPENING_POLICY
from signing.document_metadata import MetadataHistory
from signing.form_fields import fields_by_name, is_field_rewritten, written_places
from signing.found_signature import FoundSignature
from signing.judgement import SOUND, Judgement, refuted
from signing.model import OpeningFinding
from signing.pdf_reading import FieldOnFile
from signing.revision_bytes import end_of_revision, find_unaccounted_bytes, start_of_next
from signing.seam_check import seams_on_file

__all__ = ["judge_opening"]


def judge_opening(
    pdf: bytes, reader: PdfFileReader, fields: Sequence[FieldOnFile], first: FoundSignature
) -> OpeningFinding | None:
    """Judge the revision of the first signature against the one before it.

    Args:
        pdf: The whole file.
        reader: Over the same bytes.
        fields: All signature fields of the newest revision.
        first: The first signature, of sound shape.

    Returns:
        ``None`` if nothing stood before it: it was made together with the file.

    Raises:
        Exception: pyHanko's, over malformed revisions.
    """
    base = first.revision - 1
    if base < 0:
        return None
    ends = end_of_revision(pdf, reader, base)
    judgement = _judge(pdf, reader, fields, first, ends)
    return OpeningFinding(
        ends=ends, resumes=start_of_next(pdf, ends), verdict=judgement.verdict, code=judgement.code
    )


def _judge(
    pdf: bytes, reader: PdfFileReader, fields: Sequence[FieldOnFile], first: FoundSignature, ends: int
) -> Judgement:
    base = first.revision - 1
    if find_unaccounted_bytes(pdf, reader, after_revision=base, start=ends, last=first.revision) is not None:
        return refuted("unaccounted_bytes", "bytes signed first belong to no declared object")
    old, new = (reader.get_historical_resolver(revision) for revision in (base, first.revision))
    try:
        found = OPENING_POLICY.apply(old, new, field_mdp_spec=None, doc_mdp=MDPPerm.FILL_FORMS)
    except SuspiciousModification as problem:
        return _changed(str(problem))
    if found.modification_level > ModificationLevel.FORM_FILLING or not _only_certifies(new.root):
        return _changed("more than a field was filled")
    if MetadataHistory(reader).find_change(since=base) is not None:
        return _changed("title or other metadata changed")
    if _field_names(old) != _field_names(new):
        return _changed("signature fields were added")
    return _judge_filled(reader, fields, found.changed_form_fields, base)


def _judge_filled(
    reader: PdfFileReader, fields: Sequence[FieldOnFile], changed: set[str], base: int
) -> Judgement:
    """Only signature fields and seams; what a seam may show is judged with its seal."""
    named = fields_by_name(reader)
    written = {
        place: tuple(one for one in revisions if one == base + 1)
        for place, revisions in written_places(reader, since=base + 1).items()
    }
    seams = seams_on_file(named, [field.name for field in fields])
    known = {field.name for field in fields}.union(*seams.values())
    strange = [name for name in changed - known if is_field_rewritten(named.get(name), written, since=base)]
    return _changed(f"form field {min(strange)} was filled") if strange else SOUND


def _field_names(root: HistoricalResolver) -> set[str]:
    return {str(name) for name, _, _ in enumerate_sig_fields(root)}


def _only_certifies(root: DictionaryObject) -> bool:
    """``/Perms`` grants nothing but what the certification says (ISO 32000-2 12.8.6)."""
    return "/Perms" not in root or set(root["/Perms"]) <= {"/DocMDP"}


def _changed(reason: str) -> Judgement:
    return refuted("changed_before_signing", f"the first signature's revision changed the document: {reason}")
