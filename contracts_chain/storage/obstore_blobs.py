"""Files under the SHA-256 of their content: a local directory or an S3 bucket (ADR 0013).

Implements the port ``workflows.ports.Blobs``. A blob is written once; reading hashes
again, so a changed byte is refuted at once and never handed on.

Invariants:
    * When ``put`` returns, the bytes survive a power cut: obstore 0.12.1 does not flush local
      files, so we flush the file and the directories that name it. S3 answers after it stored.
    * A file torn by a crash between writing and flushing is healed by the next ``put``.
    * A server that does not answer is given up on: what ``put`` then raises claims nothing, and the
      same ``put`` later stores once, whether or not the server had stored before it fell silent.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from kernel.digests import sha256
from kernel.errors import FaultError, RefutedError, UndecidedError
from kernel.sized_bytes import Bytes32

__all__ = ["BlobCorruptError", "BlobMissingError", "BlobStoreError", "ObstoreBlobs"]

_RETRIES: Final = 3
_LONGEST_PAUSE: Final = timedelta(seconds=1)
_NO_BUCKET: Final = "NoSuchBucket"
_S3_CODE: Final = re.compile(r"<Code>(\w+)</Code>")


class BlobCorruptError(RefutedError):
    """The stored bytes are not those that were stored."""

    code = "blob_corrupt"

    def __init__(self, *, expected: Bytes32, actual: Bytes32) -> None:
        """Keep both digests so that a report can print them."""
        super().__init__(
            f"stored file {expected.hex()} now has the digest {actual.hex()}; restore it from a backup",
            f"存储的文件 {expected.hex()} 现摘要为 {actual.hex()}，内容已变；请从备份恢复",
        )
        self.expected = expected
        self.actual = actual


class BlobMissingError(UndecidedError):
    """Nothing is stored under this digest."""

    code = "blob_missing"

    def __init__(self, digest: Bytes32) -> None:
        """Say which digest was asked for."""
        super().__init__(
            f"no file {digest.hex()} is stored; restore it from a backup, or give the file",
            f"未找到文件 {digest.hex()}；请从备份恢复或提供原文件",
        )
        self.digest = digest


class BlobStoreError(FaultError):
    """The directory or the S3 server refuses; nothing is claimed to be stored."""

    code = "blob_store"


class ObstoreBlobs:
    """Write-once blobs in any obstore store."""

    def __init__(self, store: ObjectStore, directory: Path | None = None) -> None:
        """Take a store; ``directory`` is its root when it is local and must be flushed."""
        self._store = store
        self._directory = directory

    @classmethod
    def local(cls, directory: Path) -> Self:
        """Keep blobs below ``directory``, made with mode 0700 if absent.

        Raises:
            BlobStoreError: The directory cannot be made.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(directory.resolve()), directory.resolve())
        except (OSError, BaseError) as problem:
            raise _store_error(problem) from problem

    @classmethod
    def s3(
        cls,
        url: str,
        *,
        endpoint: str,
        access_key_id: str,
        secret_access_key: str,
        region: str = "us-east-1",
        seconds: float = 30.0,
    ) -> Self:
        """Keep blobs in a bucket.

        Args:
            url: ``s3://BUCKET`` or ``s3://BUCKET/PREFIX``; the bucket exists already.
            endpoint: URL of the server; plain HTTP is accepted for a server beside us.
            access_key_id: From the installation's secrets.
            secret_access_key: From the installation's secrets.
            region: What the server signs for; most servers other than Amazon's ignore it.
            seconds: For one try; a server that is away is tried three times more, for as long at most.

        Raises:
            BlobStoreError: The URL or endpoint is not understood.
        """
        try:
            store = S3Store.from_url(
                url,
                endpoint=endpoint,
                access_key_id=access_key_id,
                secret_access_key=secret_access_key,
                region=region,
                virtual_hosted_style_request=False,
                client_options={
                    "allow_http": endpoint.startswith("http://"),
                    "timeout": timedelta(seconds=seconds),
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "retry_timeout": timedelta(seconds=seconds),
                    "backoff": {"max_backoff": _LONGEST_PAUSE},
                },
            )
        except (ValueError, BaseError) as problem:
            raise _store_error(problem) from problem
        return cls(store)

    def put(self, content: bytes) -> Bytes32:
        """Store durably under SHA-256 of the content; storing twice changes nothing.

        Raises:
            BlobStoreError: The store refuses or is away, or the disk is full; try again.
        """
        digest = sha256(content)
        path = _path_of(digest)
        try:
            self._write(path, content)
            self._flush(path)
        except (OSError, BaseError) as problem:
            raise _store_error(problem) from problem
        return digest

    def get(self, digest: Bytes32) -> bytes:
        """Read and hash again.

        Raises:
            BlobCorruptError: The stored bytes have another digest.
            BlobMissingError: Nothing is stored under this digest.
            BlobStoreError: The store cannot be read, or has no such bucket.
        """
        try:
            content = bytes(obstore.get(self._store, _path_of(digest)).bytes())
        except FileNotFoundError as problem:
            if _NO_BUCKET in str(problem):  # not one file is missing: all of them are elsewhere
                raise _store_error(problem) from problem
            raise BlobMissingError(digest) from problem
        except (OSError, BaseError) as problem:
            raise _store_error(problem) from problem
        actual = sha256(content)
        if actual != digest:
            raise BlobCorruptError(expected=digest, actual=actual)
        return content

    def _write(self, path: str, content: bytes) -> None:
        try:
            obstore.put(self._store, path, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            if bytes(obstore.get(self._store, path).bytes()) != content:
                obstore.put(self._store, path, content, mode="overwrite", use_multipart=False)

    def _flush(self, path: str) -> None:
        if self._directory is None:
            return
        blob = self._directory / path
        for place in (blob, blob.parent, self._directory):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _path_of(digest: Bytes32) -> str:
    text = digest.hex()
    return f"{text[:2]}/{text[2:]}"


def _store_error(problem: Exception) -> BlobStoreError:
    reason = _reason(problem)
    return BlobStoreError(
        f"the file store refuses ({reason}); check its folder or server and free space, then try again",
        f"文件存储不可用（{reason}）；请检查目录、服务器和剩余空间后重试",
    )


def _reason(problem: Exception) -> str:
    """The library's first line, with the server's code in place of its XML and of the library's insides."""
    first, *_ = str(problem).partition("\n")
    code = _S3_CODE.search(str(problem))
    return first.partition("<?xml")[0].rstrip(" :-") + (f": {code[1]}" if code else "")
