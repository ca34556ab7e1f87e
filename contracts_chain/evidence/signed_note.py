"""Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures.

Decides the one form in which a note is read and written here, and what names a key: its name
and the first four bytes of a hash over name, kind and public key. It must never judge a
signature: who is trusted is for the caller to know. Stricter than C2SP in one point: base64
has one form only, so that no byte of a note can change and nobody notice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from enum import Enum

from contracts_chain.evidence.strict_fields import MalformedEvidenceError
from kernel.sized_bytes import Bytes32

__all__ = ["KeyKind", "NoteSignature", "SignedNote", "canonical_base64", "is_key_name", "key_id", "read_note"]

_DASH = "\u2014 "
_MOST_SIGNATURES = 64
_PLACE = "checkpoint.note"


class KeyKind(Enum):
    """The signature type byte that goes into a key id."""

    ED25519 = b"\x01"
    COSIGNATURE_V1 = b"\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line, not yet believed.

    Attributes:
        name: Name of the key.
        key_id: Four bytes that tell keys of one name apart.
        signature: What the key's kind prescribes.
    """

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line with its end."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A text that ends in a newline, and the signatures below it."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def by(self, name: str, identity: bytes) -> tuple[bytes, ...]:
        """Signatures of the key of this name and id; other lines are passed over, as C2SP demands."""
        return tuple(one.signature for one in self.signatures if (one.name, one.key_id) == (name, identity))

    def with_lines(self, lines: str) -> str:
        """The whole note with further signature lines below those it has."""
        return f"{self.text}\n" + "".join(one.line() for one in self.signatures) + lines


def key_id(name: str, kind: KeyKind, public_key: Bytes32) -> bytes:
    """First four bytes of SHA-256(name ‖ newline ‖ kind ‖ public key)."""
    return hashlib.sha256(name.encode() + b"\n" + kind.value + public_key).digest()[:4]


def is_key_name(name: str) -> bool:
    """Whether a key may bear this name: not empty, no white space, no plus."""
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def read_note(note: str) -> SignedNote:
    """Split a note; the text ends at the last empty line.

    Raises:
        MalformedEvidenceError: Control characters, no empty line, or a line below it that is
            no signature line.
    """
    if any((sign < " " and sign != "\n") or "\ud800" <= sign <= "\udfff" for sign in note):
        raise MalformedEvidenceError(_PLACE, "it holds control characters or is no Unicode text")
    text, empty, signatures = note.rpartition("\n\n")
    if not empty or not signatures.endswith("\n"):
        raise MalformedEvidenceError(_PLACE, "a text, an empty line and signature lines are due")
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise MalformedEvidenceError(_PLACE, f"more than {_MOST_SIGNATURES} signatures")
    return SignedNote(text=text + "\n", signatures=tuple(_signature(line) for line in lines))


def canonical_base64(text: str) -> bytes:
    """Decode base64 in its one form: standard alphabet, padding, no spare bits.

    Raises:
        ValueError: Another form.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ValueError("not base64") from problem
    if base64.b64encode(content).decode() != text:
        raise ValueError("not base64 in its one form")
    return content


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        content = canonical_base64(encoded)
    except ValueError as problem:
        raise MalformedEvidenceError(_PLACE, "a signature line is not base64") from problem
    if not line.startswith(_DASH) or not space or not is_key_name(name) or len(content) < 5:
        raise MalformedEvidenceError(_PLACE, "a line below the text is no signature line")
    return NoteSignature(name=name, key_id=content[:4], signature=content[4:])
