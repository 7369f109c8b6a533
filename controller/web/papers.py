"""A paper as an answer: a PDF shown in the browser, or how to get a font for it."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from controller.papers.fonts import PACKAGE, Fonts, FontsMissing
from controller.web.console import Console


async def paper(
    console: Console, request: Request, name: str, make: Callable[[Fonts], bytes]
) -> Response:
    """What `make` makes with the font of this machine, as `name`.pdf (ASCII). Beside
    the loop: a page takes a third of a second."""
    try:
        content = await asyncio.to_thread(lambda: make(console.fonts()))
    except FontsMissing:
        return await console.page(
            request, "no_fonts.html", {"package": PACKAGE}, status=503
        )
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="{name}.pdf"'},
    )
