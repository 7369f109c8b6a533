"""Signing in and out, the lock, and one's own account.

GET  /sign-in           account and password
POST /sign-in           -> /sign-in/code, whether or not the password is right
GET  /sign-in/code      one-time code; ?recovery=1: a recovery code
POST /sign-in/code      -> where one was going
POST /sign-out, /sign-out/everywhere
POST /session/use       somebody is there: don't lock (sent by the script)
POST /lock              hide names now
GET, POST /unlock       password and code; what was kept is sent on if confirmed
GET  /account           one's roles, recovery codes and sessions
POST /account/password  another password, for the old one and a code
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from controller.services.passwords import Busy
from controller.services.sessions import csrf_of
from controller.services.sign_in import Opened, Refused
from controller.web.auth import (
    drop_cookie,
    give_cookie,
    maybe_session_of,
    session_of,
    token_of,
)
from controller.web.console import Console, see
from controller.web.forms import form_of, own_path
from controller.web.pages.notes import (
    Kept,
    code_page,
    kept_page,
    locked_page,
    sign_in_page,
)
from controller.web.preferences import settle
from controller.web.words import words

# How the page's own script asks, which wants no page for an answer.
_BY_SCRIPT = "x-by-script"


def routes(console: Console) -> list[BaseRoute]:
    sign_in, sessions = console.operators.sign_in, console.operators.sessions

    async def ask_password(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        if maybe_session_of(request) is not None:
            return see("/")
        said = request.query_params.get("said", "")
        said = said if said in ("late", "signed_out", "wrong") else ""
        back = own_path(request.query_params.get("next", "/"))
        problem, said = (said, "") if said in ("late", "wrong") else ("", said)
        return _password_form(request, back, problem=problem, said=said)

    async def take_password(request: Request) -> Response:
        form = form_of(request)
        back = own_path(form["next"] or "/")
        try:
            step = await sign_in.give_password(form["name"], form["password"])
        except Busy:
            return _password_form(request, back, problem="busy", status=429)
        if isinstance(step, Refused):
            wait = sign_in.retry_after(form["name"])
            return _password_form(request, back, retry_after=wait, status=429)
        response = see(f"/sign-in/code?{urlencode({'next': back})}")
        give_cookie(response, step)
        return response

    def _password_form(
        request: Request,
        back: str,
        *,
        problem: str = "",
        said: str = "",
        retry_after: int = 0,
        status: int = 200,
    ) -> Response:
        token = token_of(request) or sessions.new_token()
        page = sign_in_page(
            console.preferences(request),
            csrf=csrf_of(token),
            back=back,
            problem=problem,
            said=said,
            retry_after=retry_after,
        )
        response = HTMLResponse(page, status)
        if retry_after:
            response.headers["retry-after"] = str(retry_after)
        give_cookie(response, token)
        return response

    async def ask_code(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        if not sign_in.waits_for_code(token_of(request)):
            return see("/sign-in?said=late")
        return _code_form(request, recovery="recovery" in request.query_params)

    async def take_code(request: Request) -> Response:
        form = form_of(request)
        recovery = bool(form["recovery"])
        try:
            opened = await sign_in.give_code(
                token_of(request), form["code"], recovery=recovery
            )
        except Busy:
            return _code_form(request, recovery=recovery, problem="busy", status=429)
        match opened:
            case Opened(token):
                session = await sessions.find(token, active=True)
                back = own_path(form["next"] or "/")
                if back == "/" and session is not None:
                    back = console.table.first_page(session.operator)
                response = see(back)
                give_cookie(response, token)
                return response
            case Refused.LATE:
                return see("/sign-in?said=late")
            case Refused.BLOCKED:
                wait = sign_in.wait_for(token_of(request))
                return _code_form(
                    request, recovery=recovery, retry_after=wait, status=429
                )
            case _:
                return _code_form(
                    request, recovery=recovery, problem="wrong", status=403
                )

    def _code_form(
        request: Request,
        *,
        recovery: bool,
        problem: str = "",
        retry_after: int = 0,
        status: int = 200,
    ) -> Response:
        back = form_of(request)["next"] or request.query_params.get("next", "/")
        page = code_page(
            console.preferences(request),
            csrf=csrf_of(token_of(request)),
            back=own_path(back),
            recovery=recovery,
            problem=problem,
            retry_after=retry_after,
        )
        return HTMLResponse(page, status)

    async def sign_out(request: Request) -> Response:
        session = session_of(request)
        await sessions.end(session.id, session.operator.id, cause="self")
        return _gone()

    async def sign_out_everywhere(request: Request) -> Response:
        await sessions.end_all(session_of(request).operator.id, cause="everywhere")
        return _gone()

    async def use(_request: Request) -> Response:
        return Response(status_code=204)

    async def lock(request: Request) -> Response:
        idle = bool(form_of(request)["idle"])
        await sessions.lock(session_of(request), idle=idle)
        if _BY_SCRIPT in request.headers:
            return Response(status_code=204)
        return see(own_path(form_of(request)["next"] or "/"))

    async def ask_unlock(request: Request) -> Response:
        back = own_path(request.query_params.get("next", "/"))
        if not session_of(request).locked:
            return see(back)
        return _unlock_form(request, back, None, status=200)

    async def unlock(request: Request) -> Response:
        form = form_of(request)
        back = own_path(form["next"] or "/")
        kept = _kept(form["kept_to"], form["kept"])
        session = session_of(request)
        if session.locked:
            try:
                why = await sign_in.unlock(session, form["password"], form["code"])
            except Busy:
                why = Refused.BLOCKED
            if why is not None:
                wait = sign_in.asked_again_after(session.operator.id)
                if _BY_SCRIPT in request.headers:
                    return Response(status_code=429 if wait else 403)
                return _unlock_form(
                    request, back, kept, wrong=True, wait=wait, status=403
                )
        if _BY_SCRIPT in request.headers:
            return Response(status_code=204)
        if kept is None:
            return see(back)
        preferences = console.preferences(request)
        return HTMLResponse(kept_page(preferences, kept, csrf=session.csrf))

    def _unlock_form(
        request: Request,
        back: str,
        kept: Kept | None,
        *,
        status: int,
        wrong: bool = False,
        wait: int = 0,
    ) -> Response:
        page = locked_page(
            console.preferences(request),
            csrf=session_of(request).csrf,
            back=back,
            kept=kept,
            wrong=wrong,
            retry_after=wait,
        )
        return HTMLResponse(page, 429 if wait else status)

    async def account(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await account_page(request)

    async def change_password(request: Request) -> Response:
        form = form_of(request)
        if form["new"] != form["again"]:
            return await account_page(request, ["differs"])
        try:
            answer = await console.operators.own_password.change(
                session_of(request), form["old"], form["code"], form["new"]
            )
        except Busy:
            return await account_page(request, ["busy"])
        if answer is None:
            return see("/account?said=password")
        problems = ["wrong"] if isinstance(answer, Refused) else sorted(answer)
        return await account_page(request, problems)

    async def account_page(request: Request, problems: Sequence[str] = ()) -> Response:
        session = session_of(request)
        operator = session.operator
        times = console.times(request)
        say = words(console.preferences(request).language)
        context = {
            "operator": operator,
            "problems": problems,
            "changed": request.query_params.get("said") == "password",
            "zone_names": {id_: say.of(z) for id_, z in console.site.zones.items()},
            "left": await console.operators.recovery_codes_left(operator.id),
            "sessions": [
                (
                    times.short(each.began_at),
                    times.short(each.seen_at),
                    each.id == session.id,
                    each.locked_at is not None,
                )
                for each in await sessions.of(operator.id)
            ],
        }
        status = 422 if problems else 200
        return await console.page(request, "account.html", context, status=status)

    return [
        Route("/sign-in", ask_password),
        Route("/sign-in", take_password, methods=["POST"]),
        Route("/sign-in/code", ask_code),
        Route("/sign-in/code", take_code, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/sign-out/everywhere", sign_out_everywhere, methods=["POST"]),
        Route("/session/use", use, methods=["POST"]),
        Route("/lock", lock, methods=["POST"]),
        Route("/unlock", ask_unlock),
        Route("/unlock", unlock, methods=["POST"]),
        Route("/account", account),
        Route("/account/password", change_password, methods=["POST"]),
    ]


def _gone() -> Response:
    response = RedirectResponse("/sign-in?said=signed_out", 303)
    drop_cookie(response)
    return response


def _kept(to: str, fields: str) -> Kept | None:
    """A kept form as the locked page carried it along."""
    if not to or own_path(to) != to:
        return None
    return Kept(to, parse_qsl(fields, keep_blank_values=True))
