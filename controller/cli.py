"""`menshen controller …`, `operator …`, `token …`, `why …`: the office by command line.

    menshen controller run SITE --keys DIR --data DIR
    menshen controller people | grant | revoke | leave | suspend | reinstate | enrol
    menshen controller unlock | lockdown | end-lockdown DOOR --reason TEXT
    menshen operator add | list | disable | reset
    menshen token add | list | revoke
    menshen why PERSON DOOR [--at TIME]

Everything but `run` works on the database, beside a running controller or without
one: writes take turns (`controller.store.database`), and the running controller looks
every second for what others wrote. A badge number or a PIN is read from standard
input, never from the command line, which every user of the machine can see.
"""

import argparse
import asyncio
import getpass
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from typing import Final

from config.load import load_site
from config.locales import DEFAULT, languages
from config.notify import load_recipients
from config.schema import Site
from controller import deeds, operator_deeds, token_deeds
from controller.bootstrap import build_controller
from controller.web.app import build_app
from controller.web.server import run_web
from domain.errors import InputError
from domain.operators import OperatorRole
from domain.people import Rank
from domain.tokens import TokenScope
from wire.clock import SystemClock
from wire.keys import load_site as load_keys
from wire.link import Backoff
from wire.mqtt_link import Endpoint, MqttLink, tls_context

EXAMPLE: Final = Path("config/sites/example.toml")

# Seconds between two looks for what command-line calls wrote.
_LOOK_AROUND: Final = 1.0


def main(argv: Sequence[str]) -> int:
    """0, or 1 if not every door has confirmed what was asked."""
    try:
        options = _parser().parse_args(list(argv))
    except SystemExit as stop:  # argparse has said what is wrong, or helped
        return 2 if stop.code else 0
    site = load_site(options.site)
    if options.command == "controller" and options.action == "run":
        return asyncio.run(_run(site, options))
    if options.command == "operator":
        return asyncio.run(operator_deeds.perform(site, options))
    if options.command == "token":
        return asyncio.run(token_deeds.perform(site, options))
    return asyncio.run(deeds.perform(site, options))


