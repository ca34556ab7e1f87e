"""Make a drawn PDF an archival one: PDF/A-3b (ISO 19005-3), before the first signature.

Adds what reportlab leaves out: XMP in step with the Info dictionary, an sRGB output
intent, language, embedded files with ``/AFRelationship`` (clause 6.8), a file id that
follows from the content. It rewrites the file, so it must never run on a signed one.

Claiming conformance (``pdfaid``) is a statement of fact: it is made because veraPDF
passes our drafts, invoices and seals (``tests/integration/pdfgen``, marked long), and
it can be switched off with ``claim=False``.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

import pikepdf

from kernel.clock import utc_text
from pdfgen.document import Attachment
from pdfgen.srgb_profile import SRGB_PROFILE

__all__ = ["PRODUCER", "ArchivalFacts", "make_archival"]

PRODUCER: Final = "contracts-chain pdfgen (reportlab, pikepdf)"
_CREATOR: Final = "contracts-chain"
_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{time}</xmp:CreateDate>
<xmp:ModifyDate>{time}</xmp:ModifyDate>
<xmp:MetadataDate>{time}</xmp:MetadataDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
{claim}</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_CLAIM: Final = "<pdfaid:part>3</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivalFacts:
    """What the metadata say; ``custom`` are extra keys of the Info dictionary."""

    title: str
    subject: str
    created_utc: datetime
    attachments: tuple[Attachment, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)


def make_archival(pdf: bytes, facts: ArchivalFacts, *, claim: bool = True) -> bytes:
    """Rewrite an unsigned PDF as PDF/A-3b; same input, same bytes."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        _set_info(document, facts)
        _set_metadata(document, facts, claim=claim)
        _set_output_intent(document)
        document.Root.Lang = pikepdf.String("zh-CN")
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        if facts.attachments:
            _attach(document, facts)
        archival = io.BytesIO()
        document.save(archival, deterministic_id=True, min_version="1.7", compress_streams=True)
    return archival.getvalue()


def _set_info(document: pikepdf.Pdf, facts: ArchivalFacts) -> None:
    moment = _pdf_date(facts.created_utc)
    info = pikepdf.Dictionary(
        Title=facts.title,
        Subject=facts.subject,
        Creator=_CREATOR,
        Producer=PRODUCER,
        CreationDate=moment,
        ModDate=moment,
    )
    for key, value in facts.custom.items():
        info[f"/{key}"] = pikepdf.String(value)
    document.trailer.Info = document.make_indirect(info)


def _set_metadata(document: pikepdf.Pdf, facts: ArchivalFacts, *, claim: bool) -> None:
    packet = _XMP.format(
        title=escape(facts.title),
        subject=escape(facts.subject),
        time=utc_text(facts.created_utc),
        creator=escape(_CREATOR),
        producer=escape(PRODUCER),
        claim=_CLAIM if claim else "",
    )
    metadata = pikepdf.Stream(document, packet.encode("utf-8"))
    metadata.Type = pikepdf.Name.Metadata
    metadata.Subtype = pikepdf.Name.XML
    document.Root.Metadata = document.make_indirect(metadata)


def _set_output_intent(document: pikepdf.Pdf) -> None:
    profile = pikepdf.Stream(document, SRGB_PROFILE)
    profile.N = 3
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB IEC61966-2.1",
        Info="sRGB IEC61966-2.1",
        DestOutputProfile=document.make_indirect(profile),
    )
    document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])


def _attach(document: pikepdf.Pdf, facts: ArchivalFacts) -> None:
    """Embed the files, in the order of their names as the name tree demands."""
    names = pikepdf.Array()
    associated = pikepdf.Array()
    for attachment in sorted(facts.attachments, key=lambda one: one.name.encode("utf-16-be")):
        specification = document.make_indirect(_specification(document, attachment, facts.created_utc))
        names.append(pikepdf.String(attachment.name))
        names.append(specification)
        associated.append(specification)
    document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))
    document.Root.AF = associated


def _specification(
    document: pikepdf.Pdf, attachment: Attachment, created_utc: datetime
) -> pikepdf.Dictionary:
    moment = _pdf_date(created_utc)
    embedded = pikepdf.Stream(document, attachment.content)
    embedded.Type = pikepdf.Name.EmbeddedFile
    embedded.Subtype = pikepdf.Name(f"/{attachment.media_type}")
    embedded.Params = pikepdf.Dictionary(
        Size=len(attachment.content),
        CreationDate=moment,
        ModDate=moment,
        CheckSum=pikepdf.String(hashlib.md5(attachment.content, usedforsecurity=False).digest()),
    )
    stream = document.make_indirect(embedded)
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec,
        F=attachment.name,
        UF=attachment.name,
        Desc=attachment.description,
        AFRelationship=pikepdf.Name(f"/{attachment.relationship}"),
        EF=pikepdf.Dictionary(F=stream, UF=stream),
    )


def _pdf_date(moment: datetime) -> str:
    return f"D:{moment.astimezone(UTC):%Y%m%d%H%M%S}Z"
