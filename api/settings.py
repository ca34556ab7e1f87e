"""What an installation may set, by environment (``CONTRACTS_CHAIN_…``) or ``.env``.

The defaults run everything on one machine with test certificates and a chain of its
own. Secrets are read from files, never from here.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts_chain.workflows.office import UtilityProfile

__all__ = ["Settings"]


class Settings(BaseSettings):
    """All settings with their defaults."""

    model_config = SettingsConfigDict(
        env_prefix="CONTRACTS_CHAIN_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        Path("out/data"), description="database, chain, keys and blobs of this installation"
    )
    database_url: str | None = Field(None, description="PostgreSQL by URL; empty starts the embedded server")
    chain_rpc_url: str | None = Field(None, description="Ethereum JSON-RPC; empty starts the embedded chain")
    chain_id: int = 20261
    chain_validators: dict[str, str] = Field(
        default_factory=dict,
        description="operators by address for a chain given by URL; unknown: seals undecided",
    )
    block_period_seconds: float = 4.0
    tsa_url: str | None = Field(None, description="RFC 3161 authority; empty uses the built-in TEST TSA")
    tsa_timeout_seconds: float = 10.0
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = Field("http://127.0.0.1:8000", description="what QR codes and signing links begin with")
    log_origin: str = "contracts-chain.example/log/2026"
    mark: str = Field(
        "测试证书 TEST · 不具法律效力", description="on every page while certificates are test certificates"
    )
    stamp_mark: str = Field("测试 TEST", description="the same inside seals and signatures")
    unit: str = "ZJMZ00"
    department: str = "YX"
    utility_name: str = "浙东电网有限公司明州供电公司（示例）"
    utility_uscc: str = "91330200MA00000000"
    drawer: str = "示例开票人"
    clock_skew_seconds: int = 5
    status_max_age_hours: int = 24
    anchor_age_seconds: float = Field(
        5.0, description="a checkpoint is closed at the latest this long after a leaf"
    )
    upload_limit_bytes: int = 25_000_000

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
        )
