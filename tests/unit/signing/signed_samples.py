"""Small documents, authorities and signatures that the signing tests share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation.dss import DocumentSecurityStore

from kernel.clock import FixedClock
from kernel.verdict import Verdict
from signing.archive_timestamps import renew, upgrade
from signing.inspection import inspect_pdf
from signing.issuing_ca import TestCa
from signing.key_encryption import KeyEncryptionKey
from signing.model import Credential, PdfFindings, SignatureField, SignatureTrust, TimestampAuthority
from signing.pades import sign_pdf
from signing.pyhanko_adapters import AuthorityTimeStamper, CredentialSigner
from signing.rfc3161_authority import TestTsa
from signing.seal_stamp import SealStampStyle, import_drawing
from signing.signature_fields import add_signature_fields

START = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
USCC = "91330200MA2AGG5H2T"
COMPANY = "宁波海曙某某电力有限公司"
PARTIES = ("SupplierPerson", "SupplierSeal", "ConsumerPerson", "ConsumerSeal")
KEK = KeyEncryptionKey.of(bytes(range(32)))


@dataclass(slots=True, kw_only=True)
class Office:
    """A test authority with its clock, as one of the parties' service would have it."""

    ca: TestCa
    tsa: TestTsa
    clock: FixedClock

    @classmethod
    def founded(cls, directory: Path) -> Office:
        clock = FixedClock(START)
        ca = TestCa.open(directory, KEK, clock)
        return cls(ca=ca, tsa=TestTsa(ca.tsa_credential, clock), clock=clock)

    @property
    def trust(self) -> SignatureTrust:
        return SignatureTrust(ca_roots=self.ca.roots, tsa_roots=self.ca.tsa_roots)

    def person(self, name: str = "张三") -> Credential:
        return self.ca.issue_person(name=name, organisation=COMPANY, organisation_id=USCC)

    def seal(self) -> Credential:
        return self.ca.issue_seal(organisation=COMPANY, organisation_id=USCC, seal_name="供用电合同专用章")

    def sign(
        self,
        pdf: bytes,
        field: str,
        *,
        certify: bool = False,
        credential: Credential | None = None,
        authority: TimestampAuthority | None = None,
        seams: Sequence[str] = (),
    ) -> bytes:
        credential = credential or (self.seal() if field.endswith("Seal") else self.person())
        return self._signed(pdf, field, authority or self.tsa, credential, certify=certify, seams=seams)

    def sign_pending(
        self, pdf: bytes, field: str, *, certify: bool = False, credential: Credential | None = None
    ) -> bytes:
        """The same while no authority answers."""
        return self._signed(pdf, field, None, credential or self.seal(), certify=certify)

    def _signed(
        self,
        pdf: bytes,
        field: str,
        authority: TimestampAuthority | None,
        credential: Credential,
        *,
        certify: bool,
        seams: Sequence[str] = (),
    ) -> bytes:
        self.clock.advance(timedelta(seconds=20))
        return sign_pdf(
            pdf,
            field=field,
            credential=credential,
            authority=authority,
            revocation=self.ca,
            roots=(*self.ca.roots, *self.ca.tsa_roots),
            appearance=one_page(119, 57, b"0.8 0 0 RG 4 w 6 6 107 45 re S"),
            signed_at=self.clock.now(),
            reason="同意签署",
            location="宁波",
            certify=certify,
            seams=seams,
        )

    def upgrade(self, pdf: bytes, authority: TimestampAuthority | None = None) -> bytes:
        return upgrade(pdf, **self._archive(authority))

    def renew(self, pdf: bytes, authority: TimestampAuthority | None = None) -> bytes:
        return renew(pdf, **self._archive(authority))

    def _archive(self, authority: TimestampAuthority | None) -> dict[str, object]:
        self.clock.advance(timedelta(seconds=20))
        roots = (*self.ca.roots, *self.ca.tsa_roots)
        return {
            "authority": authority or self.tsa,
            "revocation": self.ca,
            "roots": roots,
            "at": self.clock.now(),
        }

    def inspect(self, pdf: bytes, trust: SignatureTrust | None = None) -> PdfFindings:
        return inspect_pdf(pdf, trust or self.trust)


def one_page(width: float, height: float, drawing: bytes) -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(width, height))
    page.Contents = pdf.make_stream(drawing)
    return saved(pdf)


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    output = BytesIO()
    pdf.save(output, deterministic_id="encryption" not in options, **options)
    return output.getvalue()


def draft(*, title: str = "供用电合同 SPECIMEN 样张") -> bytes:
    """A page with a title in Info and XMP, no fields."""
    pdf = pikepdf.open(BytesIO(one_page(595, 842, b"0.9 g 40 700 500 80 re f")))
    pdf.docinfo["/Title"] = title
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = title
        metadata["pdfaid:part"] = "3"
        metadata["pdfaid:conformance"] = "B"
    return saved(pdf)


def with_fields(pdf: bytes, names: tuple[str, ...] = PARTIES) -> bytes:
    return add_signature_fields(
        pdf,
        [
            SignatureField(name=name, page=1, box=(40 + 130 * place, 60, 160 + 130 * place, 118))
            for place, name in enumerate(names)
        ],
    )


def with_text_field(pdf: bytes) -> bytes:
    """A form with one text field, as no contract of ours has."""
    opened = pikepdf.open(BytesIO(pdf))
    field = opened.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="Price",
            V="1",
            Rect=[40, 700, 540, 780],
            P=opened.pages[0].obj,
            AP=pikepdf.Dictionary(N=_appearance(opened)),
        )
    )
    opened.pages[0].Annots = opened.make_indirect(pikepdf.Array([field]))
    opened.Root.AcroForm = opened.make_indirect(
        pikepdf.Dictionary(Fields=opened.make_indirect(pikepdf.Array([field])), DA="/Helv 0 Tf 0 g")
    )
    return saved(opened)


def _appearance(pdf: pikepdf.Pdf) -> pikepdf.Object:
    stream = pdf.make_stream(b"")
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    stream.BBox = [0, 0, 500, 80]
    return stream


def bare_signature(
    pdf: bytes,
    field: str,
    signer: CredentialSigner,
    *,
    moment: datetime,
    authority: TimestampAuthority | None = None,
    digest: str = "sha256",
    certify: bool = True,
    new_field: bool = False,
) -> bytes:
    """What a forger makes with pyHanko alone: no checks, no validation data, no archive timestamp."""
    output = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        reason=f"{moment:%Y}",
    )
    PdfSigner(
        meta,
        signer,
        timestamper=AuthorityTimeStamper(authority) if authority else None,
        stamp_style=SealStampStyle(drawing=import_drawing(writer, one_page(119, 57, b""))),
    ).sign_pdf(writer, existing_fields_only=not new_field, output=output)
    return output.getvalue()


def with_revocation_lists(pdf: bytes, crls: tuple[bytes, ...]) -> bytes:
    from asn1crypto import crl

    output = BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        output, sig_contents=None, crls=[crl.CertificateList.load(der) for der in crls]
    )
    return output.getvalue()


def is_proven(findings: PdfFindings) -> bool:
    """Every verdict of the file is proven, and there is at least one signature."""
    verdicts = [findings.tail]
    for one in findings.signatures:
        verdicts += [one.integrity, one.chain, one.timestamp]
    verdicts += [stamp.verdict for stamp in findings.document_timestamps]
    return bool(findings.signatures) and set(verdicts) == {Verdict.PROVEN}
