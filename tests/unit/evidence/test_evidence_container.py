"""The container is one plain kind of ZIP; every other kind is refused before it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts_chain.evidence.package import AgreementContents, InvoiceContents, read_package, write_package
from contracts_chain.evidence.zip_container import Limits, UnreadablePackageError, read_zip, write_zip

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}\.[a-z]{3}", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=60), min_size=1, max_size=6)
PLAIN = {"mimetype": b"application/vnd.etsi.asic-e+zip", "a.pdf": b"%PDF-1.7 hello", "b.json": b"{}"}


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(UnreadablePackageError) as caught:
        read_zip(content, Limits(**limits))
    return caught.value.code


def zipped(files: list[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for info, content in files:
            archive.writestr(info, content)
    plain = bytearray(stream.getvalue())
    at = plain.index(b"PK\x01\x02")
    for info, _ in files:  # the library writes the maker's system and file modes; we allow neither
        plain[at + 5], plain[at + 38 : at + 42] = 0, bytes(4)
        at += 46 + len(info.filename)
    return bytes(plain)


@given(FILES)
def test_what_is_written_is_read_back_in_order_and_any_unzip_can_read_it(files: dict[str, bytes]) -> None:
    archive = write_zip(files)
    assert list(read_zip(archive).items()) == list(files.items())
    with zipfile.ZipFile(io.BytesIO(archive)) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in other.namelist()} == files


@given(FILES, st.data())
def test_an_archive_with_any_bit_changed_is_refused(files: dict[str, bytes], data: st.DataObject) -> None:
    archive = bytearray(write_zip(files))
    at = data.draw(st.integers(0, len(archive) - 1))
    archive[at] ^= 1 << data.draw(st.integers(0, 7))
    refusal(bytes(archive))


@given(FILES, st.data())
def test_an_archive_cut_off_anywhere_is_refused(files: dict[str, bytes], data: st.DataObject) -> None:
    archive = write_zip(files)
    refusal(archive[: data.draw(st.integers(0, len(archive) - 1))])


def test_deflated_members_are_read() -> None:
    stored = zipfile.ZipInfo("mimetype")
    packed = zipfile.ZipInfo("a.txt")
    packed.compress_type = zipfile.ZIP_DEFLATED
    assert read_zip(zipped([(stored, b"m"), (packed, b"hello" * 50)])) == {
        "mimetype": b"m",
        "a.txt": b"hello" * 50,
    }


def test_a_deflated_member_that_unpacks_to_more_than_it_says_is_refused() -> None:
    stored, packed = zipfile.ZipInfo("mimetype"), zipfile.ZipInfo("a.txt")
    packed.compress_type = zipfile.ZIP_DEFLATED
    archive = bytearray(zipped([(stored, b"m"), (packed, b"hello" * 50)]))
    said = struct.pack("<I", 250)
    while said in archive:
        archive[archive.index(said) : archive.index(said) + 4] = struct.pack("<I", 240)
    assert refusal(bytes(archive)) == "package_member_damaged"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../evil.pdf", "package_member_name"),
        ("/etc/passwd", "package_member_name"),
        ("a\\b.pdf", "package_member_name"),
        ("a/../b.pdf", "package_member_name"),
        ("META-INF/../b.pdf", "package_member_name"),
        ("..", "package_member_name"),
        ("a..b", "package_member_name"),
        ("folder/", "package_member_name"),
        ("a" * 80, "package_member_name"),
    ],
)
def test_a_member_whose_name_is_not_plain_is_refused(name: str, code: str) -> None:
    assert refusal(write_zip({"mimetype": b"m", name: b"x"})) == code


def test_a_name_that_occurs_twice_is_refused_also_in_other_case() -> None:
    assert refusal(write_zip({"mimetype": b"m", "A.pdf": b"x", "a.pdf": b"y"})) == "package_member_doubled"


def test_an_encrypted_member_is_refused() -> None:
    archive = bytearray(write_zip(PLAIN))
    archive[6] |= 1
    at = archive.index(b"PK\x01\x02")
    archive[at + 8] |= 1
    assert refusal(bytes(archive)) == "package_encrypted"


def test_a_bomb_is_refused_by_its_headers() -> None:
    stored, packed = zipfile.ZipInfo("mimetype"), zipfile.ZipInfo("a.txt")
    packed.compress_type = zipfile.ZIP_DEFLATED
    assert refusal(zipped([(stored, b"m"), (packed, bytes(1_000_000))])) == "package_bomb"


def test_limits_on_archive_member_total_and_count_hold() -> None:
    archive = write_zip(PLAIN)
    assert refusal(archive, archive_bytes=10) == "package_too_large"
    assert refusal(archive, member_bytes=5) == "package_bomb"
    assert refusal(archive, parsed_bytes=1) == "package_bomb"  # every member but the PDF
    assert refusal(archive, total_bytes=20) == "package_bomb"
    assert refusal(archive, members=2) == "package_too_many_members"


def test_bytes_before_between_or_after_are_refused() -> None:
    archive = write_zip(PLAIN)
    assert refusal(b"#!/bin/sh\n" + archive) == "not_a_package"
    assert refusal(archive + b"\x00") == "package_truncated"
    at = archive.index(b"PK\x01\x02")
    assert refusal(archive[:at] + b"hidden" + archive[at:]) == "package_malformed"


def test_local_and_central_headers_that_disagree_are_refused() -> None:
    archive = bytearray(write_zip(PLAIN))
    at = archive.index(b"a.pdf", archive.index(b"PK\x01\x02"))
    archive[at] = ord("c")
    assert refusal(bytes(archive)) == "package_malformed"


def test_zip64_sizes_are_refused() -> None:
    archive = bytearray(write_zip(PLAIN))
    at = archive.index(b"PK\x01\x02")
    archive[at + 24 : at + 28] = b"\xff" * 4
    assert refusal(bytes(archive)) == "package_zip64"


def test_an_end_record_with_a_comment_or_another_count_is_refused() -> None:
    archive = bytearray(write_zip(PLAIN))
    archive[-12] += 1
    assert refusal(bytes(archive)) == "package_malformed"


def test_an_invoice_package_is_told_from_an_agreement_s() -> None:
    invoice = InvoiceContents(invoice_xml=b"<EInvoice/>", invoice_pdf=b"p", evidence=b"{}", report_pdf=b"r")
    agreement = AgreementContents(agreement_pdf=b"a", trail=b"t", evidence=b"{}", report_pdf=b"r")
    assert read_package(write_package(invoice, lambda _: b"s")).contents == invoice
    assert read_package(write_package(agreement, lambda _: b"s")).contents == agreement


@pytest.mark.parametrize("gone", ["agreement.pdf", "trail.jsonl", "evidence.json", "report.pdf", "mimetype"])
def test_a_package_with_a_member_missing_is_refused(gone: str) -> None:
    agreement = AgreementContents(agreement_pdf=b"a", trail=b"t", evidence=b"{}", report_pdf=b"r")
    members = read_zip(write_package(agreement, lambda _: b"s"))
    del members[gone]
    with pytest.raises(UnreadablePackageError) as caught:
        read_package(write_zip(members))
    assert caught.value.code in {"package_member_missing", "package_mimetype"}


def test_a_member_that_does_not_belong_is_refused() -> None:
    agreement = AgreementContents(agreement_pdf=b"a", trail=b"t", evidence=b"{}", report_pdf=b"r")
    members = read_zip(write_package(agreement, lambda _: b"s"))
    with pytest.raises(UnreadablePackageError) as caught:
        read_package(write_zip({**members, "setup.exe": b"MZ"}))
    assert caught.value.code == "package_member_unexpected"
