"""What an installation may set, by environment (``CONTRACTS_CHAIN_…``) or ``.env``.

The defaults run everything on one machine with test certificates and a chain of its
own. Secrets are read from files, never from here.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.callback_places import CallbackPlaces
from contracts_chain.agreements.ceremony.dwell import ReadingRule
from contracts_chain.workflows.office import UtilityProfile
from signing.secret_reference import is_secret_reference

__all__ = ["EMBEDDED_WITNESSES", "AuthoritySetting", "BucketSetting", "Settings", "WitnessSetting"]

EMBEDDED_WITNESSES = 3
_LONGEST_PERIOD_SECONDS = 3600


class WitnessSetting(BaseModel, frozen=True):
    """A witness that somebody else runs."""

    name: str = Field(description="key name, a URL without scheme")
    url: str = Field(pattern="^https?://", description="add-checkpoint is appended to it")
    public_key: str = Field(pattern="^[0-9a-f]{64}$", description="Ed25519, hex")
    operator: str = Field(description="who runs it, as reports print it")


class AuthoritySetting(BaseModel, frozen=True):
    """An authority that certifies signers' keys and keeps them; ``activation.json`` says the same."""

    url: str = Field(description="what stands before /csc/v1/; https")
    token: str = Field("", description="access token: file:PATH or env:NAME of the activation process")
    pin: str = Field("", description="PIN of the credentials: the same")
    person_credential: str = Field(description="credential of a person; {signer} stands for who it is")
    seal_credential: str = Field(description="credential of a seal; {organisation_id} stands for whose")
    seal_common_name: str = Field("{organisation}", description="common name of a seal's certificate")
    roots: tuple[str, ...] = Field(description="files of its root certificates, PEM or DER")


class BucketSetting(BaseModel, frozen=True):
    """A bucket of an S3 server for the documents; it exists already, and only this house writes there."""

    url: str = Field(pattern="^s3://[^/]", description="s3://BUCKET or s3://BUCKET/PREFIX")
    endpoint: str = Field(pattern="^https?://", description="of the server; http for one beside us only")
    access_key_id: str = Field(description="file:PATH or env:NAME, never the key itself")
    secret_access_key: str = Field(description="the same")
    region: str = Field("us-east-1", description="what the server signs for; few look at it")

    @field_validator("access_key_id", "secret_access_key")
    @classmethod
    def _named(cls, setting: str) -> str:
        if not is_secret_reference(setting):
            raise ValueError("file:PATH or env:NAME is due, never the secret itself")
        return setting


