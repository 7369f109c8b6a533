"""The tablet in the lobby: one visitor reads, signs or declines; then it is empty.

It has no operator and no list: whoever holds it learns of the one visitor a guard sent
there and, two minutes after the last touch, of nobody (G5.3.2-2a, G5.5.3-1). A tablet
that isn't paired has the form for its code and nothing else. Its cookie is good for
`/lobby` only; its forms are marked with it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskVisit
from controller.services.lobby import Agreed, Lobby
from controller.services.lobby_desk import OnTablet, Problem
from controller.services.sessions import csrf_of
from controller.services.strokes import HEIGHT, MAX_POINTS, MAX_STROKES, WIDTH, drawn
from controller.services.undertakings import check_code
from controller.services.visit_office import VisitOffice
from controller.store.tablets import StoredTask
from controller.web.auth import token_of
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages.frame import Preferences, Times, render
from controller.web.pages.undertaking import paper
from controller.web.preferences import known_language
from controller.web.roles import TABLET_COOKIE
from controller.web.words import CHINESE, words
from domain.tablets import IDLE, TabletProblem, TaskState

# As long as browsers keep a cookie; each idle page gives it anew.
_KEPT: Final = 400 * 24 * 3600
_HOME: Final = "/lobby"
_MAX_TYPED: Final = 100
_DIGEST: Final = 64  # hex


def routes(console: Console) -> list[BaseRoute]:
    lobby = Lobby(console.office)
    visits = VisitOffice(console.office)

    async def home(request: Request) -> Response:
        return await _page(request)

    async def pair(request: Request) -> Response:
        token = await lobby.pair(form_of(request)["code"])
        if token is None:
            return await _page(request, unpaired="code")
        answer = see(_HOME)
        _give_cookie(answer, token, _KEPT)
        return answer

    async def use(request: Request) -> Response:
        if task := await _task(request):
            await lobby.use(task)
        return see(_HOME)

    async def language(request: Request) -> Response:
        wanted = known_language(form_of(request)["language"])
        task = await _task(request)
        if task is not None and wanted is not None:
            await lobby.speak(task, wanted)
        return see(_HOME)

    async def sign(request: Request) -> Response:
        seen = await lobby.seen(token_of(request, TABLET_COOKIE))
        form = form_of(request)
        if seen is None or _same(seen, form) is None:
            return see(_HOME)
        problems, agreed = _agreed(form)
        if agreed is not None:
            problems = await lobby.agree(seen, agreed)
        if problems and TabletProblem.OVER not in problems:
            return await _page(request, problems)
        return see(_HOME)

    async def end(request: Request) -> Response:
        seen = await lobby.seen(token_of(request, TABLET_COOKIE))
        if seen is not None and _same(seen, form_of(request)) is not None:
            await lobby.decline(seen)
        return see(_HOME)

    async def done(request: Request) -> Response:
        task = await _task(request)
        if task is not None and task.state is not TaskState.READING:
            await lobby.finish(task)
        return see(_HOME)

    async def _task(request: Request) -> StoredTask | None:
        """What the form is about, if it is on the screen still."""
        seen = await lobby.seen(token_of(request, TABLET_COOKIE))
        return None if seen is None else _same(seen, form_of(request))

    async def _page(
        request: Request, problems: Sequence[Problem] = (), *, unpaired: str = ""
    ) -> Response:
        token = token_of(request, TABLET_COOKIE)
        seen = await lobby.seen(token)
        if seen is None:
            return _pairing(token, unpaired)
        if seen.task is None:
            answer = _rendered("lobby_idle.html", CHINESE, token, "idle", {})
            _give_cookie(answer, token, _KEPT)
            return answer
        task = seen.task
        state = f"{task.state}-{task.id}"
        if task.state is TaskState.READING:
            context = await _reading(request, seen, task, problems)
            status = 422 if problems else 200
            return _rendered(
                "lobby_text.html", task.language, token, state, context, status
            )
        context = {"task": task.id, "waiting": task.state is not TaskState.SIGNED}
        if task.state is TaskState.SIGNED:
            found = await visits.undertaking(task.visit, task.person)
            digest = None if found is None else found[0].digest
            context["code"] = "" if digest is None else check_code(digest)
        return _rendered("lobby_done.html", task.language, token, state, context)

    async def _reading(
        request: Request,
        seen: OnTablet,
        task: StoredTask,
        problems: Sequence[Problem],
    ) -> dict[str, object]:
        visit = await visits.visit(task.visit)
        who = next(v for v in visit.visitors if v.person.id == task.person)
        texts = await visits.texts(visit.undertaking)
        own = texts[task.language]
        other = next(t for t in texts.values() if t.language != task.language)
        say = words(known_language(task.language) or CHINESE)
        times = Times(say, console.site.tz, console.clock.now())
        form = form_of(request)
        # What was typed or drawn is given back to the visitor it is of.
        again = form if _same(seen, form) is not None else Form({})
        return {
            "task": task.id,
            "visit": visit,
            "who": who,
            "route": [
                say.of(console.site.zones[zone])
                for zone in visit.route
                if zone in console.site.zones
            ],
            "text": own,
            "other": other,
            "paper": paper(own.body, other.body),
            "also": _also(other.language),
            "problems": problems,
            "typed": again["typed"] if problems else "",
            "strokes": again["strokes"] if _is_drawn(problems, again) else "",
            "read": problems and again["read"] == "1",
            "photo": problems and again["photo"] == "1",
            "box": (WIDTH, HEIGHT, MAX_STROKES, MAX_POINTS),
            "version_day": times.day(own.made_at),
            "when": _when(times, visit),
            "max_typed": _MAX_TYPED,
        }

    def _pairing(token: str, problem: str) -> Response:
        fresh = token or lobby.new_token()
        status = 422 if problem else 200
        answer = _rendered(
            "lobby_pair.html", CHINESE, fresh, "", {"problem": problem}, status
        )
        if not token:  # opens nothing; marks the form
            _give_cookie(answer, fresh, None)
        return answer

    def _rendered(
        template: str,
        language: str,
        token: str,
        state: str,
        context: Mapping[str, object],
        status: int = 200,
    ) -> HTMLResponse:
        spoken = known_language(language) or CHINESE
        preferences = Preferences(language=spoken, theme="light")
        frame = {
            "csrf": csrf_of(token),
            "state": state,
            "idle": int(IDLE.total_seconds()),
            "site_name": words(spoken).of(console.site),
            "now": console.clock.now(),
        }
        html = render(template, preferences, {**frame, **context})
        return HTMLResponse(html, status)

    return [
        Route(_HOME, home),
        Route("/lobby/pair", pair, methods=["POST"]),
        Route("/lobby/use", use, methods=["POST"]),
        Route("/lobby/language", language, methods=["POST"]),
        Route("/lobby/sign", sign, methods=["POST"]),
        Route("/lobby/end", end, methods=["POST"]),
        Route("/lobby/done", done, methods=["POST"]),
    ]


def _also(language: str) -> Mapping[str, str]:
    """What the page says in both languages."""
    say = words(known_language(language) or CHINESE)
    return {
        "speak": say("lobby.speak"),
        "signature": say("lobby.signature"),
        "draw": say("lobby.draw"),
        "agree": say("lobby.agree"),
    }


def _when(times: Times, visit: DeskVisit) -> str:
    """From when to when, with the day said even if it is today."""
    since, until = (at.astimezone(times.tz) for at in (visit.since, visit.until))
    day = "" if since.date() == until.date() else f"{times.day(until)} "
    return f"{times.day(since)} {since:%H:%M} – {day}{until:%H:%M}"


def _give_cookie(response: Response, token: str, max_age: int | None) -> None:
    response.set_cookie(
        TABLET_COOKIE,
        token,
        max_age=max_age,
        httponly=True,
        samesite="strict",
        path=_HOME,
    )


def _same(seen: OnTablet, form: Form) -> StoredTask | None:
    """The task on the screen, if it is the one the form was made for."""
    task = seen.task
    return task if task is not None and form["task"] == str(task.id) else None


def _agreed(form: Form) -> tuple[tuple[Problem, ...], Agreed | None]:
    """What the visitor sends in, or what is missing from it."""
    problems: list[Problem] = []
    if form["read"] != "1":
        problems.append(TabletProblem.NOT_READ)
    sent = form["strokes"]
    strokes = drawn(sent) if sent else None
    if sent and strokes is None:
        problems.append(TabletProblem.BAD_STROKES)
    elif strokes is None and not form["typed"]:
        problems.append(TabletProblem.NO_SIGNATURE)
    elif strokes is None and len(form["typed"]) > _MAX_TYPED:
        problems.append(TabletProblem.OTHER_NAME)
    if problems:
        return tuple(problems), None
    text = form["text"]
    is_hex = len(text) == _DIGEST and all(c in "0123456789abcdef" for c in text)
    agreed = Agreed(
        text_digest=bytes.fromhex(text) if is_hex else b"",
        strokes=strokes,
        typed=form["typed"],
        photo=form["photo"] == "1",
    )
    return (), agreed


def _is_drawn(problems: Sequence[Problem], form: Form) -> bool:
    """Whether there is a signature to be shown again."""
    return bool(problems) and drawn(form["strokes"]) is not None
