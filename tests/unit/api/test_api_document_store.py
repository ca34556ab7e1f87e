"""The settings decide where documents lie, and hold no secret of the bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from obstore.store import S3Store

from api.document_store import open_documents
from api.settings import BucketSetting, Settings
from signing.secret_reference import SecretUnreadableError

BUCKET = {
    "url": "s3://documents/contracts",
    "endpoint": "http://127.0.0.1:1",
    "access_key_id": "env:S3_TEST_ID",
    "secret_access_key": "env:S3_TEST_SECRET",
}


def test_without_a_bucket_documents_lie_in_the_data_directory(tmp_path: Path) -> None:
    documents = open_documents(Settings(data_dir=tmp_path))
    name = documents.put(b"contract").hex()
    assert (tmp_path / "blobs" / name[:2] / name[2:]).read_bytes() == b"contract"


def test_a_bucket_of_the_environment_takes_them_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRACTS_CHAIN_BUCKET", json.dumps(BUCKET))
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(SecretUnreadableError, match="S3_TEST_ID"):
        open_documents(settings)
    monkeypatch.setenv("S3_TEST_ID", "id")
    monkeypatch.setenv("S3_TEST_SECRET", "secret")
    store = open_documents(settings)._store
    assert isinstance(store, S3Store)
    assert (store.config["bucket"], store.prefix) == ("documents", "contracts")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_access_key": "s3cr3t"},
        {"access_key_id": "AKIA"},
        {"url": "/var/documents"},
        {"url": "s3://"},
        {"endpoint": "ftp://127.0.0.1"},
    ],
)
def test_a_bucket_that_makes_no_sense_is_refused_with_the_setting(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BucketSetting.model_validate({**BUCKET, **wrong})
