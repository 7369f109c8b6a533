"""The desk's own visitor badges: their labels, and registering one by presenting it.

No number is ever shown again, not even after a mistake.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.badge_pool import MAX_LABEL, BadgePool, PoolProblem
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.preferences import settle

_HERE: Final = "/visitor-badges"
_MOST_DIGITS: Final = 9


def routes(console: Console) -> list[BaseRoute]:
    pool = BadgePool(console.office)

    async def look(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await page(request)

    async def page(request: Request, problem: PoolProblem | None = None) -> Response:
        context = {
            "badges": await pool.badges(),
            "problem": problem,
            "field": _FIELD.get(problem) if problem else None,
            "label": form_of(request)["label"],
            "max_label": MAX_LABEL,
        }
        status = 422 if problem else 200
        return await console.page(
            request, "visitor_badges.html", context, status=status
        )

    async def add(request: Request) -> Response:
        form, by = form_of(request), console.operator(request).id
        problem = await pool.add(form["label"], form["number"], by)
        return see(_HERE) if problem is None else await page(request, problem)

    async def retire(request: Request) -> Response:
        if (id_ := pool_id(request.path_params["badge"])) is not None:
            await pool.retire(id_, console.operator(request).id)
        return see(_HERE)

    return [
        Route(_HERE, look),
        Route(_HERE, add, methods=["POST"]),
        Route(f"{_HERE}/{{badge}}/retire", retire, methods=["POST"]),
    ]


_FIELD: Final = {
    PoolProblem.NO_LABEL: "label",
    PoolProblem.SAME_LABEL: "label",
    PoolProblem.NO_NUMBER: "number",
    PoolProblem.TAKEN: "number",
}


def pool_id(text: str) -> int | None:
    """Of one badge; None: it is no id."""
    fits = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if fits else None