async def _run(site: Site, options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    if options.keys is None or options.data is None:
        raise InputError("`--keys` and `--data` are needed")
    serving = asyncio.create_task(_serve(site, options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving
    return 0


async def _serve(site: Site, options: argparse.Namespace) -> None:
    keys = load_keys(options.keys)
    random = SystemRandom()
    clock = SystemClock()
    controller = await build_controller(
        site,
        keys=keys,
        database=deeds.database_of(site, options),
        link=MqttLink(
            (Endpoint(site.broker.host, site.broker.port),),
            client_id=keys.client_id,
            tls=tls_context(keys.client),
            backoff=Backoff(random.random),
        ),
        clock=clock,
        random=random,
        watch_every=_LOOK_AROUND,
        recipients=load_recipients(options.keys),
    )
    await controller.seed(site.people.values(), {}, by="site file")
    if not await controller.operators.any_enabled():
        await controller.close()
        raise InputError(
            "nobody could sign in: make the first operator with `menshen operator add"
            " NAME --roles …`, with the same `--keys` and `--data`"
        )
    app = build_app(controller, site=site, operators=controller.operators, clock=clock)
    host = site.controller.host
    port = site.controller.port if options.port is None else options.port

    def started(opened: int) -> None:
        print(f"http://{host}:{opened}/", flush=True)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(controller.run())
        tasks.create_task(run_web(app, host=host, port=port, started=started))


# --- what may be asked -----------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="menshen")
    commands = parser.add_subparsers(dest="command", required=True)
    office = commands.add_parser("controller", help="the office")
    actions = office.add_subparsers(dest="action", required=True, metavar="ACTION")

    run = actions.add_parser("run", help="serve doors and the page until Ctrl-C")
    run.add_argument("site", type=Path, help="the site file")
    _places(run, site=False)
    run.add_argument("--port", type=int, help="of the page (0: any that is free)")

    people = actions.add_parser("people", help="who is in the register")
    _places(people)
    _language(people)

    grant = _person(actions.add_parser("grant", help="let somebody into a zone"))
    grant.add_argument("zone")
    grant.add_argument("--rank", required=True, choices=[str(r) for r in Rank])
    grant.add_argument("--purpose", required=True, help="the reason the log records")
    grant.add_argument("--until", help="RFC 3339; default: until withdrawn")
    grant.add_argument("--schedule", help="hours, by the site file's name for them")

    revoke = _person(actions.add_parser("revoke", help="withdraw grants at once"))
    revoke.add_argument("zone", nargs="?", help="default: all zones")
    revoke.add_argument("--reason", default="revoked")

    for name, text in (
        ("leave", "somebody leaves the company: everything is withdrawn"),
        ("suspend", "freeze somebody everywhere, for a while"),
        ("de-secrecy", "the de-secrecy period begins: secret zones are lost"),
        ("reinstate", "lift a suspension"),
    ):
        _person(actions.add_parser(name, help=text))

    enrol = _person(actions.add_parser("enrol", help="a badge or PIN from stdin"))
    enrol.add_argument("factor", choices=("badge", "pin"))
    enrol.add_argument("--duress", action="store_true", help="opens, alarms silently")

    for name, text in (
        ("unlock", "open a door once"),
        ("lockdown", "admit nobody at a door"),
        ("end-lockdown", "admit again"),
        ("reset-occupancy", "forget who is inside, after a muster"),
    ):
        each = actions.add_parser(name, help=text)
        each.add_argument("door")
        each.add_argument("--reason", required=True)
        _acting(each)

    operator = commands.add_parser("operator", help="who may sign in to the console")
    _operator_actions(operator)

    token = commands.add_parser("token", help="which systems may use the REST API")
    _token_actions(token)

    why = commands.add_parser("why", help="explain a decision")
    why.add_argument("person")
    why.add_argument("door")
    why.add_argument("--at", help="RFC 3339, e.g. 2026-11-23T08:00+08:00; default: now")
    _places(why)
    _language(why)
    return parser


def _operator_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make one; the password comes from stdin")
    add.add_argument("name", help="to sign in with: a-z, 0-9, `.`, `_`, `-`")
    add.add_argument(
        "--roles", nargs="+", required=True, choices=[str(r) for r in OperatorRole]
    )
    add.add_argument("--called", help="their name, if the register lacks the person")
    add.add_argument("--person", help="whose account it is, as the register knows them")
    add.add_argument("--zones", nargs="+", default=(), help="of a zone owner")
    add.add_argument("--rank", choices=[str(r) for r in Rank], help="of an approver")
    add.add_argument("--department", default="", help="of an approver; default: any")
    listing = actions.add_parser("list", help="who there is, and in which roles")
    reset = actions.add_parser("reset", help="new password and codes; signs them out")
    reset.add_argument("name")
    disable = actions.add_parser("disable", help="for good; signs them out at once")
    disable.add_argument("name")
    for each in (add, listing, reset, disable):
        _places(each)
        each.add_argument("--by", default=getpass.getuser(), help="who does it")


def _token_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make one; it is printed once")
    add.add_argument("name", help="of the system: a-z, 0-9, `.`, `_`, `-`")
    add.add_argument(
        "--scopes",
        nargs="+",
        required=True,
        type=_scopes,
        metavar="SCOPE",
        help="with blanks or commas between: " + ", ".join(TokenScope),
    )
    add.add_argument("--until", required=True, help="RFC 3339; within a year")
    listing = actions.add_parser("list", help="which there are, and what for")
    revoke = actions.add_parser("revoke", help="for good, from the next request on")
    revoke.add_argument("name")
    for each in (add, listing, revoke):
        _places(each)
        each.add_argument("--by", default=getpass.getuser(), help="who does it")


def _scopes(text: str) -> str:
    known = set(TokenScope)
    for each in text.split(","):
        if each not in known:
            raise argparse.ArgumentTypeError(
                f"no scope `{each}`; {', '.join(TokenScope)}"
            )
    return text


def _person(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("person")
    _acting(parser)
    return parser


def _acting(parser: argparse.ArgumentParser) -> None:
    _places(parser)
    parser.add_argument("--by", default=getpass.getuser(), help="who does it")
    parser.add_argument(
        "--wait", type=float, default=10.0, help="seconds for doors to confirm"
    )


def _places(parser: argparse.ArgumentParser, *, site: bool = True) -> None:
    if site:
        default = Path(os.environ.get("MENSHEN_SITE", EXAMPLE))
        parser.add_argument("--site", type=Path, default=default, help="the site file")
    for name, text in (("keys", "the site's keys"), ("data", "where it keeps things")):
        variable = f"MENSHEN_{name.upper()}"
        found = os.environ.get(variable)
        parser.add_argument(
            f"--{name}",
            type=Path,
            default=None if found is None else Path(found),
            help=f"folder: {text} (or ${variable})",
        )
    parser.add_argument("--database", help="an SQLAlchemy URL instead of SQLite there")


def _language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default=DEFAULT, choices=languages())
