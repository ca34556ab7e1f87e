"""An RFC 3161 authority reached over HTTP (RFC 3161 §3.4).

Any failure of the network or of the server ends as ``TimestampUnavailableError``:
undecided, to be retried. The token's trust is for verifiers to judge.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32
from signing.http_exchange import NoHttpAnswerError, OverlongAnswerError, exchange
from signing.rfc3161_authority import TimestampUnavailableError, granted_token, timestamp_request
from signing.timestamp_failover import FailoverAuthority, NamedAuthority

__all__ = ["BadTsaUrlError", "HttpTsa", "http_authorities"]

GREATEST_RESPONSE = 256 * 1024


class BadTsaUrlError(RejectedError):
    """The configured address is not http(s)."""

    code = "bad_tsa_url"

    def __init__(self, url: str) -> None:
        """Keep the address as configured."""
        super().__init__(
            f"'{url}' is no address of a time-stamping authority; configure an http or https URL",
            f"“{url}”不是时间戳服务地址；请配置 http 或 https 地址",
        )
        self.url = url


class HttpTsa:
    """Asks one URL; implements ``TimestampAuthority``."""

    def __init__(self, url: str, timeout: float) -> None:
        """Take the address and the seconds within which a whole answer must come.

        Raises:
            BadTsaUrlError: Not an http or https URL.
        """
        if urlsplit(url).scheme not in {"http", "https"}:
            raise BadTsaUrlError(url)
        self._url = url
        self._timeout = timeout

    def token(self, message: bytes) -> bytes:
        """A DER TimeStampToken over SHA-256 of ``message``.

        Raises:
            TimestampUnavailableError: No token now.
        """
        return self.token_over(sha256(message))

    def token_over(self, digest: Bytes32) -> bytes:
        """A DER TimeStampToken over a SHA-256 digest.

        Raises:
            TimestampUnavailableError: No token now.
        """
        nonce = secrets.randbits(63)
        return granted_token(self._ask(timestamp_request(digest, nonce)), digest, nonce)

    def _ask(self, request_der: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            answer = exchange(
                "POST",
                self._url,
                seconds=self._timeout,
                greatest=GREATEST_RESPONSE,
                content=request_der,
                headers=headers,
            )
        except OverlongAnswerError as problem:
            raise TimestampUnavailableError("the answer is too long for a timestamp") from problem
        except NoHttpAnswerError as problem:
            raise TimestampUnavailableError(problem.detail) from problem
        if answer.status != HTTPStatus.OK:
            raise TimestampUnavailableError(f"HTTP {answer.status}")
        return answer.content


def http_authorities(
    urls: Sequence[str], timeout: float, policies: Collection[str] = ()
) -> FailoverAuthority:
    """Several URLs as one authority, best first; every answer is checked before it is taken.

    Args:
        urls: At least one, http or https.
        timeout: Seconds to wait for each.
        policies: Accepted timestamp policies, dotted; empty accepts any.

    Raises:
        BadTsaUrlError: One of them is not an http or https URL.
    """
    named = [NamedAuthority(name=url, authority=HttpTsa(url, timeout)) for url in urls]
    return FailoverAuthority(named, policies=policies)
