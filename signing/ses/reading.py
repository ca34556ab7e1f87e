"""Read a seal or a seal signature strictly: one DER form, fixed words, everything within bounds.

Whatever is not exactly GB/T 38540-2020 is refused with the first thing that is wrong; nothing is
judged here. Bounds stand before the work they bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from asn1crypto import core
from asn1crypto import pdf as asn1_pdf

from kernel.errors import RefutedError
from signing.ses.picture import PictureRefusedError, SealPicture, read_picture
from signing.ses.structure import (
    LISTS_CERTIFICATES,
    REVOCATION_INFORMATION,
    SES_VERSION,
    SESeal,
    SesSignature,
)

__all__ = ["SealFile", "SesFile", "SesMalformedError", "read_seal", "read_ses", "unstamped"]

GREATEST_SES: Final = 1024 * 1024
GREATEST_TEXT: Final = 256
MOST_LISTED: Final = 32
MOST_EXTENSIONS: Final = 16
MOST_LISTS: Final = 8

Structure = TypeVar("Structure", bound=core.Sequence)
Read = TypeVar("Read")


class SesMalformedError(RefutedError):
    """The bytes are not what GB/T 38540-2020 prescribes."""

    code = "ses_malformed"

    def __init__(self, en: str, zh: str) -> None:
        """Say where."""
        super().__init__(
            f"not of the form of GB/T 38540-2020: {en}; ask for an undamaged seal",
            f"不符合 GB/T 38540-2020 格式：{zh}；请索取完好的电子印章或签章",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFile:
    """A seal as read; nothing of it is believed yet.

    Attributes:
        der: The whole seal.
        signed: DER of SES_SealInfo, which the maker signed.
        certificates: Listed certificates, DER; empty where digests are listed.
        digests: Listed digests; empty where certificates are listed.
    """

    der: bytes
    signed: bytes
    seal_id: str
    vendor: str
    kind: int
    name: str
    certificates: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    created_utc: datetime
    valid_from_utc: datetime
    valid_to_utc: datetime
    picture: SealPicture
    maker_certificate: bytes
    algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SesFile:
    """A seal signature as read; nothing of it is believed yet.

    Attributes:
        signed: DER of TBS_Sign.
        stated_utc: When it says it was made.
        data_hash: Hash of the original.
        protected: propertyInfo, which tells the protected range.
        crls: Revocation lists from its signed extensions, DER.
        token: RFC 3161 token over ``signature``, DER, or ``None``.
    """

    signed: bytes
    seal: SealFile
    stated_utc: datetime
    data_hash: bytes
    protected: str
    crls: tuple[bytes, ...]
    certificate: bytes
    algorithm: str
    signature: bytes
    token: bytes | None


def read_seal(der: bytes) -> SealFile:
    """Read a seal.

    Raises:
        SesMalformedError: Another form, or beyond the bounds.
    """
    return _guarded(lambda: _seal(_strict(SESeal, der)))


def read_ses(der: bytes) -> SesFile:
    """Read a seal signature.

    Raises:
        SesMalformedError: Another form, or beyond the bounds.
    """
    return _guarded(lambda: _ses(_strict(SesSignature, der)))


def unstamped(der: bytes) -> bytes:
    """The same seal signature without its timestamp, which nobody signed and a renewal may replace.

    Raises:
        SesMalformedError: Another form, or beyond the bounds.
    """
    return _guarded(lambda: _unstamped(_strict(SesSignature, der)))


def _unstamped(found: core.Sequence) -> bytes:
    kept = {name: found[name] for name in ("to_sign", "certificate", "algorithm", "signature")}
    return bytes(SesSignature(kept).dump())


def _guarded(work: Callable[[], Read]) -> Read:
    """Every fault of the parser over hostile bytes is one of form."""
    try:
        return work()
    except PictureRefusedError as problem:
        raise SesMalformedError(problem.en, problem.zh) from problem
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as problem:
        raise SesMalformedError("it cannot be parsed", "无法解析") from problem


def _strict(kind: type[Structure], der: bytes) -> Structure:
    if len(der) > GREATEST_SES:
        raise SesMalformedError(f"{len(der)} bytes are too many", f"长度 {len(der)} 字节，超过限制")
    found: Structure = kind.load(der, strict=True)
    seal = found if kind is SESeal else found["to_sign"]["seal"]
    for part in (seal["info"], *([] if kind is SESeal else [found["to_sign"]])):
        if len(part["extensions"]) > MOST_EXTENSIONS:
            raise SesMalformedError("it has too many extensions", "扩展项过多")
    if not 1 <= len(seal["info"]["property"]["list"]) <= MOST_LISTED:
        raise SesMalformedError("its list of certificates is empty or too long", "证书列表为空或过长")
    if found.copy().dump(force=True) != der:
        raise SesMalformedError("it is not in DER", "不是 DER 编码")
    return found


def _seal(seal: core.Sequence) -> SealFile:
    info = seal["info"]
    stated, header = info["property"], info["header"]
    if (header["id"].native, header["version"].native) != ("ES", SES_VERSION):
        raise SesMalformedError("its header is not ES, version 4", "印章头不是 ES 第 4 版")
    certificates, digests = _listed(stated)
    _extensions(info)
    created, start, end = (stated[name].native for name in ("created", "valid_from", "valid_to"))
    if start > end:
        raise SesMalformedError("its period ends before it begins", "有效期起止颠倒")
    return SealFile(
        der=bytes(seal.dump()),
        signed=bytes(info.dump()),
        seal_id=_text(info["seal_id"]),
        vendor=_text(header["vendor"]),
        kind=int(stated["type"].native),
        name=_text(stated["name"]),
        certificates=certificates,
        digests=digests,
        created_utc=created,
        valid_from_utc=start,
        valid_to_utc=end,
        picture=_picture(info["picture"]),
        maker_certificate=bytes(seal["certificate"].native),
        algorithm=seal["algorithm"].dotted,
        signature=bytes(seal["signature"]),
    )


def _listed(stated: core.Sequence) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    if stated["list_type"].native == LISTS_CERTIFICATES:
        return tuple(bytes(one.native) for one in stated["list"]), ()
    return (), tuple(bytes(one["value"].native) for one in stated["list"])


def _picture(picture: core.Sequence) -> SealPicture:
    return read_picture(
        _text(picture["type"]),
        bytes(picture["data"].native),
        width_mm=int(picture["width"].native),
        height_mm=int(picture["height"].native),
    )


def _ses(found: core.Sequence) -> SesFile:
    part = found["to_sign"]
    if part["version"].native != SES_VERSION:
        raise SesMalformedError("it is not of version 4", "签章版本不是 4")
    stamp = found["timestamp"]
    return SesFile(
        signed=bytes(part.dump()),
        seal=_seal(part["seal"]),
        stated_utc=part["time"].native,
        data_hash=bytes(part["hash"]),
        protected=_text(part["property"]),
        crls=_extensions(part),
        certificate=bytes(found["certificate"].native),
        algorithm=found["algorithm"].dotted,
        signature=bytes(found["signature"]),
        token=None if stamp.native is None else bytes(stamp),
    )


def _extensions(part: core.Sequence) -> tuple[bytes, ...]:
    """Revocation lists among the extensions; a critical one unknown here is no form we can read."""
    extensions = part["extensions"]
    if extensions.native is None:
        return ()
    crls: tuple[bytes, ...] = ()
    for extension in extensions:
        if extension["extn_id"].dotted == REVOCATION_INFORMATION:
            crls += _lists(bytes(extension["extn_value"].native))
        elif extension["critical"].native:
            raise SesMalformedError("a critical extension is unknown here", "含有无法识别的关键扩展项")
    if len(crls) > MOST_LISTS:
        raise SesMalformedError("it has too many revocation lists", "吊销列表过多")
    return crls


def _lists(der: bytes) -> tuple[bytes, ...]:
    archived = asn1_pdf.RevocationInfoArchival.load(der, strict=True)
    lists = archived["crl"]
    if lists.native is None:
        return ()
    return tuple(bytes(one.dump()) for one in lists)


def _text(value: core.AbstractString) -> str:
    text = str(value.native)
    if not 0 < len(text) <= GREATEST_TEXT:
        raise SesMalformedError("a text is empty or too long", "文字字段为空或过长")
    return text
