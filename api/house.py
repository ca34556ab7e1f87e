"""Opens the house: database, chain, keys, authority, registry; and closes it again.

Embedded servers are started where the settings name none. The chain's genesis and the
registry's address are fixed in the database at the first start; another chain under
the same data is refused, never adopted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.cross_anchor_places import judicial_keys, places_of
from api.database_alone import require_installation
from api.house_witnesses import begin_witnesses
from api.keyring import secret_bytes
from api.settings import Settings
from contracts_chain.evidence.checkpoint import TrustedWitness, load_log_key, log_public_key
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.errors import ForeignChainError
from contracts_chain.ledger.registry_calls import address_of as account_address
from contracts_chain.ledger.web3_registry import Web3Registry, deploy
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.obstore_blobs import ObstoreBlobs
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.anchor import FIRST_NONCE
from contracts_chain.workflows.chain_ports import CrossAnchorPlace
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWorkFactory
from devnet.launch import start as start_devnet
from kernel.clock import Clock, SystemClock
from kernel.sized_bytes import Address, BlockHash
from signing.http_tsa import HttpTsa
from signing.issuing_ca import TestCa
from signing.model import SignatureTrust, TimestampAuthority
from signing.rfc3161_authority import TestTsa

__all__ = ["House", "open_house", "reopen_house"]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running installation."""

    settings: Settings
    office: Office
    tsa: TestTsa
    database_url: str
    rpc_url: str
    places: tuple[CrossAnchorPlace, ...]


@contextmanager
def open_house(settings: Settings, clock: Clock | None = None) -> Iterator[House]:
    """Start or connect everything; stop what was started when the block is left.

    Raises:
        FaultError: A server cannot start, a directory is locked, the chain is another one.
    """
    clock = clock or SystemClock()
    directory = settings.data_dir
    with ExitStack() as stack:
        database_url = settings.database_url
        if database_url is None:
            server = stack.enter_context(EmbeddedPostgres.start(directory / "postgres"))
            database_url = server.url
        keys = directory / "keys"
        log_key = load_log_key(secret_bytes(keys, "log"))
        witnesses = begin_witnesses(settings, log_public_key(log_key))  # they start while the chain does
        stack.callback(witnesses.stop)
        engine = open_engine(database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        work = partial(SqlUnitOfWork, engine)
        rpc_url, validators = _chain(settings, work, stack)
        ca = TestCa.open(keys / "test-ca", secret_bytes(keys, "kek"), clock)
        tsa = TestTsa(ca.tsa_credential, clock)
        registry = _registry(settings, rpc_url, keys, work, stack)
        office = Office(
            clock=clock,
            work=work,
            blobs=ObstoreBlobs.local(directory / "blobs"),
            chain=registry,
            ca=ca,
            timestamps=_timestamps(settings, tsa),
            log_key=log_key,
            witnesses=witnesses,
            trust=_trust(settings, registry, validators, ca, witnesses.ready()),
            utility=settings.utility,
        )
        yield House(
            settings=settings,
            office=office,
            tsa=tsa,
            database_url=database_url,
            rpc_url=rpc_url,
            places=places_of(settings, office.timestamps, clock),
        )


@contextmanager
def reopen_house(settings: Settings) -> Iterator[House]:
    """As ``open_house``, for commands that are about what is there: begins no new installation.

    Raises:
        NoInstallationError: Nothing was ever set up in the data directory.
        FaultError: As ``open_house``.
    """
    require_installation(settings)
    with open_house(settings) as house:
        yield house


def _timestamps(settings: Settings, tsa: TestTsa) -> TimestampAuthority:
    return HttpTsa(settings.tsa_url, settings.tsa_timeout_seconds) if settings.tsa_url else tsa


def _chain(
    settings: Settings, work: UnitOfWorkFactory, stack: ExitStack
) -> tuple[str, tuple[tuple[Address, str], ...]]:
    if settings.chain_rpc_url is not None:
        members = ((Address.from_hex(key), operator) for key, operator in settings.chain_validators.items())
        return settings.chain_rpc_url, tuple(members)
    directory = settings.data_dir / "chain"
    with work() as unit:
        anchored_in = unit.installation.get("genesis")
    if anchored_in is not None and not (directory / "genesis.json").exists():
        raise _other_chain(directory, anchored_in, "none")  # before a new chain is begun in its place
    running = start_devnet(directory, period=settings.block_period_seconds)
    stack.callback(running.stop)
    if anchored_in is not None and running.genesis_hash.hex0x() != anchored_in:
        raise _other_chain(directory, anchored_in, running.genesis_hash.hex0x())
    return running.rpc_url, running.validators


def _other_chain(directory: Path, expected: str, found: str) -> ForeignChainError:
    return ForeignChainError(
        f"{directory} does not hold the chain in which this database is anchored: expected genesis "
        f"{expected}, found {found}; restore that directory from backup, never begin another chain",
        f"{directory} 中不是本数据库所锚定的链：创世区块应为 {expected}，实为 {found}；"
        "请从备份恢复该目录，切勿另建新链",
    )


def _registry(
    settings: Settings, rpc_url: str, keys: Path, work: UnitOfWorkFactory, stack: ExitStack
) -> Web3Registry:
    anchor_key = secret_bytes(keys, "anchor")
    with work() as unit:
        known = unit.installation.get("registry")
        fixed_genesis = unit.installation.get("genesis")
    expected = None if fixed_genesis is None else BlockHash.from_hex(fixed_genesis)
    address = Address.from_hex(known) if known else _deployed(settings, rpc_url, keys)
    registry = Web3Registry(rpc_url, settings.chain_id, address, anchor_key, expected_genesis=expected)
    stack.callback(registry.close)
    with work() as unit:
        unit.installation.fix("genesis", registry.genesis_hash().hex0x())
        unit.installation.fix("registry", address.hex0x())
        if unit.installation.get(FIRST_NONCE) is None:
            unit.installation.fix(FIRST_NONCE, str(registry.next_nonce()))
        unit.commit()
    return registry


def _deployed(settings: Settings, rpc_url: str, keys: Path) -> Address:
    anchorer = account_address(secret_bytes(keys, "anchor"))
    return deploy(rpc_url, secret_bytes(keys, "admin"), settings.chain_id, anchorer=anchorer)


def _trust(
    settings: Settings,
    registry: Web3Registry,
    validators: tuple[tuple[Address, str], ...],
    ca: TestCa,
    witnesses: tuple[TrustedWitness, ...],
) -> TrustBundle:
    known = (ValidatorSet(from_block=0, to_block=None, members=validators),) if validators else ()
    chain = ChainTrust(
        chain_id=settings.chain_id,
        genesis_hash=registry.genesis_hash(),
        registry=registry.address,
        registry_code_hash=registry.code_hash(),
        validator_sets=known,
    )
    return TrustBundle(
        label=settings.mark,
        signatures=SignatureTrust(ca_roots=ca.roots, tsa_roots=ca.tsa_roots),
        chain=chain,
        log_origin=settings.log_origin,
        log_key=log_public_key(load_log_key(secret_bytes(settings.data_dir / "keys", "log"))),
        witnesses=witnesses,
        witness_quorum=settings.witness_quorum if witnesses else 0,
        judicial_chains=judicial_keys(settings),
        skew=settings.clock_skew,
        greatest_status_age=settings.greatest_status_age,
    )
