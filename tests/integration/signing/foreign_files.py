"""PDFs as other people's programs sign them, made when a test asks: NSS, mutool and ``openssl cms``."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
from asn1crypto import parser
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from tests.unit.signing.signed_samples import draft, one_page

FIELD = "Signature1"
ROOM = 8_192
"""Hexadecimal digits for the CMS."""


def run(*command: str, given: bytes | None = None) -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def signed_by_nss(folder: Path) -> bytes:
    """``pdfsig -sign`` with a self-signed certificate of an NSS database."""
    database, noise = f"sql:{folder / 'nss'}", folder / "noise"
    (folder / "nss").mkdir()
    noise.write_bytes(secrets.token_bytes(64))
    run("certutil", "-N", "-d", database, "--empty-password")
    subject = ("-n", "stranger", "-s", "CN=Jean Dupont,O=Example")
    run("certutil", "-S", "-d", database, *subject, "-x", "-t", "CT,C,C", "-z", str(noise), "-Z", "SHA256")
    plain, signed = folder / "plain.pdf", folder / "signed.pdf"
    plain.write_bytes(with_invisible_field(draft()))
    signing = ("-nssdir", database, "-nss-pwd", "", "-sign", FIELD, "-nick", "stranger")
    run("pdfsig", *signing, str(plain), str(signed))
    return signed.read_bytes()


def with_invisible_field(pdf: bytes) -> bytes:
    """For a visible one poppler 22.12 writes object numbers that strict readers refuse."""
    output = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    append_signature_field(writer, SigFieldSpec(FIELD))
    writer.write(output)
    return output.getvalue()


def signed_by_mutool(folder: Path) -> bytes:
    """``mutool sign`` with a key of a PKCS #12 file."""
    key, certificate = key_pair(folder, "rsa:2048")
    pfx, plain, signed = folder / "key.pfx", folder / "plain.pdf", folder / "signed.pdf"
    run(
        "openssl",
        "pkcs12",
        "-export",
        "-inkey",
        key,
        "-in",
        certificate,
        "-passout",
        "pass:p",
        "-out",
        str(pfx),
    )
    plain.write_bytes(with_invisible_field(draft()))
    (number,) = re.findall(rb"(\d+) 0 obj\s*<<[^>]*/FT /Sig", plain.read_bytes())
    run("mutool", "sign", "-s", str(pfx), "-P", "p", "-o", str(signed), str(plain), number.decode())
    return signed.read_bytes()


def key_pair(folder: Path, *kind: str) -> tuple[str, str]:
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", certificate,
        "-subj", "/CN=Jean Dupont", "-addext", "keyUsage=critical,digitalSignature")  # fmt: skip
    return key, certificate


def signed_by_openssl(
    folder: Path,
    *options: str,
    digest: str = "sha256",
    kind: tuple[str, ...] = ("rsa:2048",),
    change: Callable[[bytes], bytes] = bytes,
) -> bytes:
    """A CMS of ``openssl cms``, put into an incremental update written here by hand."""
    key, certificate = key_pair(folder, *kind)
    with_key = ("-signer", certificate, "-inkey", key, "-md", digest, "-outform", "DER", *options)
    return embedded(
        one_page(300, 300, b"0 g 10 10 50 50 re f"),
        lambda covered: change(run("openssl", "cms", "-sign", "-binary", *with_key, given=covered)),
    )


def embedded(pdf: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """One invisible signature in a new field, ISO 32000-2 12.8.1: update, byte range, then the CMS."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        root, page, size = opened.Root, opened.pages[0].obj, int(opened.trailer.Size)
        value, field = size, size + 1
        objects = {
            root.objgen[0]: root.unparse(resolved=True)[:-2]
            + b"/AcroForm << /Fields [%d 0 R] /SigFlags 3 >> >>" % field,
            page.objgen[0]: page.unparse(resolved=True)[:-2] + b"/Annots [%d 0 R] >>" % field,
            value: b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached "
            b"/ByteRange [0 %s] /Contents <%s> >>" % (b"*" * 40, b"0" * ROOM),
            field: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /F 132 /Rect [0 0 0 0] "
            b"/V %d 0 R /P %d 0 R >>" % (value, page.objgen[0]),
        }
        prepared = updated(pdf, objects, root.objgen[0], size + 2)
    start = prepared.index(b"/Contents <") + len(b"/Contents ")
    end = start + ROOM + 2
    ranges = b"%d %d %d" % (start, end, len(prepared) - end)
    prepared = prepared.replace(b"*" * 40, ranges.ljust(40), 1)
    message = sign(prepared[:start] + prepared[end:]).hex().encode()
    assert len(message) <= ROOM
    return prepared[: start + 1] + message.ljust(ROOM, b"0") + prepared[end - 1 :]


def updated(pdf: bytes, objects: dict[int, bytes], root: int, size: int) -> bytes:
    """An incremental update with a classic table."""
    content, table = pdf, b"xref\n"
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, previous)
    return content + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(content)


def in_ber(message: bytes) -> bytes:
    """ContentInfo, its content and the SignedData with open ends, as NSS writes them."""
    *_, content, _ = parser.parse(message)
    *_, kind_header, kind, _ = parser.parse(content)
    *_, explicit, _ = parser.parse(content[len(kind_header) + len(kind) :])
    *_, signed, _ = parser.parse(explicit)
    return bytes(b"\x30\x80" + kind_header + kind + b"\xa0\x80" + b"\x30\x80" + signed + b"\0\0" * 3)
