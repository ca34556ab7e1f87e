"""An in-memory unit of work for deeds that need only agreements, ceremonies, trails, log and checkpoints.

Commit or nothing, as in the real one; one user at a time, so locks are empty words here.
It passes ``repository_behaviour`` as ``contracts_chain.storage`` does.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import TracebackType
from typing import Self

from fake_annexes import FakeAnnexes, FakeRetail
from fake_archive import FakeArchive
from fake_callbacks import CallbackTables, FakeCallbacks
from fake_ceremony import CeremonyTables, FakeCeremonies, FakeQuestions, FakeReadings, FakeSigningSets
from fake_chain_files import (
    ChainTables,
    FakeAlarms,
    FakeCheckpoints,
    FakeCrossAnchors,
    FakeStatusChanges,
    FakeTransactions,
    FakeTwinAnchors,
)
from fake_domestic import FakeDomesticSeals
from fake_drafts import DraftTables, FakeDrafts, FakeIntents, FakeNumbers, FakeOutbox, FakePeople
from fake_identity import (
    FakeAttachments,
    FakeDelegations,
    FakeHallReviews,
    FakeIdentityChecks,
    IdentityTables,
)
from fake_life import FakeLife, FakeNotices, FakeOrders, FakeRatings, LifeTables
from fake_log import FakeLog
from fake_revocations import FakeRevocations
from fake_seals import FakeSeals, SealTables
from fake_sessions import FakeSessions

from contracts_chain.agreements.lifecycle import AgreementState
from contracts_chain.agreements.rules.related_rules import RetailPeriod
from contracts_chain.workflows.annex_ports import AnnexFile
from contracts_chain.workflows.archive_ports import ArchiveFile
from contracts_chain.workflows.authority_ports import LetterRevocation
from contracts_chain.workflows.dossier import AgreementDossier, CeremonyFile, LogLeaf, LogRow
from contracts_chain.workflows.errors import (
    AlreadyDraftedError,
    InstallationMismatchError,
    StaleDossierError,
    UnknownNumberError,
)
from contracts_chain.workflows.session_ports import StaffSession
from kernel.sized_bytes import Bytes32


@dataclass
class Tables:
    """What is committed, or what one unit of work would commit."""

    agreements: dict[str, AgreementDossier] = field(default_factory=dict)
    annexes: dict[Bytes32, AnnexFile] = field(default_factory=dict)
    archive: dict[str, ArchiveFile] = field(default_factory=dict)
    callbacks: CallbackTables = field(default_factory=CallbackTables)
    ceremonies: dict[str, CeremonyFile] = field(default_factory=dict)
    ceremony: CeremonyTables = field(default_factory=CeremonyTables)
    domestic_seals: dict[tuple[str, str], tuple[Bytes32, bool]] = field(default_factory=dict)
    drafts: DraftTables = field(default_factory=DraftTables)
    chain: ChainTables = field(default_factory=ChainTables)
    facts: dict[str, str] = field(default_factory=dict)
    identity: IdentityTables = field(default_factory=IdentityTables)
    leaves: list[LogLeaf] = field(default_factory=list)
    life: LifeTables = field(default_factory=LifeTables)
    log_rows: list[LogRow] = field(default_factory=list)
    retail: dict[str, tuple[str, tuple[RetailPeriod, ...]]] = field(default_factory=dict)
    revocations: dict[Bytes32, LetterRevocation] = field(default_factory=dict)
    seals: SealTables = field(default_factory=SealTables)
    sessions: dict[Bytes32, StaffSession] = field(default_factory=dict)
    trails: dict[str, list[bytes]] = field(default_factory=dict)


@dataclass
class FakeAgreements:
    tables: Tables

    def add(self, dossier: AgreementDossier) -> None:
        if self.find_by_order(dossier.order_no, dossier.kind) is not None:
            raise AlreadyDraftedError(dossier.order_no, dossier.kind)
        self.tables.agreements[dossier.number] = dossier

    def load(self, number: str, *, lock: bool = False) -> AgreementDossier:
        if number not in self.tables.agreements:
            raise UnknownNumberError(number)
        return self.tables.agreements[number]

    def find_by_order(self, order_no: str, kind: str) -> AgreementDossier | None:
        found = (
            one
            for one in self.tables.agreements.values()
            if (one.order_no, one.kind) == (order_no, kind) and not one.came_to_nothing
        )
        return next(found, None)

    def save(self, dossier: AgreementDossier) -> AgreementDossier:
        if self.load(dossier.number).version != dossier.version:
            raise StaleDossierError(dossier.number)
        following = replace(dossier, version=dossier.version + 1)
        self.tables.agreements[dossier.number] = following
        return following

    def rewrite(self, dossier: AgreementDossier) -> AgreementDossier:
        return self.save(dossier)

    def expired_offers(self, today: date) -> tuple[str, ...]:
        states = (AgreementState.OFFERED, AgreementState.PARTLY_SIGNED)
        found = [one for one in self.tables.agreements.values() if one.state in states]
        return tuple(sorted(one.number for one in found if one.offer_until and one.offer_until < today))

    def list(self) -> Sequence[AgreementDossier]:
        return sorted(self.tables.agreements.values(), key=lambda one: (one.drafted_utc, one.number))


@dataclass
class FakeTrails:
    tables: Tables

    def lines(self, subject: str) -> tuple[bytes, ...]:
        return tuple(self.tables.trails.get(subject, ()))

    def append(self, subject: str, line: bytes) -> None:
        self.tables.trails.setdefault(subject, []).append(line)


@dataclass
class FakeInstallation:
    tables: Tables

    def get(self, name: str) -> str | None:
        return self.tables.facts.get(name)

    def fix(self, name: str, value: str) -> None:
        fixed = self.tables.facts.setdefault(name, value)
        if fixed != value:
            raise InstallationMismatchError(name, fixed, value)


class FakeUnitOfWork:
    """One transaction over shared tables: a copy while it lasts, the tables themselves at commit."""

    def __init__(self, committed: Tables) -> None:
        self._committed = committed

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def commit(self) -> None:
        vars(self._committed).update(vars(self._open))
        self._begin()

    def _begin(self) -> None:
        self._open = copy.copy(self._committed)
        for name, table in vars(self._committed).items():
            setattr(self._open, name, copy.deepcopy(table))
        self.agreements = FakeAgreements(self._open)
        self.annexes = FakeAnnexes(self._open.annexes)
        self.archive = FakeArchive(self._open.archive, self._open.agreements)
        self.callbacks = FakeCallbacks(self._open.callbacks)
        self._begin_ceremonies(self._open)
        self._begin_chain(self._open)
        self._begin_identity(self._open.identity)
        self.domestic_seals = FakeDomesticSeals(self._open.domestic_seals)
        self.drafts = FakeDrafts(self._open.drafts)
        self.intents = FakeIntents(self._open.drafts)
        self.numbers = FakeNumbers(self._open.drafts)
        self.outbox = FakeOutbox(self._open.drafts)
        self.people = FakePeople(self._open.drafts)
        self.installation = FakeInstallation(self._open)
        self.life = FakeLife(self._open.life, self._open.agreements)
        self.notices = FakeNotices(self._open.life)
        self.orders = FakeOrders(self._open.life, self._open.agreements)
        self.ratings = FakeRatings(self._open.life, self._open.agreements)
        self.retail = FakeRetail(self._open.retail, self._open.agreements)
        self.revocations = FakeRevocations(self._open.revocations)
        self.seals = FakeSeals(self._open.seals, self._open.leaves)
        self.sessions = FakeSessions(self._open.sessions)
        self.log = FakeLog(self._open.leaves, self._open.log_rows)
        self.trails = FakeTrails(self._open)

    def _begin_ceremonies(self, tables: Tables) -> None:
        self.ceremonies = FakeCeremonies(tables.ceremonies)
        self.questions = FakeQuestions(tables.ceremony)
        self.readings = FakeReadings(tables.ceremony)
        self.signing_sets = FakeSigningSets(tables.ceremony, tables.ceremonies)

    def _begin_identity(self, tables: IdentityTables) -> None:
        self.attachments = FakeAttachments(tables)
        self.delegations = FakeDelegations(tables)
        self.hall_reviews = FakeHallReviews(tables)
        self.identity_checks = FakeIdentityChecks(tables)

    def _begin_chain(self, tables: Tables) -> None:
        chain, agreements, leaves = tables.chain, tables.agreements, tables.leaves
        self.alarms = FakeAlarms(chain)
        self.checkpoints = FakeCheckpoints(chain, agreements, leaves, tables.log_rows)
        self.cross_anchors = FakeCrossAnchors(chain)
        self.status_changes = FakeStatusChanges(chain, agreements, leaves, tables.life.spans)
        self.transactions = FakeTransactions(chain)
        self.twin_anchors = FakeTwinAnchors(chain)
