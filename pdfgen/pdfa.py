"""What makes a PDF an archival one: PDF/A-3b (ISO 19005-3), written before the first signature.

XMP in step with the Info dictionary, an sRGB output intent, language, embedded files with
``/AFRelationship`` (clause 6.8).

Claiming conformance (``pdfaid``) is a statement of fact: it is made because veraPDF
passes our drafts, invoices and seals (``tests/integration/pdfgen``, marked long), and
it can be switched off with ``claim=False``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from kernel.clock import utc_text
from pdfgen.document import Attachment
from pdfgen.pdf_file import PdfFile, Ref, name, text_string
from pdfgen.srgb_profile import SRGB_PROFILE

__all__ = ["PRODUCER", "ArchivalFacts", "archival_entries", "info_entries"]

PRODUCER: Final = "contracts-chain pdfgen"
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
    claim: bool = True


def archival_entries(file: PdfFile, facts: ArchivalFacts) -> list[str]:
    """Write metadata, output intent and attachments; the catalogue's entries that point to them."""
    packet = _XMP.format(
        title=escape(facts.title),
        subject=escape(facts.subject),
        time=utc_text(facts.created_utc),
        creator=escape(_CREATOR),
        producer=escape(PRODUCER),
        claim=_CLAIM if facts.claim else "",
    )
    metadata = file.add_stream(packet.encode("utf-8"), "/Type /Metadata /Subtype /XML", packed=False)
    profile = file.add_stream(SRGB_PROFILE, "/N 3")
    standard = text_string("sRGB IEC61966-2.1")
    intent = file.add(
        f"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier {standard} /Info {standard} "
        f"/DestOutputProfile {profile} 0 R >>"
    )
    return [
        "/Lang (zh-CN) /ViewerPreferences << /DisplayDocTitle true >>",
        f"/Metadata {metadata} 0 R /OutputIntents [{intent} 0 R]",
        *_attached(file, facts),
    ]


def info_entries(facts: ArchivalFacts) -> list[str]:
    """The Info dictionary, in step with the XMP packet."""
    entries = {
        "Title": facts.title,
        "Subject": facts.subject,
        "Creator": _CREATOR,
        "Producer": PRODUCER,
        "CreationDate": _pdf_date(facts.created_utc),
        "ModDate": _pdf_date(facts.created_utc),
        **facts.custom,
    }
    return [f"{name(key)} {text_string(value)}" for key, value in entries.items()]


def _attached(file: PdfFile, facts: ArchivalFacts) -> list[str]:
    """Embed the files, in the order of their names as the name tree demands."""
    ordered = sorted(facts.attachments, key=lambda one: one.name.encode("utf-16-be"))
    if not ordered:
        return []
    known = [(text_string(one.name), _specification(file, one, facts.created_utc)) for one in ordered]
    names = " ".join(f"{called} {ref} 0 R" for called, ref in known)
    associated = " ".join(f"{ref} 0 R" for _, ref in known)
    return [f"/Names << /EmbeddedFiles << /Names [{names}] >> >> /AF [{associated}]"]


def _specification(file: PdfFile, attachment: Attachment, created_utc: datetime) -> Ref:
    moment = text_string(_pdf_date(created_utc))
    checksum = hashlib.md5(attachment.content, usedforsecurity=False).hexdigest()
    stream = file.add_stream(
        attachment.content,
        f"/Type /EmbeddedFile /Subtype {name(attachment.media_type)} /Params << "
        f"/Size {len(attachment.content)} /CreationDate {moment} /ModDate {moment} /CheckSum <{checksum}> >>",
    )
    called = text_string(attachment.name)
    return file.add(
        f"<< /Type /Filespec /F {called} /UF {called} /Desc {text_string(attachment.description)} "
        f"/AFRelationship {name(attachment.relationship)} /EF << /F {stream} 0 R /UF {stream} 0 R >> >>"
    )


def _pdf_date(moment: datetime) -> str:
    return f"D:{moment.astimezone(UTC):%Y%m%d%H%M%S}Z"
