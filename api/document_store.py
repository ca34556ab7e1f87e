"""Where this installation keeps its documents: a directory of its own, or a bucket in S3 (ADR 0013)."""

from __future__ import annotations

from api.settings import Settings
from contracts_chain.storage.obstore_blobs import ObstoreBlobs
from signing.secret_reference import load_secret

__all__ = ["open_documents"]


def open_documents(settings: Settings) -> ObstoreBlobs:
    """The store that the settings name; a server is asked for the first time when a document is.

    Raises:
        BlobStoreError: The directory cannot be made, or the URL is not understood.
        SecretUnreadableError: A key of the bucket is not where the settings say.
    """
    bucket = settings.bucket
    if bucket is None:
        return ObstoreBlobs.local(settings.data_dir / "blobs")
    return ObstoreBlobs.s3(
        bucket.url,
        endpoint=bucket.endpoint,
        access_key_id=load_secret(bucket.access_key_id),
        secret_access_key=load_secret(bucket.secret_access_key),
        region=bucket.region,
    )
