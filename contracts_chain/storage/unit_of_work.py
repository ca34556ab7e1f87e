"""One transaction a deed step: repositories on one connection, commit or nothing."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolUsedUpError

from contracts_chain.storage.database_errors import DatabaseBusyError, said_of
from contracts_chain.storage.engine import DatabaseUnreachableError
from contracts_chain.storage.repositories.agreements import SqlAgreements
from contracts_chain.storage.repositories.annexes import SqlAnnexes, SqlRetail
from contracts_chain.storage.repositories.archive import SqlArchive
from contracts_chain.storage.repositories.authority import SqlRevocations
from contracts_chain.storage.repositories.callbacks import SqlCallbacks
from contracts_chain.storage.repositories.ceremony import (
    SqlCeremonies,
    SqlQuestions,
    SqlReadings,
    SqlSigningSets,
)
from contracts_chain.storage.repositories.chain import (
    SqlCheckpoints,
    SqlStatusChanges,
    SqlTransactions,
    SqlTwinAnchors,
)
from contracts_chain.storage.repositories.cross_anchors import SqlAlarms, SqlCrossAnchors
from contracts_chain.storage.repositories.deadlines import SqlDeadlines
from contracts_chain.storage.repositories.domestic import SqlDomesticSeals
from contracts_chain.storage.repositories.drafts import SqlDrafts, SqlPeople
from contracts_chain.storage.repositories.figures import SqlFigures
from contracts_chain.storage.repositories.group import SqlGroups
from contracts_chain.storage.repositories.identity import (
    SqlAttachments,
    SqlDelegations,
    SqlHallReviews,
    SqlIdentityChecks,
)
from contracts_chain.storage.repositories.life import SqlLife
from contracts_chain.storage.repositories.life_papers import SqlNotices, SqlOrders, SqlRatings
from contracts_chain.storage.repositories.log import SqlLog, SqlTrails
from contracts_chain.storage.repositories.papers import (
    SqlInstallation,
    SqlIntents,
    SqlInvoices,
    SqlNumbers,
    SqlOutbox,
)
from contracts_chain.storage.repositories.seals import SqlSeals
from contracts_chain.storage.repositories.sessions import SqlSessions

__all__ = ["SqlUnitOfWork"]


class SqlUnitOfWork:
    """Implements ``workflows.ports.UnitOfWork`` on PostgreSQL, READ COMMITTED with explicit locks."""

    agreements: SqlAgreements
    alarms: SqlAlarms
    annexes: SqlAnnexes
    archive: SqlArchive
    attachments: SqlAttachments
    callbacks: SqlCallbacks
    ceremonies: SqlCeremonies
    checkpoints: SqlCheckpoints
    cross_anchors: SqlCrossAnchors
    deadlines: SqlDeadlines
    delegations: SqlDelegations
    domestic_seals: SqlDomesticSeals
    drafts: SqlDrafts
    figures: SqlFigures
    groups: SqlGroups
    hall_reviews: SqlHallReviews
    identity_checks: SqlIdentityChecks
    installation: SqlInstallation
    intents: SqlIntents
    invoices: SqlInvoices
    life: SqlLife
    log: SqlLog
    notices: SqlNotices
    numbers: SqlNumbers
    orders: SqlOrders
    outbox: SqlOutbox
    people: SqlPeople
    questions: SqlQuestions
    ratings: SqlRatings
    readings: SqlReadings
    retail: SqlRetail
    revocations: SqlRevocations
    seals: SqlSeals
    sessions: SqlSessions
    signing_sets: SqlSigningSets
    status_changes: SqlStatusChanges
    trails: SqlTrails
    transactions: SqlTransactions
    twin_anchors: SqlTwinAnchors

    def __init__(self, engine: Engine) -> None:
        """Open nothing yet."""
        self._engine = engine
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Take a connection and begin.

        Raises:
            DatabaseUnreachableError: PostgreSQL does not answer.
            DatabaseBusyError: Every connection is in use.
        """
        try:
            connection = self._engine.connect()
        except PoolUsedUpError as problem:
            raise DatabaseBusyError from problem
        except OperationalError as problem:
            raise DatabaseUnreachableError(
                "PostgreSQL does not answer; check that it runs, then try again",
                "数据库没有应答；请确认已启动后重试",
            ) from problem
        self._connection = connection
        self.agreements = SqlAgreements(connection)
        self.annexes = SqlAnnexes(connection)
        self.archive = SqlArchive(connection)
        self.callbacks = SqlCallbacks(connection)
        self._open_chain(connection)
        self._open_identity(connection)
        self._open_ceremonies(connection)
        self.deadlines = SqlDeadlines(connection)
        self.domestic_seals = SqlDomesticSeals(connection)
        self.drafts = SqlDrafts(connection)
        self.figures = SqlFigures(connection)
        self.groups = SqlGroups(connection)
        self.installation = SqlInstallation(connection)
        self.intents = SqlIntents(connection)
        self.invoices = SqlInvoices(connection)
        self.life = SqlLife(connection)
        self.log = SqlLog(connection)
        self.notices = SqlNotices(connection)
        self.numbers = SqlNumbers(connection)
        self.orders = SqlOrders(connection)
        self.outbox = SqlOutbox(connection)
        self.people = SqlPeople(connection)
        self.ratings = SqlRatings(connection)
        self.retail = SqlRetail(connection)
        self.revocations = SqlRevocations(connection)
        self.seals = SqlSeals(connection)
        self.sessions = SqlSessions(connection)
        self.trails = SqlTrails(connection)
        return self

    def _open_ceremonies(self, connection: Connection) -> None:
        self.ceremonies = SqlCeremonies(connection)
        self.questions = SqlQuestions(connection)
        self.readings = SqlReadings(connection)
        self.signing_sets = SqlSigningSets(connection)

    def _open_chain(self, connection: Connection) -> None:
        self.alarms = SqlAlarms(connection)
        self.checkpoints = SqlCheckpoints(connection)
        self.cross_anchors = SqlCrossAnchors(connection)
        self.status_changes = SqlStatusChanges(connection)
        self.transactions = SqlTransactions(connection)
        self.twin_anchors = SqlTwinAnchors(connection)

    def _open_identity(self, connection: Connection) -> None:
        self.attachments = SqlAttachments(connection)
        self.delegations = SqlDelegations(connection)
        self.hall_reviews = SqlHallReviews(connection)
        self.identity_checks = SqlIdentityChecks(connection)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back.

        Raises:
            DatabaseBusyError: The server gave the transaction up for another's sake.
            DatabaseWentAwayError: It ended the connection.
            DatabaseFullError: It has no space left.
        """
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        said = said_of(problem)
        if said is not None:
            raise said from problem

    def commit(self) -> None:
        """Make everything since the last commit durable."""
        if self._connection is None:
            raise RuntimeError("commit outside of the unit of work")
        self._connection.commit()
