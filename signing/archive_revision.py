"""Append validation data and a document timestamp to a signed file, in one revision (EN 319 142-1 §5.5).

Decides what a revision of an archive holds: the chains it was asked for, the revocation lists that
cover them at this moment, and one document timestamp over all of it. Never fetches, and never
writes a revision whose chains could not be proven unrevoked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, x509
from asn1crypto.crl import CertificateList
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from signing.model import RevocationSource
from signing.pyhanko_adapters import AuthorityTimeStamper, certificates_from
from signing.refusals import RevocationUnavailableError
from signing.revision_writer import RevisionWriter
from signing.signatures_on_file import FileEnd

__all__ = [
    "SIGNING",
    "STAMPING",
    "Chain",
    "Proof",
    "Prover",
    "chain_of",
    "chains_at",
    "stamp_document",
    "store",
]

SIGNING = "non_repudiation"
STAMPING = "time_stamping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A certificate with what is known above it, and what it is to be good for."""

    leaf: x509.Certificate
    above: tuple[x509.Certificate, ...]
    purpose: str

    def ends_as(self, other: Chain) -> bool:
        """Whether both are of one certificate; parsed certificates do not compare by content."""
        return bool(self.leaf.dump() == other.leaf.dump())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Chains proven unrevoked at one moment, with the lists that proved it."""

    paths: tuple[ValidationPath, ...]
    lists: tuple[CertificateList, ...]

    def joined(self, other: Proof) -> Proof:
        """Both."""
        return Proof(paths=(*self.paths, *other.paths), lists=(*self.lists, *other.lists))


class Prover:
    """Proves chains for one deed, each of them once."""

    def __init__(self, *, revocation: RevocationSource, roots: Sequence[bytes], moment: datetime) -> None:
        """Take roots, the source of revocation data, and the moment of the deed."""
        self._revocation = revocation
        self._roots = certificates_from(roots)
        self._moment = moment
        self._proven: dict[bytes, Proof] = {}

    async def prove(self, chains: Sequence[Chain]) -> Proof:
        """Prove each chain valid and unrevoked now.

        Raises:
            RevocationUnavailableError: Chain, validity or revocation data wanting.
        """
        proof = Proof(paths=(), lists=())
        for chain in chains:
            leaf = chain.leaf.dump()
            if leaf not in self._proven:
                self._proven[leaf] = await self._prove(chain)
            proof = proof.joined(self._proven[leaf])
        return proof

    async def _prove(self, chain: Chain) -> Proof:
        every = (chain.leaf, *chain.above)
        context = ValidationContext(
            trust_roots=self._roots,
            other_certs=list(every),
            crls=list(self._revocation.crls_for(tuple(certificate.dump() for certificate in every))),
            moment=self._moment,
            allow_fetching=False,
            revocation_mode="require",
        )
        try:
            path = await _path(chain, context)
        except (PathError, ValidationError) as problem:
            raise RevocationUnavailableError(str(problem)) from problem
        return Proof(paths=(path,), lists=tuple(context.crls))


async def _path(chain: Chain, context: ValidationContext) -> ValidationPath:
    validator = CertificateValidator(chain.leaf, chain.above, validation_context=context)
    path: ValidationPath
    if chain.purpose == STAMPING:
        path = await validator.async_validate_usage(set(), {STAMPING})  # type: ignore[no-untyped-call]
    else:
        path = await validator.async_validate_usage({SIGNING})  # type: ignore[no-untyped-call]
    return path


def chain_of(signed: cms.SignedData, purpose: str) -> Chain:
    """The chain that a CMS brings along; its signer's certificate is found by serial number.

    Raises:
        ValueError: No certificates, or none of the signer.
    """
    certificates = [choice.chosen for choice in signed["certificates"]]
    wanted = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
    leaves = [one for one in certificates if one.serial_number == wanted]
    if not leaves:
        raise ValueError("the signature does not bring its own certificate")
    above = tuple(one for one in certificates if one is not leaves[0])
    return Chain(leaf=leaves[0], above=above, purpose=purpose)


def chains_at(end: FileEnd) -> tuple[Chain, ...]:
    """What the next document timestamp must preserve: pending signers and the last timestamp's authority."""
    pending = [chain_of(one.signed_data, SIGNING) for one in end.pending]
    stamped = [chain_of(end.timestamp.signed_data, STAMPING)] if end.timestamp else []
    return (*pending, *stamped)


def store(writer: RevisionWriter, proof: Proof, contents: bytes | None = None) -> None:
    """Put the proof into the document security store of the revision that is being written.

    Args:
        writer: Of that revision.
        proof: Its paths and revocation lists.
        contents: Hexadecimal ``/Contents`` of the signature that it is for, padding included.
    """
    DocumentSecurityStore.supply_dss_in_writer(writer, contents, paths=proof.paths, crls=proof.lists)


async def stamp_document(
    output: BytesIO,
    prover: Prover,
    chains: Sequence[Chain],
    stamper: AuthorityTimeStamper,
    *,
    contents: bytes | None,
    room: int,
) -> None:
    """Append one revision: validation data, then a document timestamp over everything.

    If another authority than expected gives the token (fail-over), a further revision brings
    the validation data of its chain.

    Args:
        output: The file, read and appended to.
        prover: Proves the chains at the moment of the deed.
        chains: What the timestamp is to preserve, and the chain its token is expected from.
        stamper: Gives the token.
        contents: As ``store``.
        room: Bytes kept free for the token.

    Raises:
        TimestampUnavailableError: No token now.
        RevocationUnavailableError: A chain could not be proven.
        SigningError: The token is larger than its room.
    """
    writer = RevisionWriter(output)
    store(writer, await prover.prove(chains), contents)
    await PdfTimeStamper(stamper).async_timestamp_pdf(
        writer, "sha256", bytes_reserved=2 * room, in_place=True
    )
    stamped_by = chain_of(stamper.last_token(), STAMPING)
    if not any(stamped_by.ends_as(chain) for chain in chains):
        writer = RevisionWriter(output)
        store(writer, await prover.prove([stamped_by]))
        writer.write_in_place()  # type: ignore[no-untyped-call]
