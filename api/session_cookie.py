"""The cookie of a staff session: its name, its flags, and nothing that can be read from it.

``Secure`` and the ``__Host-`` name wherever the service is reached by https; scripts never see
it, other sites' pages never send it, and it ends with the browser at the latest.
"""

from __future__ import annotations

from fastapi import Request, Response

__all__ = ["clear_session_cookie", "session_cookie", "set_session_cookie"]


def session_cookie(request: Request, public_url: str) -> str | None:
    """What the browser sent, if anything."""
    return request.cookies.get(_name(secure=_is_secure(request, public_url)))


def set_session_cookie(request: Request, response: Response, public_url: str, token: str) -> None:
    """Hand the session to the browser."""
    secure = _is_secure(request, public_url)
    response.set_cookie(
        _name(secure=secure), token, path="/", secure=secure, httponly=True, samesite="strict"
    )


def clear_session_cookie(request: Request, response: Response, public_url: str) -> None:
    """Take it back."""
    secure = _is_secure(request, public_url)
    response.delete_cookie(_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict")


def _is_secure(request: Request, public_url: str) -> bool:
    return request.url.scheme == "https" or public_url.startswith("https://")


def _name(*, secure: bool) -> str:
    return "__Host-staff" if secure else "staff"
