"""What a page can get wrong that a browser can measure, as scripts for Playwright.

Each gives the elements at fault: larger than their place, too small to hit, or with too
little contrast.
"""

from typing import Final

TOO_WIDE: Final = """() => [...document.querySelectorAll("body *")].filter(e => {
    const style = getComputedStyle(e);
    return style.display !== "none" && style.overflowX === "visible"
        && e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1
        && !e.closest("svg") && !e.closest(".vh");
}).map(e => e.outerHTML.slice(0, 80))"""

# What stands out of its box below, over whatever is there.
TOO_TALL: Final = """() => [...document.querySelectorAll("body *")].filter(e => {
    const style = getComputedStyle(e);
    return !style.display.startsWith("inline") && style.overflowY === "visible"
        && e.clientHeight > 0 && e.scrollHeight > e.clientHeight + 4
        && !e.closest("svg") && !e.closest(".vh");
}).map(e => e.outerHTML.slice(0, 80))"""

TOO_SMALL: Final = """() => [...document.querySelectorAll("a, button, summary, input")]
    .filter(e => e.offsetParent && !e.matches(".skip"))
    .filter(e => e.offsetWidth < 24 || e.offsetHeight < 24)
    .map(e => e.outerHTML.slice(0, 80))"""

# WCAG's contrast of each visible text with the nearest opaque background behind it.
TOO_FAINT: Final = """() => {
    const parse = c => c.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const style = getComputedStyle(e);
            if (style.backgroundImage !== "none") return null;  // hatched
            const c = parse(style.backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const faint = [];
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
        if (e.matches(".skip, noscript") || e.closest("svg")) continue;
        const back = behind(e);
        if (!back) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(back)];
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${e.outerHTML.slice(0, 80)}`);
    }
    return faint;
}"""

# What has a colour of an alarm, in any of its parts.
ALARMING: Final = """() => {
    const paint = document.createElement("canvas").getContext("2d");
    const plain = colour => { paint.fillStyle = colour; return paint.fillStyle; };
    const own = getComputedStyle(document.documentElement);
    const names = ["a1", "a1-fill", "a1-soft", "a2", "a2-fill", "a2-edge", "a2-soft",
        "a3"];
    const alarming = new Set(
        names.map(name => plain(own.getPropertyValue(`--${name}`).trim())));
    const parts = ["color", "backgroundColor", "fill", "stroke", "borderTopColor",
        "borderRightColor", "borderBottomColor", "borderLeftColor"];
    return [...document.querySelectorAll("body *")]
        .filter(e => e.checkVisibility())
        .filter(e => parts.some(p => alarming.has(plain(getComputedStyle(e)[p]))))
        .map(e => e.outerHTML.slice(0, 80));
}"""
