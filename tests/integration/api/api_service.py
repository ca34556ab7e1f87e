"""One real house: embedded PostgreSQL, devnet, S3 bucket, TEST CA, registry, worker; nothing faked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import httpx
import uvicorn
from trial_phone import newest_code

from api.app import STAFF_TOKENS, create_app
from api.house import House, open_house
from api.listening import bound_socket
from api.settings import BucketSetting, Settings
from api.worker import BackgroundWorker
from kernel.canonical_json import canonical_bytes, parse_json

SAMPLE = "zhejiang_35kv.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service and what a tester holds of it."""

    house: House
    url: str
    tokens: dict[str, str]
    sms_file: Path

    @property
    def bucket(self) -> str:
        """CONTRACTS_CHAIN_BUCKET of every other process of this installation."""
        assert self.house.settings.bucket is not None
        return self.house.settings.bucket.model_dump_json()

    def client(self, duty: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[duty]}"} if duty else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def messages(self) -> list[str]:
        lines = self.sms_file.read_text("utf-8").splitlines() if self.sms_file.exists() else []
        return [json.loads(line)["text"] for line in lines]

    def code_of(self, token: str) -> str:
        """The newest code on the phone of the signer of a link."""
        return newest_code(self.house.office, token)


def sample_order(order_no: str) -> bytes:
    content = (files("contracts_chain.agreements.samples") / SAMPLE).read_bytes()
    order = parse_json(content)
    assert isinstance(order, dict)
    return canonical_bytes({**order, "order_no": order_no})


@contextmanager
def running_service(data_dir: Path, bucket: BucketSetting) -> Iterator[Service]:
    with bound_socket("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(
            data_dir=data_dir,
            bucket=bucket,
            public_url=url,
            anchor_age_seconds=1.0,
            block_period_seconds=0,
            dwell_floor_seconds=0,
            codes_an_hour=1000,
            dwell_cap_seconds=0,
        )
        with open_house(settings) as house, BackgroundWorker(house):
            server = uvicorn.Server(uvicorn.Config(create_app(house), log_level="warning", access_log=False))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield Service(
                    house=house,
                    url=url,
                    tokens=json.loads((data_dir / STAFF_TOKENS).read_text("utf-8")),
                    sms_file=data_dir / "sandbox" / "sms.jsonl",
                )
            finally:
                server.should_exit = True
                thread.join(30)
