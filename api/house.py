"""Opens the house: database, chain, keys, authority, registry; and closes it again.

Embedded servers are started where the settings name none. The chain's genesis and the
registry's address are fixed in the database at the first start; another chain under
the same data is refused, never adopted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.activation_client import ActivationAuthority, ActivationStamping
from api.callback_signature import CallbackSecrets
from api.cross_anchor_places import judicial_keys, places_of
from api.database_alone import require_installation
from api.document_store import open_documents
from api.house_signing import SigningHouse, begin_provider, begin_signing
from api.house_witnesses import EmbeddedWitnesses, begin_witnesses
from api.http_witnesses import HttpWitnesses
from api.identity_launch import IdentitySandboxProcess
from api.keyring import Keyring
from api.seal_keys import StandingSealKeys
from api.settings import Settings
from contracts_chain.evidence.checkpoint import load_log_key, log_public_key
from contracts_chain.evidence.trust_bundle import TrustBundle
from contracts_chain.ledger.chain_trust import ChainTrust, ValidatorSet
from contracts_chain.ledger.errors import ForeignChainError
from contracts_chain.ledger.registry_calls import address_of as account_address
from contracts_chain.ledger.web3_registry import Web3Registry, deploy
from contracts_chain.storage.embedded_postgres import EmbeddedPostgres
from contracts_chain.storage.engine import migrate, open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.anchor import FIRST_NONCE
from contracts_chain.workflows.chain_ports import CrossAnchorPlace
from contracts_chain.workflows.hand_out import package_sealers
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.ports import UnitOfWorkFactory
from contracts_chain.workflows.seal_registry import found_seals
from devnet.launch import start as start_devnet
from kernel.clock import Clock, SystemClock
from kernel.sized_bytes import Address, BlockHash
from signing.http_tsa import http_authorities
from signing.model import SignatureTrust, TimestampAuthority
from signing.pkcs11_token import TokenAddress
from signing.seal_certificate import leads_to

__all__ = ["House", "open_house", "reopen_house"]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running installation."""

    settings: Settings
    office: Office
    signing: SigningHouse
    database_url: str
    rpc_url: str
    places: tuple[CrossAnchorPlace, ...]
    callback_secrets: CallbackSecrets


@contextmanager
def open_house(settings: Settings, clock: Clock | None = None) -> Iterator[House]:
    """Start or connect everything; stop what was started when the block is left.

    Raises:
        FaultError: A server cannot start, a directory is locked, the chain is another one.
    """
    with ExitStack() as stack:
        sandbox = stack.enter_context(begin_provider(settings))  # starts while the database does
        database_url, work = _database(settings, stack)
        keyring = stack.enter_context(closing(Keyring.open(settings.data_dir / "keys", settings.kek)))
        log_key = load_log_key(keyring.secret("log"))
        witnesses = begin_witnesses(settings, log_public_key(log_key))  # they start while the chain does
        stack.callback(witnesses.stop)
        signing = begin_signing(settings, sandbox)
        stack.callback(signing.stop)
        rpc_url, validators = _chain(settings, work, stack)
        registry = _registry(settings, rpc_url, keyring, work, stack)
        stack.callback(_ask_to_stop, sandbox, signing, witnesses)  # runs first: they end while the chain does
        authority = _authority(settings, signing, work)
        office = Office(
            clock=clock or SystemClock(),
            work=work,
            blobs=open_documents(settings),
            chain=registry,
            ca=authority,
            timestamps=_timestamps(settings, signing.stamping),
            log_key=log_key,
            witnesses=witnesses,
            trust=_trust(settings, registry, validators, signing, authority, log_key, witnesses, work=work),
            utility=settings.utility,
            seal_keys=_seal_keys(settings, signing, keyring),
            identity=signing.identity,
            activation=signing.activation,
            reading=settings.reading,
        )
        found_seals(office, office.seal_keys)
        yield House(
            settings=settings,
            office=office,
            signing=signing,
            database_url=database_url,
            rpc_url=rpc_url,
            places=places_of(settings, office.timestamps, office.clock),
            callback_secrets=CallbackSecrets(keyring.secret("callbacks")),
        )


def _ask_to_stop(
    sandbox: IdentitySandboxProcess | None,
    signing: SigningHouse,
    witnesses: EmbeddedWitnesses | HttpWitnesses,
) -> None:
    """Let every process of ours end at once; whoever began it waits for it afterwards."""
    signing.process.ask_to_stop()
    if sandbox is not None:
        sandbox.ask_to_stop()
    if isinstance(witnesses, EmbeddedWitnesses):
        witnesses.ask_to_stop()