class Settings(BaseSettings):
    """All settings with their defaults."""

    model_config = SettingsConfigDict(
        env_prefix="CONTRACTS_CHAIN_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        Path("out/data"), description="database, chain, keys and blobs of this installation"
    )
    database_url: str | None = Field(None, description="PostgreSQL by URL; empty starts the embedded server")
    bucket: BucketSetting | None = Field(
        None, description="S3 bucket for documents, as a JSON object; empty keeps them in data_dir/blobs"
    )
    chain_rpc_url: str | None = Field(None, description="Ethereum JSON-RPC; empty starts the embedded chain")
    chain_id: int = 20261
    chain_validators: dict[str, str] = Field(
        default_factory=dict,
        description="operators by address for a chain given by URL; unknown: seals undecided",
    )
    block_period_seconds: float = 4.0
    witnesses: tuple[WitnessSetting, ...] = Field(
        (), description="who cosigns checkpoints, as a JSON array; empty starts three on this machine"
    )
    witness_quorum: int = Field(
        2, ge=0, description="how many of them must cosign; 0 anchors without witnesses and starts none"
    )
    witness_timeout_seconds: float = 5.0
    tsa_urls: tuple[str, ...] = Field(
        (),
        description="RFC 3161 authorities as a JSON array, best first; empty uses the built-in TEST TSA",
    )
    tsa_policies: tuple[str, ...] = Field(
        (), description="timestamp policies (OIDs) that are accepted from them; empty accepts any"
    )
    tsa_timeout_seconds: float = 10.0
    tsa_roots: tuple[str, ...] = Field(
        (), description="files of their root certificates, as the activation process may read them"
    )
    certificate_authority: AuthoritySetting | None = Field(
        None,
        description="CSC service that signs for people and other parties' seals, as a JSON object; empty "
        "uses the TEST CA (docs/runbooks/keys.md)",
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str = Field("http://127.0.0.1:8000", description="what QR codes and signing links begin with")
    log_origin: str = "contracts-chain.example/log/2026"
    mark: str = Field(
        "测试证书 TEST · 不具法律效力", description="on every page while certificates are test certificates"
    )
    stamp_mark: str = Field("测试 TEST", description="the same inside seals and signatures")
    unit: str = "ZJMZ00"
    department: str = "YX"
    utility_name: str = "浙东电网有限公司明州供电公司（示例）"
    utility_uscc: str = "91330200MA23AMP15X"
    drawer: str = "示例开票人"
    platform_filing: str = ""
    clock_skew_seconds: int = 5
    status_max_age_hours: int = 24
    anchor_age_seconds: float = Field(
        5.0, description="a checkpoint is closed at the latest this long after a leaf"
    )
    anchor_batch_leaves: int = Field(4096, ge=1, description="leaves that make a batch full at once")
    archive_renewal_days: int = Field(
        365, ge=1, description="archive timestamps are renewed so long before their certificates end"
    )
    renewal_days: int = Field(30, ge=1, description="the log is anchored under SM3 as well this often")
    cross_anchor_hours: int = Field(24, ge=1, description="a header hash goes to second places this often")
    cross_anchor_file: Path | None = Field(
        None, description="append-only file of header hashes; empty: cross-anchors.jsonl in data_dir"
    )
    judicial_chain_url: str | None = Field(
        None, description="judicial chain that takes header hashes (docs/adr/0016); empty: none"
    )
    judicial_chain_name: str = Field(
        "司法链沙箱 SANDBOX", description="its name in reports and trust bundles"
    )
    judicial_chain_key: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="Ed25519 key of its receipts, hex; due with the URL"
    )
    upload_limit_bytes: int = 25_000_000
    identity_provider_url: str | None = Field(
        None, pattern="^https?://", description="identity provider; empty starts the sandbox on this machine"
    )
    identity_provider_name: str = Field("", description="its name in attestations; due with the URL")
    identity_provider_key: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="Ed25519 key of its attestations, hex; due with the URL"
    )
    hall_clerks: dict[str, str] = Field(
        default_factory=dict,
        description="Ed25519 keys (hex) by name of clerks who review identities at a hall; two must sign",
    )
    sms_url: str | None = Field(
        None, description="gateway of the activation process; empty writes to its sandbox outbox"
    )
    kek: str | None = Field(
        None,
        description="key-encryption key of the keys directory: file:PATH, env:NAME or pkcs11:…; "
        "empty uses keys/kek.secret",
    )
    codes_an_hour: int = Field(
        12, ge=1, description="signing codes that one person is sent at most; a passkey has no such limit"
    )
    seal_token: str | None = Field(
        None, description="PKCS#11 address of the token that holds seal keys (docs/runbooks/keys.md)"
    )
    callback_private_hosts: tuple[str, ...] = Field(
        (),
        description="systems of the own network that events may be sent to: host names as a JSON array",
    )
    dwell_floor_seconds: int = Field(5, ge=0, description="a key clause stands before its reader this long")
    dwell_characters_per_second: int = Field(12, ge=1, description="longer clauses stand by this speed")
    dwell_cap_seconds: int = Field(60, ge=0, description="and no longer than this")
    remind_after_working_days: int = Field(
        3, ge=1, description="a party that has not signed is reminded this often, three times at most"
    )

    @model_validator(mode="after")
    def _quorum_of_witnesses(self) -> Self:
        """As the trust bundle demands: a quorum of those there are, and none only of none."""
        count = len(self.witnesses) or EMBEDDED_WITNESSES
        if self.witness_quorum > count or (self.witness_quorum == 0 and self.witnesses):
            raise ValueError(f"witness_quorum: 1 to {count} is due for {count} witnesses, 0 only for none")
        return self

    @model_validator(mode="after")
    def _key_of_the_judicial_chain(self) -> Self:
        """A receipt that nobody can check is none."""
        if (self.judicial_chain_url is None) != (self.judicial_chain_key is None):
            raise ValueError("judicial_chain_url and judicial_chain_key: give both or neither")
        return self

    @model_validator(mode="after")
    def _key_of_the_identity_provider(self) -> Self:
        """A provider whose word nobody can check is none."""
        named = bool(self.identity_provider_name) and self.identity_provider_key is not None
        if (self.identity_provider_url is not None) != named:
            raise ValueError("identity_provider_url, _name and _key: give all three or none")
        return self

    @model_validator(mode="after")
    def _block_period(self) -> Self:
        """As the devnet takes it; 0 seals a block when there is something to seal."""
        if self.block_period_seconds and not 1 <= self.block_period_seconds <= _LONGEST_PERIOD_SECONDS:
            raise ValueError("block_period_seconds: 0, or 1 to 3600, is due")
        return self

    @property
    def reading(self) -> ReadingRule:
        """How long conspicuous clauses are read; every offer records it for each clause."""
        return ReadingRule(
            floor_seconds=self.dwell_floor_seconds,
            characters_per_second=self.dwell_characters_per_second,
            cap_seconds=self.dwell_cap_seconds,
        )

    @property
    def callback_places(self) -> CallbackPlaces:
        """Where events may be sent; on this machine only while certificates are test certificates."""
        return CallbackPlaces.of(self.callback_private_hosts, trial=bool(self.mark))

    @property
    def anchor_age(self) -> timedelta:
        """How long the oldest leaf may wait for its checkpoint."""
        return timedelta(seconds=self.anchor_age_seconds)

    @property
    def archive_renewal(self) -> timedelta:
        """How long before its certificates end an archive timestamp is renewed."""
        return timedelta(days=self.archive_renewal_days)

    @property
    def renewal_period(self) -> timedelta:
        """How often the log is renewed under the second digest."""
        return timedelta(days=self.renewal_days)

    @property
    def cross_anchor_period(self) -> timedelta:
        """How often a header hash goes to second places."""
        return timedelta(hours=self.cross_anchor_hours)

    @property
    def clock_skew(self) -> timedelta:
        """How far two honest clocks may differ."""
        return timedelta(seconds=self.clock_skew_seconds)

    @property
    def greatest_status_age(self) -> timedelta:
        """How old a status proof may be and still decide step 11."""
        return timedelta(hours=self.status_max_age_hours)

    @property
    def utility(self) -> UtilityProfile:
        """How this utility numbers and marks its papers."""
        return UtilityProfile(
            unit=self.unit,
            department=self.department,
            mark=self.mark,
            stamp_mark=self.stamp_mark,
            verify_url=self.public_url.rstrip("/"),
            name=self.utility_name,
            uscc=self.utility_uscc,
            drawer=self.drawer,
            filing=self.platform_filing,
        )
