"""An in-memory seal registry, and seal keys in memory that nobody certified."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from contracts_chain.agreements.seals.imported import ImportedSeal
from contracts_chain.agreements.seals.seal import Seal
from contracts_chain.agreements.seals.use import RequestState, SealUse, UseRequest
from contracts_chain.workflows.dossier import LogLeaf
from contracts_chain.workflows.seal_ports import (
    LedgerLine,
    SealChangedError,
    SealImportedError,
    SealTakenError,
    UnknownSealError,
    UnknownUseRequestError,
)
from signing.certificate_request import certificate_request
from signing.model import Credential
from signing.seal_certificate import SealCertificateError, read_seal_certificate
from signing.software_key import SoftwareKey, UnreadableKeyError


@dataclass
class SealTables:
    seals: dict[str, Seal] = field(default_factory=dict)
    requests: dict[str, UseRequest] = field(default_factory=dict)
    uses: dict[tuple[str, str], SealUse] = field(default_factory=dict)
    imported: dict[bytes, ImportedSeal] = field(default_factory=dict)


@dataclass
class FakeSeals:
    tables: SealTables
    leaves: list[LogLeaf]

    def add(self, seal: Seal) -> None:
        if self.find(seal.owner_id, seal.name) is not None:
            raise SealTakenError(seal.name)
        self.tables.seals[seal.id] = seal

    def load(self, seal_id: str, *, lock: bool = False) -> Seal:
        if seal_id not in self.tables.seals:
            raise UnknownSealError(seal_id)
        return self.tables.seals[seal_id]

    def find(self, owner_id: str, name: str, *, lock: bool = False) -> Seal | None:
        wanted = (owner_id, name)
        live = (one for one in self.list() if one.is_live and (one.owner_id, one.name) == wanted)
        return next(live, None)

    def list(self) -> tuple[Seal, ...]:
        return tuple(sorted(self.tables.seals.values(), key=lambda one: (one.applied_utc, one.id)))

    def save(self, seal: Seal) -> Seal:
        if self.load(seal.id).version != seal.version:
            raise SealChangedError(seal.name)
        following = replace(seal, version=seal.version + 1)
        self.tables.seals[seal.id] = following
        return following

    def add_imported(self, seal: ImportedSeal) -> None:
        if seal.der_sha256 in self.tables.imported:
            raise SealImportedError(seal.name)
        self.tables.imported[seal.der_sha256] = seal

    def imported(self) -> tuple[ImportedSeal, ...]:
        return tuple(sorted(self.tables.imported.values(), key=lambda one: (one.imported_utc, one.id)))

    def add_request(self, request: UseRequest) -> None:
        self.tables.requests[request.id] = request

    def load_request(self, request_id: str, *, lock: bool = False) -> UseRequest:
        if request_id not in self.tables.requests:
            raise UnknownUseRequestError(request_id)
        return self.tables.requests[request_id]

    def decide_request(self, request: UseRequest) -> None:
        standing = self.tables.requests[request.id]
        self.tables.requests[request.id] = replace(
            standing,
            state=request.state,
            decided_by=request.decided_by,
            decided_utc=request.decided_utc,
            expires_utc=request.expires_utc,
            quota=request.quota,
        )

    def requests(self, seal_id: str, *, most: int) -> tuple[UseRequest, ...]:
        found = [one for one in self.tables.requests.values() if one.seal_id == seal_id]
        newest = sorted(found, key=lambda one: one.asked_utc, reverse=True)
        return tuple(sorted(newest, key=lambda one: one.state is not RequestState.ASKED)[:most])

    def approval_for(self, seal_id: str, number: str) -> UseRequest | None:
        found = [
            (one.decided_utc, one)
            for one in self.tables.requests.values()
            if one.seal_id == seal_id and number in one.numbers and one.state is RequestState.APPROVED
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None  # type: ignore[arg-type,return-value]

    def find_use(self, number: str, field: str) -> SealUse | None:
        return self.tables.uses.get((number, field))

    def add_use(self, use: SealUse) -> None:
        self.tables.uses[use.number, use.field] = use
        request = self.tables.requests[use.request_id]
        self.tables.requests[use.request_id] = replace(request, used=request.used + 1)

    def note_use(self, use: SealUse) -> None:
        self.tables.uses[use.number, use.field] = use

    def ledger(self, seal_id: str, *, after: int, most: int) -> tuple[LedgerLine, ...]:
        places = {leaf.leaf_hash: leaf.index for leaf in self.leaves}
        found = [one for one in self.tables.uses.values() if one.seal_id == seal_id and one.use_no > after]
        ordered = sorted(found, key=lambda one: one.use_no)[:most]
        return tuple(
            LedgerLine(use=use, leaf_index=places.get(use.leaf_hash) if use.leaf_hash else None)
            for use in ordered
        )

    def last_use(self, seal_id: str) -> int:
        return max((one.use_no for one in self.tables.uses.values() if one.seal_id == seal_id), default=0)


@dataclass
class FakeSealKeys:
    """Implements ``SealKeys`` with one certificate for all; ``live`` names the keys that stand."""

    chain: tuple[bytes, ...]
    kept: dict[str, SoftwareKey] = field(default_factory=dict)
    roots: tuple[bytes, ...] = ()

    @property
    def live(self) -> set[str]:
        return set(self.kept)

    def make(self, seal: Seal) -> tuple[bytes, ...]:
        if seal.key_ref not in self.kept:
            self.kept[seal.key_ref] = SoftwareKey.generate()
        return self.chain

    def adopt(self, seal: Seal, brought: bytes, moment: datetime) -> tuple[bytes, ...]:
        if seal.key_ref not in self.kept:
            raise SealCertificateError("the seal has no key yet", "该印章尚无密钥")
        return read_seal_certificate(
            brought,
            public_key_der=self.kept[seal.key_ref].public_key_der,
            organisation=seal.owner,
            organisation_id=seal.owner_id,
            roots=self.roots,
            moment=moment,
        )

    def request(self, seal: Seal) -> bytes:
        key = self.kept.setdefault(seal.key_ref, SoftwareKey.generate())
        return certificate_request(
            key,
            key.public_key_der,
            organisation=seal.owner,
            organisation_id=seal.owner_id,
            common_name=seal.name,
        )

    def credential(self, seal: Seal) -> Credential:
        if seal.key_ref not in self.kept:
            raise UnreadableKeyError(Path(seal.key_ref))
        return Credential(certificate=seal.chain[0], chain=seal.chain, key=self.kept[seal.key_ref])

    def destroy(self, seal: Seal) -> None:
        self.kept.pop(seal.key_ref, None)