def _database(settings: Settings, stack: ExitStack) -> tuple[str, UnitOfWorkFactory]:
    """The database by URL, or our own server; with every table it should have."""
    url = settings.database_url
    if url is None:
        url = stack.enter_context(EmbeddedPostgres.start(settings.data_dir / "postgres")).url
    engine = open_engine(url)
    stack.callback(engine.dispose)
    migrate(engine)
    return url, partial(SqlUnitOfWork, engine)


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


def _seal_keys(settings: Settings, signing: SigningHouse, keyring: Keyring) -> StandingSealKeys:
    directory = settings.data_dir / "keys" / "seals"
    token = TokenAddress.parse(settings.seal_token) if settings.seal_token is not None else None
    authority = signing.authority
    return StandingSealKeys(directory, keyring.kek, authority, token, roots=authority.licensed_roots)


def _authority(settings: Settings, signing: SigningHouse, work: UnitOfWorkFactory) -> ActivationAuthority:
    """Once the process answers: without the TEST root where no paper and no seal ever made says TEST.

    Raises:
        ActivationStartError: It does not start.
    """
    signing.ready()
    licensed = signing.authority.licensed_roots
    with work() as unit:
        chains = [seal.chain for seal in unit.seals.list() if seal.chain]
    only_licensed = all(leads_to(chain, licensed) for chain in chains)
    unmarked = bool(licensed) and not settings.stamp_mark
    return ActivationAuthority(signing.channel, without_test_root=unmarked and only_licensed)


def _timestamps(settings: Settings, stamping: ActivationStamping) -> TimestampAuthority:
    if not settings.tsa_urls:
        return stamping
    return http_authorities(settings.tsa_urls, settings.tsa_timeout_seconds, settings.tsa_policies)


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
    settings: Settings, rpc_url: str, keyring: Keyring, work: UnitOfWorkFactory, stack: ExitStack
) -> Web3Registry:
    anchor_key = keyring.secret("anchor")
    with work() as unit:
        known = unit.installation.get("registry")
        fixed_genesis = unit.installation.get("genesis")
    expected = None if fixed_genesis is None else BlockHash.from_hex(fixed_genesis)
    address = Address.from_hex(known) if known else _deployed(settings, rpc_url, keyring)
    registry = Web3Registry(rpc_url, settings.chain_id, address, anchor_key, expected_genesis=expected)
    stack.callback(registry.close)
    with work() as unit:
        unit.installation.fix("genesis", registry.genesis_hash().hex0x())
        unit.installation.fix("registry", address.hex0x())
        if unit.installation.get(FIRST_NONCE) is None:
            unit.installation.fix(FIRST_NONCE, str(registry.next_nonce()))
        unit.commit()
    return registry


def _deployed(settings: Settings, rpc_url: str, keyring: Keyring) -> Address:
    anchorer = account_address(keyring.secret("anchor"))
    return deploy(rpc_url, keyring.secret("admin"), settings.chain_id, anchorer=anchorer)


def _signature_trust(authority: ActivationAuthority) -> SignatureTrust:
    return SignatureTrust(
        ca_roots=authority.roots,
        tsa_roots=authority.tsa_roots,
        sm2_roots=authority.sm2_roots,
        seal_maker_roots=authority.seal_maker_roots,
    )


def _trust(
    settings: Settings,
    registry: Web3Registry,
    validators: tuple[tuple[Address, str], ...],
    signing: SigningHouse,
    authority: ActivationAuthority,
    log_key: Ed25519PrivateKey,
    witnesses: EmbeddedWitnesses | HttpWitnesses,
    *,
    work: UnitOfWorkFactory,
) -> TrustBundle:
    ready = witnesses.ready()
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
        signatures=_signature_trust(authority),
        package_sealers=package_sealers(settings.utility, work),
        activation_keys=(signing.activation.public_key,),
        chain=chain,
        log_origin=settings.log_origin,
        log_key=log_public_key(log_key),
        witnesses=ready,
        witness_quorum=settings.witness_quorum if ready else 0,
        judicial_chains=judicial_keys(settings),
        skew=settings.clock_skew,
        greatest_status_age=settings.greatest_status_age,
    )
