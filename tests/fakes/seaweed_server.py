"""SeaweedFS as a real S3 server: one process on loopback ports of its own, in a directory of its own.

``kill`` is kill -9 by its own process id; ``start`` again serves what was stored before. Ready means
that an object was stored and read, not that a port is open.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.settings import BucketSetting
from contracts_chain.storage.obstore_blobs import BlobStoreError, ObstoreBlobs

__all__ = ["BUCKET", "SeaweedServer", "seaweed_server"]

BUCKET: Final = "documents"
_KEY: Final = "TESTKEY"
_SECRET: Final = "test-secret"
_PORTS: Final = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
_OPTIONS: Final = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    f"-bucket={BUCKET}",
    "-s3.autoCreateBucket=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",
    "-master.resumeState=false",  # a master that resumes is often late for its volume server, by five seconds
    "-admin.ui=false",
    "-webdav=false",
)
_START_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.02


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@dataclass(slots=True, kw_only=True)
class SeaweedServer:
    """One server; its process may die and come again."""

    directory: Path
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
    )
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    def blobs(
        self,
        *,
        url: str = f"s3://{BUCKET}",
        endpoint: str | None = None,
        secret: str = _SECRET,
        seconds: float = 30.0,
    ) -> ObstoreBlobs:
        return ObstoreBlobs.s3(
            url,
            endpoint=endpoint or self.endpoint,
            access_key_id=_KEY,
            secret_access_key=secret,
            seconds=seconds,
        )

    def setting(self) -> BucketSetting:
        """As an installation names this bucket; the secrets lie in files beside the server."""
        (self.directory / "id").write_text(f"{_KEY}\n")
        (self.directory / "secret").write_text(f"{_SECRET}\n")
        return BucketSetting(
            url=f"s3://{BUCKET}",
            endpoint=self.endpoint,
            access_key_id=f"file:{self.directory / 'id'}",
            secret_access_key=f"file:{self.directory / 'secret'}",
        )

    def start(self) -> None:
        """Start, and wait until it stores and gives back."""
        identity = {
            "name": "test",
            "credentials": [{"accessKey": _KEY, "secretKey": _SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (self.directory / "s3.json").write_text(json.dumps({"identities": [identity]}))
        places = (f"-dir={self.directory}", f"-s3.config={self.directory / 's3.json'}")
        ports = (f"-{name}={port}" for name, port in self.ports.items())
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("weed"), "-logtostderr", "mini", *places, *ports, *_OPTIONS],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env={"PATH": os.environ["PATH"], "HOME": str(self.directory)},
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        blobs = self.blobs(url=f"s3://{BUCKET}/ready", seconds=5.0)
        reason = ""
        for _ in range(round(_START_SECONDS / _LOOK_SECONDS)):
            try:
                blobs.get(blobs.put(b"ready"))
            except BlobStoreError as problem:
                reason = problem.en
            else:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LOOK_SECONDS)
                break
        log = (self.directory / "log").read_text(errors="replace")[-2000:]
        raise AssertionError(f"no S3 server ({reason}): {log}")

    def kill(self) -> None:
        """Kill -9; what it leaves in the folder for sockets goes too."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        for port in self.ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)


@contextmanager
def seaweed_server() -> Iterator[SeaweedServer]:
    """A server with an empty bucket, ready; nothing is left of it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="seaweed-"))
    server = SeaweedServer(directory=directory)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory)
