"""What surrounds every request: which hosts we answer, what a page may do.

- Only loopback names are answered. A foreign name that resolves to this machine (DNS
  rebinding) gets 421 and no content, and a form sent from another origin gets 403.
- Every answer forbids everything that is not ours: no inline script or style, no
  other host, no framing, no referrer, nothing kept in caches except the static files.

Plain ASGI, so that streams pass through untouched.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SECURITY_HEADERS: Final[dict[str, str]] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=()",
    # To nobody else; to ourselves, so that a form still says where it came from.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_SAFE: Final = frozenset({"GET", "HEAD"})


class Guarded:
    """Answer only for our own hosts; set the headers on every answer."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] = LOOPBACK) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                # Pages hold names; the static files don't, and carry an ETag.
                kept = scope["path"].startswith("/static/")
                headers["cache-control"] = "no-cache" if kept else "no-store"
            await send(message)

        headers = Headers(scope=scope)
        app: ASGIApp = self._app
        if host_name(headers.get("host", "")) not in self._hosts:
            app = PlainTextResponse("this host is not served here\n", 421)
        elif scope["method"] not in _SAFE and not _own_origin(headers):
            app = PlainTextResponse("this form came from another site\n", 403)
        await app(scope, receive, with_headers)


def host_name(host: str) -> str:
    """`host` without its port, lower case; empty if it is none.

    A browser's Host is "localhost:8080" or "[::1]:8080".
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _own_origin(headers: Headers) -> bool:
    """Browsers send Origin with every POST; without one it isn't a browser."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
