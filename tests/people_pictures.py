"""Pictures of the pages about people."""

from datetime import timedelta
from itertools import product
from pathlib import Path

from playwright.async_api import Browser

from controller.services import revoke
from domain.operators import OperatorRole
from domain.people import PersonState
from tests.browser import sign_in
from tests.peopled import CHEN, LIST, WANG, ZHAO, account_of, answer, peopled, proposed
from tests.web_site import SetClock


async def shoot_people(browser: Browser, folder: Path) -> None:
    """The list, a person with something that has ended, a freeze and its receipts."""
    clock = SetClock()
    wang = account_of(WANG, OperatorRole.GUARD, "wang.qiang")
    async with peopled(wang, clock=clock) as (address, register):
        await address.cookie("wang.qiang")
        change = await revoke.set_state(
            register.office, ZHAO, PersonState.SUSPENDED, by="secrecy_officer"
        )
        await answer(register, "heat_treatment")
        await proposed(register)
        pages = {
            "proposals": "/people/proposals",
            "people": "/people",
            "person": f"/people/{CHEN}?door=heat_treatment&at=2026-11-23T15:00",
            "person-freeze": f"/people/{WANG}/freeze",
            "person-qualifications": f"/people/{CHEN}/qualifications",
            "person-receipts": f"/people/{ZHAO}/changes/{change}",
        }
        for language, theme in product(("zh-CN", "en"), ("light", "dark")):
            clock.pass_by(timedelta(minutes=1))
            context = await browser.new_context(viewport={"width": 1366, "height": 768})
            page = await context.new_page()
            await sign_in(page, address, "secrecy_officer")
            await page.goto(f"{address}/people/import?lang={language}&theme={theme}")
            await page.screenshot(path=folder / f"import-{language}-{theme}.png")
            await page.locator("#file").set_input_files(
                {"name": "a.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
            )
            await page.locator(".main form button").first.click()
            await page.locator("#counts").wait_for()
            await page.screenshot(path=folder / f"import-plan-{language}-{theme}.png")
            for name, path in pages.items():
                sep = "&" if "?" in path else "?"
                look = f"lang={language}&theme={theme}"
                await page.goto(f"{address}{path}{sep}{look}")
                await page.locator(".live--on").wait_for()
                file = folder / f"{name}-{language}-{theme}.png"
                await page.screenshot(path=file)
                print(file)
            await context.close()
