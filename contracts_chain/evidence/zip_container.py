"""Read and write the one plain kind of ZIP that an evidence package is (APPNOTE 6.3.10).

Decides what is let in before anything is unpacked: members back to back from byte 0,
then the central directory, then the end record, and not a byte more. Local and central
headers must say the same. No encryption, no ZIP64, no extra field, no data descriptor, no
comment. So two readers can never see two different packages in the same bytes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import RejectedError

__all__ = ["LIMITS", "Limits", "UnreadablePackageError", "read_zip", "write_zip"]

_COMMON = struct.Struct("<HHHHHIIIHH")
"""Version, flags, method, time, date, crc, both sizes, lengths of name and extra: in both headers."""
_LOCAL = struct.Struct("<4s26s")
_CENTRAL_HEAD = struct.Struct("<4sH26s")
_CENTRAL_TAIL = struct.Struct("<HHHII")
_CENTRAL_SIZE = _CENTRAL_HEAD.size + _CENTRAL_TAIL.size
_END = struct.Struct("<4sHHHHIIH")
_DOS_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
_NAME = re.compile(r"(?:META-INF/|ses/)?[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_STORED, _DEFLATED = 0, 8
_FIXED = (20, 20, 0, 0, _DOS_DATE, 0, 0, 0, 0, 0)


class UnreadablePackageError(RejectedError):
    """The bytes are no evidence package; ``code`` says why."""

    code = "package_unreadable"

    def __init__(self, code: str, problem: str, problem_zh: str) -> None:
        """Keep the precise code beside the sentence."""
        super().__init__(
            f"this is no readable evidence package: {problem}; ask for an undamaged copy",
            f"证据包无法读取（{problem_zh}）；请索取完好副本",
        )
        self.code = code  # type: ignore[misc]  # one class, several stable words: the reader does the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds checked on the headers, before a byte is unpacked.

    ``parsed_bytes`` holds for every member but PDFs, which are inspected in a process with limits of its
    own: JSON, XML and CMS are read here, and four mebibytes of the worst of them take some seconds.
    """

    archive_bytes: int = 256 * 2**20
    member_bytes: int = 128 * 2**20
    parsed_bytes: int = 4 * 2**20
    total_bytes: int = 256 * 2**20
    members: int = 64
    ratio: int = 100


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int
    plain: bool


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Store the files in their order: no compression, no times, the same bytes every time."""
    body, directory = bytearray(), bytearray()
    for name, content in files.items():
        offset, raw, crc = len(body), name.encode("ascii"), zlib.crc32(content)
        size = len(content)
        common = _COMMON.pack(20, 0, _STORED, 0, _DOS_DATE, crc, size, size, len(raw), 0)
        body += _LOCAL.pack(b"PK\x03\x04", common) + raw + content
        directory += (
            _CENTRAL_HEAD.pack(b"PK\x01\x02", 20, common) + _CENTRAL_TAIL.pack(0, 0, 0, 0, offset) + raw
        )
    count = len(files)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def read_zip(content: bytes, limits: Limits = LIMITS) -> dict[str, bytes]:
    """Unpack within limits, in archive order.

    Raises:
        UnreadablePackageError: Anything else than the plain kind; see the codes in docs/formats/package.md.
    """
    if len(content) > limits.archive_bytes:
        raise UnreadablePackageError(
            "package_too_large", f"it has {len(content)} bytes", f"共 {len(content)} 字节"
        )
    try:
        members = _directory(content, limits)
    except (struct.error, UnicodeDecodeError) as problem:
        raise UnreadablePackageError(
            "package_malformed", "its headers are cut off or not ASCII", "文件头被截断或含非 ASCII 字符"
        ) from problem
    _within(members, limits)
    for member in members:  # last, so that a bomb or an escaping name is called by its own name
        if not member.plain:
            raise UnreadablePackageError(
                "package_malformed",
                f"{member.name} is not plain, or does not follow the member before",
                f"{member.name} 带有附加属性，或未紧接前一文件",
            )
    return {member.name: _unpack(content, member) for member in members}


def _directory(content: bytes, limits: Limits) -> tuple[_Member, ...]:
    end_at = len(content) - _END.size
    if end_at < 0 or content[:4] != b"PK\x03\x04":
        raise UnreadablePackageError("not_a_package", "it is no whole ZIP archive", "不是完整的 ZIP 文件")
    magic, disk, first_disk, here, count, length, start, comment = _END.unpack_from(content, end_at)
    if magic != b"PK\x05\x06":
        raise UnreadablePackageError("package_truncated", "it does not end with an end record", "缺少结尾")
    if (disk, first_disk, comment) != (0, 0, 0) or here != count or start + length != end_at:
        raise UnreadablePackageError(
            "package_malformed", "the end record does not fit the archive", "结尾记录与内容不符"
        )
    if not 0 < count <= limits.members:
        raise UnreadablePackageError(
            "package_too_many_members", f"it lists {count} members", f"列有 {count} 个文件"
        )
    members: list[_Member] = []
    at, expected = start, 0
    for _ in range(count):
        member, at, expected = _member(content, at, expected)
        members.append(member)
    if at != end_at or expected != start:
        raise UnreadablePackageError(
            "package_malformed", "there are bytes that belong to no member", "含有不属于任何文件的字节"
        )
    return tuple(members)


def _member(content: bytes, at: int, expected: int) -> tuple[_Member, int, int]:
    """Read one central header, hold its local header against it; return the next positions."""
    magic, made_by, common = _CENTRAL_HEAD.unpack_from(content, at)
    comment, disk, internal, external, offset = _CENTRAL_TAIL.unpack_from(content, at + _CENTRAL_HEAD.size)
    local_magic, local_common = _LOCAL.unpack_from(content, offset)
    version, flags, method, time, date, crc, packed, size, name_length, extra = _COMMON.unpack(common)
    name_at, local_name_at = at + _CENTRAL_SIZE, offset + _LOCAL.size
    raw = content[name_at : name_at + name_length]
    start = local_name_at + name_length
    if 0xFFFFFFFF in {packed, size, offset}:
        raise UnreadablePackageError("package_zip64", "ZIP64 is not used here", "不使用 ZIP64")
    if flags & 0x2041:
        raise UnreadablePackageError("package_encrypted", "a member is encrypted", "其中有加密文件")
    if (magic, local_magic, local_common) != (b"PK\x01\x02", b"PK\x03\x04", common):
        raise UnreadablePackageError(
            "package_malformed", "local and central headers disagree", "本地文件头与目录不一致"
        )
    fixed = (made_by, version, flags, time, date, extra, comment, disk, internal, external)
    plain = fixed == _FIXED and offset == expected and content[local_name_at:start] == raw
    name = raw.decode("ascii")
    member = _Member(name=name, method=method, crc=crc, packed=packed, size=size, start=start, plain=plain)
    return member, name_at + name_length, start + packed


def _within(members: tuple[_Member, ...], limits: Limits) -> None:
    seen: set[str] = set()
    for member in members:
        if _NAME.fullmatch(member.name) is None or ".." in member.name:
            raise UnreadablePackageError(
                "package_member_name",
                f"{member.name!r} is no plain file name",
                f"{member.name!r} 不是普通文件名",
            )
        if member.name.lower() in seen:
            raise UnreadablePackageError(
                "package_member_doubled", f"{member.name} occurs twice", f"{member.name} 出现两次"
            )
        seen.add(member.name.lower())
        if member.method not in {_STORED, _DEFLATED}:
            raise UnreadablePackageError(
                "package_method",
                f"{member.name} uses compression {member.method}",
                f"{member.name} 使用压缩方法 {member.method}",
            )
        most = limits.member_bytes if member.name.endswith(".pdf") else limits.parsed_bytes
        if member.size > most or member.size > limits.ratio * max(member.packed, 1):
            raise UnreadablePackageError(
                "package_bomb",
                f"{member.name} would unpack to {member.size} bytes, beyond the limits",
                f"{member.name} 解压后为 {member.size} 字节，超过限制",
            )
    if sum(member.size for member in members) > limits.total_bytes:
        raise UnreadablePackageError(
            "package_bomb", "its members would unpack beyond the limit", "解压后总大小超过限制"
        )
    if members[0].method != _STORED:
        raise UnreadablePackageError("package_mimetype", "its first member is not stored", "首个文件被压缩")


def _unpack(content: bytes, member: _Member) -> bytes:
    packed = content[member.start : member.start + member.packed]
    if member.method == _STORED:
        unpacked, whole = packed, True
    else:
        unpacked, whole = _inflate(packed, member.size)
    if not whole or len(unpacked) != member.size or zlib.crc32(unpacked) != member.crc:
        raise UnreadablePackageError(
            "package_member_damaged", f"{member.name} fails its checksum", f"{member.name} 校验和不符"
        )
    return unpacked


def _inflate(packed: bytes, size: int) -> tuple[bytes, bool]:
    inflater = zlib.decompressobj(-15)
    try:
        unpacked = inflater.decompress(packed, size + 1)
    except zlib.error:
        return b"", False
    return unpacked, inflater.eof and not inflater.unused_data
