"""The bare library calls that our hot paths cannot avoid, with nothing of ours around them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import psycopg
import rfc8785
from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import CertificateBuilder, Name, NameAttribute
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from pdfgen import document as model
from pdfgen.fonts import SANS_BOLD, SERIF, typeface

__all__ = ["BareAuthority", "append_leaf", "platypus", "validate"]


def platypus(document: model.Document) -> bytes:
    """The same text and tables as stock Platypus flowables, saved once more by pikepdf.

    The archival profile needs that second pass whoever does the layout; header, QR code,
    metadata, attachments and signature fields are left out.
    """
    for face in (SERIF, SANS_BOLD):
        pdfmetrics.registerFont(typeface(face))
    body = ParagraphStyle(
        "body", fontName=SERIF, fontSize=10.5, leading=17, wordWrap="CJK", firstLineIndent=21
    )
    head = ParagraphStyle("head", fontName=SANS_BOLD, fontSize=13, leading=22, wordWrap="CJK")
    cell = ParagraphStyle("cell", fontName=SERIF, fontSize=9, leading=13, wordWrap="CJK")
    story: list[object] = []
    for block in document.blocks:
        story.extend(_flowables(block, body, head, cell))
    buffer = BytesIO()
    SimpleDocTemplate(buffer, invariant=1, initialFontName=SERIF).build(story)
    archived = BytesIO()
    with pikepdf.open(buffer) as pdf:
        pdf.save(archived, deterministic_id=True)
    return archived.getvalue()


def _flowables(  # noqa: PLR0911 - one return a kind of block
    block: model.Block, body: ParagraphStyle, head: ParagraphStyle, cell: ParagraphStyle
) -> list[object]:
    match block:
        case model.Heading():
            return [Paragraph(block.text, head)]
        case model.Paragraph():
            return [Paragraph(block.text, body)]
        case model.Clause():
            return [Paragraph(f"{block.number} {block.title}", head), Paragraph(block.text, body)]
        case model.FieldTable():
            rows = [[Paragraph(value, cell) for value in row] for row in block.rows]
            return [_table(rows), Spacer(1, 6)]
        case model.GridTable():
            rows = [[Paragraph(value, cell) for value in row] for row in (block.header, *block.rows)]
            return [_table(rows), Spacer(1, 6)]
        case model.PartyBlock():
            return [_table([[Paragraph(value, cell) for value in row] for row in block.facts])]
        case model.Diagram() | model.MarkedParagraph():
            return [Paragraph(" ".join(block.texts()), body)]
        case model.PageBreak():
            return [PageBreak()]


def _table(rows: list[list[Paragraph]]) -> Table:
    return Table(
        rows,
        repeatRows=1,
        style=[("FONTNAME", (0, 0), (-1, -1), SERIF), ("GRID", (0, 0), (-1, -1), 0.5, "grey")],
    )


class BareAuthority:
    """pyHanko's own in-process authority; it knows RSA only, so RSA-2048."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        name = Name([NameAttribute(NameOID.COMMON_NAME, "bench")])
        start = datetime(2026, 1, 1, tzinfo=UTC)
        builder = CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=3650))
        certificate = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._stamper = DummyTimeStamper(x509.Certificate.load(certificate), keys.PrivateKeyInfo.load(der))

    def timestamp(self, message: bytes) -> bytes:
        """One RFC 3161 token."""
        imprint = {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(message).digest(),
        }
        request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
        return bytes(self._stamper.request_tsa_response(request)["time_stamp_token"].dump())


def validate(pdf: bytes, roots: tuple[bytes, ...]) -> int:
    """pyHanko's verdict on every signature and document timestamp, as a loop of its own calls."""
    reader = PdfFileReader(BytesIO(pdf))
    trusted = [x509.Certificate.load(root) for root in roots]
    sound = 0
    for signature in reader.embedded_signatures:
        context = ValidationContext(trust_roots=trusted, allow_fetching=False, revocation_mode="soft-fail")
        if str(signature.sig_object.get("/Type")) == "/DocTimeStamp":
            sound += validate_pdf_timestamp(signature, context).intact
        else:
            sound += validate_pdf_signature(signature, context, ts_validation_context=context).intact
    return sound


def append_leaf(
    connection: psycopg.Connection[tuple[object, ...]], record: dict[str, object], index: int
) -> None:
    """Canonical bytes, their hash, one INSERT, one durable COMMIT."""
    content = rfc8785.dumps(record)  # type: ignore[arg-type]
    leaf = hashlib.sha256(b"\x00" + content).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_leaves (leaf_index, leaf_hash, record) VALUES (%s, %s, %s)",
            (index, leaf, content),
        )
    connection.commit()
