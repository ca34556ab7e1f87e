"""Whether a writing request was made by a page of ours; asked wherever a cookie names the caller.

A browser sends cookies along whoever wrote the form; ``SameSite=Strict`` holds them back, and
this is the second lock. A caller that tells neither ``Origin`` nor ``Sec-Fetch-Site`` is no
browser of ours: machines use a bearer header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from kernel.errors import RejectedError

__all__ = ["SAFE_METHODS", "CrossSiteError", "verify_same_origin"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME: Final = "same-origin"


class CrossSiteError(RejectedError):
    """Somebody else's page sent the form, or no page did."""

    code = "cross_site"

    def __init__(self) -> None:
        """Say where to begin again."""
        super().__init__(
            "this request did not come from a page of this service and nothing was done; "
            "open the page here and try again",
            "这个请求不是从本站页面发出的，没有办理任何事项；请打开本站页面重新操作",
        )


def verify_same_origin(headers: Mapping[str, str], public_url: str) -> None:
    """Hold what the browser says of the sender against our own address.

    Args:
        headers: Of the request, names in lower case or case-insensitive.
        public_url: Our address as people know it; a proxy may have rewritten ``Host``.

    Raises:
        CrossSiteError: Another site's page, or a caller that does not say.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    told = origin not in {None, "null"}
    if site not in {None, _SAME} or (not told and site is None):
        raise CrossSiteError
    if told and _place(origin) not in {headers.get("host", "").lower(), _place(public_url)} - {""}:
        raise CrossSiteError


def _place(url: str | None) -> str:
    """Host and port; blank for what is no address."""
    try:
        return urlsplit(url or "").netloc.lower()
    except ValueError:
        return ""
