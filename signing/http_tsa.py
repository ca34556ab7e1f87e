"""An RFC 3161 authority reached over HTTP (RFC 3161 §3.4).

Any failure of the network or of the server ends as ``TimestampUnavailableError``:
undecided, to be retried. The token's trust is for verifiers to judge.
"""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Collection, Sequence
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32
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
        """Take the address and the seconds to wait for an answer.

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
        request = Request(self._url, data=request_der, headers=headers, method="POST")  # noqa: S310 - scheme checked above
        try:
            with urlopen(request, timeout=self._timeout) as answer:  # noqa: S310
                content: bytes = answer.read(GREATEST_RESPONSE + 1)
        except HTTPError as problem:
            with problem:  # the answer holds its connection until it is closed
                raise TimestampUnavailableError(str(problem)) from problem
        except (URLError, OSError, http.client.HTTPException) as problem:
            raise TimestampUnavailableError(str(problem)) from problem
        if len(content) > GREATEST_RESPONSE:
            raise TimestampUnavailableError("the answer is too long for a timestamp")
        return content


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
