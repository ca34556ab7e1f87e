"""What a verifier trusts before it opens a file: a directory of ``trust.json`` and PEM roots.

Decides its form (docs/formats/trust-bundle.md, DESIGN §5). It is handed to the verifier
by someone it trusts and is never taken from the package under test.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.x509 import load_der_x509_certificate

from contracts_chain.evidence.checkpoint import TrustedWitness
from contracts_chain.evidence.package_sealer import PackageSealer, read_sealers, sealers_json
from contracts_chain.evidence.signed_note import is_key_name
from contracts_chain.evidence.strict_fields import Fields, MalformedEvidenceError, Sized, parse_object
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from kernel.atomic_file import write_atomically
from kernel.canonical_json import JsonValue, canonical_bytes
from kernel.clock import utc_text
from kernel.errors import RejectedError
from kernel.os_reason import reason_en, reason_zh
from kernel.sized_bytes import Address, BlockHash, Bytes32
from signing.model import SignatureTrust

__all__ = ["TrustBundle", "UnreadableTrustError"]

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----\s*")
_PEM_NAME = re.compile(r"[a-z0-9-]{1,60}\.pem")


class UnreadableTrustError(RejectedError):
    """The directory is no trust bundle."""

    code = "trust_unreadable"

    def __init__(self, path: Path, problem: str, problem_zh: str | None = None) -> None:
        """Keep the path and the problem."""
        super().__init__(
            f"{path} is no readable trust bundle: {problem}; give --trust a directory with trust.json",
            f"{path} 不是可用的信任包（{problem_zh or problem}）；请用 --trust 指定含 trust.json 的目录",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBundle:
    """Roots, log key, chain and tolerances.

    Attributes:
        label: What this bundle is for, shown in every report: ``TEST`` wording, empty in production.
        signatures: CA and TSA roots, issuers of SM2 certificates and of seal makers', DER.
        package_sealers: Of whom the seal of a package may be, one at least; an old name stays listed.
        chain: Chain, registry and validators with their operators.
        log_origin: Name of the transparency log.
        log_key: Its Ed25519 public key.
        witnesses: Those who cosign checkpoints, each with a name and a key of its own.
        witness_quorum: How many of them step 8 asks for; 0 only where none is named.
        skew: How far two honest clocks may differ.
        greatest_status_age: How old a status proof may be and still decide step 11.
        distrusted_digests: Digest name, ``sha256`` or ``sm3``, and the moment from which it alone proves
            nothing any more; step 7 then asks for a renewal anchored before that moment.
        judicial_chains: Name and Ed25519 key of each court chain whose receipts are believed.
        activation_keys: Ed25519 keys of the activation processes whose releases of a signer's will are
            believed; one that was retired stays listed.
    """

    label: str
    signatures: SignatureTrust
    package_sealers: tuple[PackageSealer, ...]
    chain: ChainTrust
    log_origin: str
    log_key: Bytes32
    witnesses: tuple[TrustedWitness, ...]
    witness_quorum: int
    skew: timedelta
    greatest_status_age: timedelta
    distrusted_digests: tuple[tuple[str, datetime], ...] = ()
    judicial_chains: tuple[tuple[str, Bytes32], ...] = ()
    activation_keys: tuple[Bytes32, ...] = ()

    @classmethod
    def load(cls, directory: Path) -> TrustBundle:
        """Read ``trust.json`` and the PEM files it names.

        Raises:
            UnreadableTrustError: A file is missing or not of the prescribed form.
        """
        try:
            fields = Fields(parse_object((directory / "trust.json").read_bytes(), "trust"), "trust")
            return _read(fields, directory)
        except OSError as problem:
            raise UnreadableTrustError(directory, reason_en(problem), reason_zh(problem)) from problem
        except MalformedEvidenceError as problem:
            raise UnreadableTrustError(directory, f"{problem.place}: {problem.problem}") from problem
        except (ValueError, OverflowError) as problem:  # e.g. a tolerance of a thousand years
            raise UnreadableTrustError(directory, f"a value is out of range: {problem}") from problem

    def write(self, directory: Path) -> None:
        """Write the directory that ``load`` reads.

        Raises:
            DiskFullError: No space.
            UnwritableError: The folder refuses.
        """
        for name, content in self.files().items():
            write_atomically(directory / name, content)

    def files(self) -> dict[str, bytes]:
        """Names and bytes of the directory, ``trust.json`` last."""
        names = {stem: ders for _, stem, ders in _root_lists(self.signatures)}
        roots = {
            f"{stem}-{number}.pem": _pem(der)
            for stem, ders in names.items()
            for number, der in enumerate(ders, start=1)
        }
        return {**roots, "trust.json": canonical_bytes(self.as_json()) + b"\n"}

    def as_json(self) -> dict[str, JsonValue]:
        """The object of ``trust.json``; roots by file name."""
        return {
            "schema": 1,
            "label": self.label,
            **{key: _names(stem, len(ders)) for key, stem, ders in _root_lists(self.signatures)},
            "package_sealers": sealers_json(self.package_sealers),
            "log": {"origin": self.log_origin, "public_key": self.log_key.hex()},
            "witnesses": [_witness_json(witness) for witness in self.witnesses],
            "witness_quorum": self.witness_quorum,
            "chain": _chain_json(self.chain),
            "clock_skew_seconds": int(self.skew.total_seconds()),
            "greatest_status_age_seconds": int(self.greatest_status_age.total_seconds()),
            "distrusted_digests": {name: utc_text(moment) for name, moment in self.distrusted_digests},
            "judicial_chains": {name: key.hex() for name, key in self.judicial_chains},
            "activation_keys": [key.hex() for key in self.activation_keys],
        }


def _read(fields: Fields, directory: Path) -> TrustBundle:
    fields.expect("schema", 1)
    log = fields.object("log")
    witnesses, quorum = _witnesses(fields)
    bundle = TrustBundle(
        label=fields.text("label"),
        signatures=SignatureTrust(
            ca_roots=_roots(fields, "ca_roots", directory),
            tsa_roots=_roots(fields, "tsa_roots", directory),
            sm2_roots=_roots(fields, "sm2_roots", directory),
            seal_maker_roots=_roots(fields, "seal_maker_roots", directory),
        ),
        package_sealers=read_sealers(fields),
        chain=_chain(fields.object("chain")),
        log_origin=log.text("origin"),
        log_key=log.sized("public_key", Bytes32),
        witnesses=witnesses,
        witness_quorum=quorum,
        skew=timedelta(seconds=fields.natural("clock_skew_seconds")),
        greatest_status_age=timedelta(seconds=fields.natural("greatest_status_age_seconds")),
        distrusted_digests=_distrusted(fields.object("distrusted_digests")),
        judicial_chains=_keys(fields.object("judicial_chains")),
        activation_keys=tuple(
            Fields.hex_value(value, Bytes32, fields.at("activation_keys"))
            for value in fields.members("activation_keys")
        ),
    )
    log.finish()
    fields.finish()
    return bundle


def _root_lists(trust: SignatureTrust) -> tuple[tuple[str, str, tuple[bytes, ...]], ...]:
    """Member of trust.json, stem of its files, certificates."""
    return (
        ("ca_roots", "ca-root", trust.ca_roots),
        ("tsa_roots", "tsa-root", trust.tsa_roots),
        ("sm2_roots", "sm2-root", trust.sm2_roots),
        ("seal_maker_roots", "seal-maker-root", trust.seal_maker_roots),
    )


def _witness_json(witness: TrustedWitness) -> dict[str, JsonValue]:
    return {"name": witness.name, "public_key": witness.public_key.hex(), "operator": witness.operator}


def _witnesses(fields: Fields) -> tuple[tuple[TrustedWitness, ...], int]:
    """Distinct names and keys: whoever is named twice would be counted twice."""
    witnesses = tuple(_witness(value) for value in fields.members("witnesses"))
    quorum = fields.natural("witness_quorum")
    names, keys = {one.name for one in witnesses}, {one.public_key for one in witnesses}
    if len(names) < len(witnesses) or len(keys) < len(witnesses):
        raise MalformedEvidenceError(fields.at("witnesses"), "a name or a key occurs twice")
    if quorum > len(witnesses) or (quorum == 0 and witnesses):
        raise MalformedEvidenceError(fields.at("witness_quorum"), f"1 to {len(witnesses)} is due, 0 for none")
    return witnesses, quorum


def _witness(value: JsonValue) -> TrustedWitness:
    fields = Fields.of(value, "trust.witnesses")
    witness = TrustedWitness(
        name=fields.text("name"),
        public_key=fields.sized("public_key", Bytes32),
        operator=fields.text("operator"),
    )
    fields.finish()
    if not is_key_name(witness.name):
        raise MalformedEvidenceError("trust.witnesses.name", f"{witness.name!r} is no name of a key")
    return witness


def _distrusted(fields: Fields) -> tuple[tuple[str, datetime], ...]:
    names = [name for name in ("sha256", "sm3") if name in fields.names()]
    found = tuple((name, fields.utc(name)) for name in names)
    fields.finish()
    return found


def _keys(fields: Fields) -> tuple[tuple[str, Bytes32], ...]:
    return tuple((name, fields.sized(name, Bytes32)) for name in sorted(fields.names()))


def _chain_json(chain: ChainTrust) -> dict[str, JsonValue]:
    return {
        "chain_id": chain.chain_id,
        "genesis_hash": chain.genesis_hash.hex0x(),
        "registry": chain.registry.hex0x(),
        "registry_code_hash": chain.registry_code_hash.hex0x(),
        "validator_sets": [
            {
                "from_block": known.from_block,
                "to_block": known.to_block,
                "listed": known.listed,
                "members": [
                    {"address": address.hex0x(), "operator": operator} for address, operator in known.members
                ],
            }
            for known in chain.validator_sets
        ],
    }


def _chain(fields: Fields) -> ChainTrust:
    chain = ChainTrust(
        chain_id=fields.natural("chain_id"),
        genesis_hash=_hex0x(fields, "genesis_hash", BlockHash),
        registry=_hex0x(fields, "registry", Address),
        registry_code_hash=_hex0x(fields, "registry_code_hash", Bytes32),
        validator_sets=tuple(_set(member) for member in fields.members("validator_sets")),
    )
    fields.finish()
    return chain


def _set(value: JsonValue) -> ValidatorSet:
    fields = Fields.of(value, "trust.chain.validator_sets")
    last = fields.take("to_block")
    if isinstance(last, bool) or not isinstance(last, int | None):
        raise MalformedEvidenceError(fields.at("to_block"), "an integer or null is due here")
    listed = fields.take("listed")
    if not isinstance(listed, bool):
        raise MalformedEvidenceError(fields.at("listed"), "true or false is due here")
    known = ValidatorSet(
        from_block=fields.natural("from_block"),
        to_block=last,
        members=tuple(_member(member) for member in fields.members("members")),
        listed=listed,
    )
    fields.finish()
    return known


def _member(value: JsonValue) -> tuple[Address, str]:
    fields = Fields.of(value, "trust.chain.validator_sets.members")
    member = (_hex0x(fields, "address", Address), fields.text("operator"))
    fields.finish()
    return member


def _hex0x(fields: Fields, key: str, kind: type[Sized]) -> Sized:
    text = fields.text(key)
    if not text.startswith("0x"):
        raise MalformedEvidenceError(fields.at(key), "0x is due in front")
    return Fields.hex_value(text[2:], kind, fields.at(key))


def _roots(fields: Fields, key: str, directory: Path) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for name in fields.members(key):
        if not isinstance(name, str) or _PEM_NAME.fullmatch(name) is None:
            raise MalformedEvidenceError(fields.at(key), f"{name!r} is no PEM file name")
        found.append(_certificate(name, (directory / name).read_bytes()))
    return tuple(found)


def _certificate(name: str, pem: bytes) -> bytes:
    """The DER of a PEM file with one certificate, so that a broken root is told at once."""
    match = _PEM.fullmatch(pem)
    if match is None:
        raise MalformedEvidenceError(name, "one PEM certificate is due")
    try:
        der = base64.b64decode(b"".join(match.group(1).split()), validate=True)
        load_der_x509_certificate(der)
    except ValueError as problem:
        raise MalformedEvidenceError(name, "it holds no X.509 certificate") from problem
    return der


def _names(stem: str, count: int) -> list[str]:
    return [f"{stem}-{number}.pem" for number in range(1, count + 1)]


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])
