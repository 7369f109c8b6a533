// What every page does while somebody is signed in. Each is complete without it: this
// swaps elements that the server rendered, by id, says when it no longer knows, and
// hides names when nobody has used the page for a while.

import * as sound from "/static/sound.js";

const STALE_MS = 10_000; // two heartbeats missed
const MAX_ROWS = 300;
const body = document.body;
const by = (id) => document.getElementById(id);
const stream = by("stream");
const heldBack = by("held-back");
const live = by("live");

let position = Number(body.dataset.position);
let heard = Date.now();
let skew = Date.parse(by("clock").dateTime) - Date.now(); // office minus browser
let stale = false;
let delay = 1000;
let stirred = false; // something happened since the list was asked for
let waiting = []; // rows held back while somebody reads
let source = null;

const dayTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: by("clock").dataset.tz, hour: "2-digit", minute: "2-digit", second: "2-digit",
});

function say(state) {
  live.textContent = live.dataset[state];
  live.className = `live live--${state === "live" ? "on" : state}`;
}

function setStale(now) {
  if (now === stale) return;
  stale = now;
  if (now) by("frozen").textContent = by("clock").textContent;
  by("stale").hidden = !now;
  by("band").hidden = now;
  by("main").classList.toggle("main--stale", now);
  say(now ? "stale" : "live");
}

function hear() {
  heard = Date.now();
  setStale(false);
  say("live");
}

function swap(fresh) {
  const old = by(fresh.id);
  if (!old) return;
  if (old.matches("a.tile") && fresh.id === `door-${body.dataset.onlyDoor}`) {
    fresh.setAttribute("aria-current", "true");
  }
  if (old.isEqualNode(fresh)) return;
  for (const details of old.querySelectorAll("details[open]")) {
    fresh.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute("open", "");
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const path = focused && [focused.id, focused.tagName];
  const scrolled = old.querySelector(".scroll")?.scrollTop ?? 0;
  old.replaceWith(fresh);
  if (scrolled) fresh.querySelector(".scroll")?.scrollTo(0, scrolled);
  if (path) {
    const [id, tag] = path;
    const again = fresh.id === id ? fresh : fresh.querySelector(id ? `#${CSS.escape(id)}` : tag);
    again?.focus({ preventScroll: true });
  }
}

function place(row) {
  if (!stream.isConnected || by(row.id)) return;
  const order = Number(row.dataset.order);
  let next = stream.firstElementChild;
  while (next && Number(next.dataset.order) > order) next = next.nextElementSibling;
  stream.insertBefore(row, next);
  while (stream.childElementCount > MAX_ROWS) stream.lastElementChild.remove();
}

// The filter of the page, as its address holds it.
const only = ["kind", "level", "zone", "door"]
  .map((name) => [name, body.getAttribute(`data-only-${name}`)])
  .filter(([, value]) => value);
const wanted = (row) => stream && only.every(([name, value]) => row.dataset[name] === value)
  && !by(row.id) && !waiting.some((other) => other.id === row.id);

let paused = false;
let dropped = 0; // of those withheld: more than the stream would show

const shows = (row) => !stream.matches(".stream--notable") || !row.matches(".ev--minor");

function withhold(row) {
  waiting.push(row);
  if (waiting.length > MAX_ROWS && shows(waiting.shift())) dropped += 1;
}

function pause(now) {
  paused = now;
  by("pause").setAttribute("aria-pressed", String(now));
  settle();
}

// Nothing moves under the pointer or the focus.
const reading = () => by("log").matches(":hover, :focus-within");

function settle() {
  if (!stream?.isConnected) {
    waiting = [];
    return;
  }
  if (!reading() && !paused) {
    waiting.forEach(place);
    waiting = [];
  }
  if (waiting.length === 0) dropped = 0;
  const shown = waiting.filter(shows).length + dropped;
  const words = paused ? heldBack.dataset.paused : heldBack.dataset.words;
  heldBack.hidden = !paused && shown === 0;
  heldBack.textContent = words.replace("#", shown);
}

function patch(message) {
  hear();
  position = Math.max(position, Number(message.lastEventId) || 0);
  const parsed = new DOMParser().parseFromString(message.data, "text/html");
  for (const element of [...parsed.body.children]) {
    const fresh = document.importNode(element, true);
    if (fresh.matches("li.ev")) {
      if (wanted(fresh)) withhold(fresh);
    } else {
      swap(fresh);
    }
  }
  settle();
  announce();
  entitle();
  resound();
  stirred = true;
}

// --- the alarm in the band ---

const SEEN_MS = 1000; // nobody acknowledges what has only just appeared
let announced = { alarm: null, at: 0 };

function announce() {
  const alarm = by("acknowledge-first")?.dataset.alarm ?? null;
  if (alarm !== announced.alarm) announced = { alarm, at: Date.now() };
}

// The page and what was typed into it stay; the stream shows what came of it.
async function acknowledge(event) {
  event.preventDefault();
  const button = event.submitter;
  if (!button || stale || Date.now() - announced.at < SEEN_MS) return;
  const path = button.getAttribute("formaction");
  const answer = await fetch(path, { method: "POST", headers: marks, redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") {
    location.assign(path.replace(/\/acknowledge$/, "")); // says who was first
  } else if (location.pathname.startsWith("/alarms")) {
    location.reload();
  }
}

// What this console is to sound for: those who watch, and whoever was called.
const roles = body.dataset.roles.split(" ");
function audible() {
  return (by("band").dataset.sounds ?? "").split(" ").filter(Boolean).map((each) => {
    const [id, priority, once, hears] = each.split(":");
    return { id, priority: Number(priority), once: once === "once", hears: hears.split("+") };
  }).filter(({ hears }) => hears.includes("all") || hears.some((role) => roles.includes(role)));
}

function resound() {
  const alarms = audible();
  sound.ring(alarms);
  const silent = sound.hushed(alarms);
  const blocked = !sound.ready() && (body.dataset.watches === "1" || alarms.length > 0);
  body.classList.toggle("sounding", sound.ready() && alarms.length > 0 && !silent);
  by("sound-off").hidden = !blocked;
  by("hushed").hidden = !silent;
  by("hushed").textContent = by("hushed").dataset.words.replace("#", silent);
}

function hush() {
  if ("locked" in body.dataset || hidden) return;
  sound.hush(audible());
  resound();
}

function countDown() {
  const next = document.querySelector("#band .next");
  const left = next && Math.ceil((Date.parse(next.dateTime) - Date.now() - skew) / 1000);
  if (!next || left <= 0) return;
  const [minutes, seconds] = [Math.floor(left / 60), String(left % 60).padStart(2, "0")];
  const words = left < 100 ? next.dataset.seconds.replace("#", left) : `${minutes}:${seconds}`;
  next.textContent = next.dataset.words.replace("#", words);
}

function entitle() {
  const count = by("band").dataset.count;
  const title = hidden ? hidden.title : body.dataset.title.replace(/^\(\d+\) /, "");
  document.title = (count === "0" ? "" : `(${count}) `) + title;
}

function connect() {
  source = new EventSource(`${body.dataset.stream}&after=${position}`);
  source.addEventListener("open", () => { delay = 1000; });
  source.addEventListener("patch", patch);
  source.addEventListener("renew", (message) => {
    stream?.replaceChildren();
    waiting = [];
    patch(message);
  });
  source.addEventListener("beat", (message) => {
    skew = Date.parse(message.data) - Date.now();
    hear();
  });
  source.addEventListener("seat", (message) => seat(message.data === "locked"));
  source.addEventListener("error", async (event) => {
    if (event.target.readyState !== EventSource.CLOSED) return; // tries by itself
    setTimeout(connect, delay);
    delay = Math.min(delay * 2, 30_000);
    const answer = await fetch("/account", { redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") location.reload(); // signed out: say so
  });
}

// --- the lock ---

const idleMs = Number(body.dataset.idle) * 1000;
const WARN_MS = 60_000;
const USE_MS = 30_000; // how often the office is told that somebody is there
let used = Date.now();
let told = Date.now();
let hidden = null; // what stood here before the page was locked

const marks = { "x-csrf-token": body.dataset.csrf, "x-by-script": "1" };
const post = (path, fields = {}) =>
  fetch(path, { method: "POST", headers: marks, body: new URLSearchParams(fields) });

// Names leave the document; what was typed stays with the elements that left.
function hide() {
  if (hidden || !by("locked")) return;
  const main = by("main");
  const form = by("locked").content.cloneNode(true);
  hidden = { main, who: by("whoami").textContent, whom: [...by("whoami").childNodes] };
  hidden.title = form.querySelector("h1").textContent;
  hidden.rest = by("lock-form");
  main.replaceWith(form);
  by("whoami").replaceChildren();
  by("lock-form").remove();
  by("idle-warning").hidden = true;
  body.classList.add("locked");
  by("unlock").addEventListener("submit", unlock);
  by("unlock-password").focus();
  entitle();
}

function show() {
  if (!hidden) return;
  if (stream) return location.reload(); // whole, with what happened meanwhile
  by("main").replaceWith(hidden.main);
  by("whoami").replaceChildren(...hidden.whom);
  by("whoami").after(hidden.rest);
  body.classList.remove("locked");
  hidden = null;
  used = told = Date.now();
  entitle();
  by("main").focus();
}

// The board stays, without names, as the office renders it then.
function seat(locked) {
  if (!stream) return locked ? hide() : show();
  if (locked !== ("locked" in body.dataset)) location.reload();
}

async function lock(idle) {
  if (!stream) hide();
  const answer = await post("/lock", idle ? { idle: "1" } : {}).catch(() => null);
  if (stream) answer?.ok ? location.reload() : hide();
}

async function unlock(event) {
  event.preventDefault();
  const answer = await post("/unlock", new FormData(event.target)).catch(() => null);
  if (answer?.status === 204) {
    show();
    return;
  }
  if (answer?.redirected || answer?.status === 404) location.reload();
  by("unlock-problem").hidden = false;
  by("unlock-code").value = "";
  by("unlock-password").focus();
}

function use() {
  if (hidden || "locked" in body.dataset) return;
  used = Date.now();
  by("idle-warning").hidden = true;
  if (used - told < USE_MS) return;
  told = used;
  post("/session/use").catch(() => null);
}

function watchIdle() {
  if (hidden || "locked" in body.dataset) return;
  const left = idleMs - (Date.now() - used);
  if (left <= 0) {
    lock(true);
  } else if (left <= WARN_MS) {
    const warning = by("idle-warning");
    warning.hidden = false;
    warning.textContent = warning.dataset.words.replace("#", Math.ceil(left / 1000));
  }
}

for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  document.addEventListener(sign, use, { passive: true });
}
by("lock-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  lock(false);
});

for (const sign of ["keydown", "pointerdown"]) {
  document.addEventListener(sign, () => sound.unlock(resound), { passive: true });
}
by("sound-on").addEventListener("click", () => {
  sound.unlock(resound);
  sound.play(3);
});
// A tone to hear that this console sounds; then the form goes its way.
by("start-watch")?.addEventListener("submit", (event) => {
  event.preventDefault();
  sound.unlock(resound);
  sound.play(2);
  setTimeout(() => event.target.submit(), 700);
}, { once: true });
document.addEventListener("keydown", (event) => {
  if (event.key !== "F9") return;
  event.preventDefault();
  hush();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#hush")) hush();
});

function tick() {
  resound();
  if (Date.now() - heard > STALE_MS) setStale(true);
  if (stale) return; // the clock stops with what is known
  by("clock").textContent = dayTime.format(Date.now() + skew);
  countDown();
  settle();
}

// --- the visitor desk: its keys, and its list, which renews itself ---

function desk(event) {
  const step = by(`step-${event.key}`);
  if (step) {
    event.preventDefault();
    step.open = true;
    step.scrollIntoView({ block: "nearest" });
    (step.querySelector("input:not([type=hidden]), select") ?? step.querySelector("summary"))?.focus();
  }
  const key = event.key.toLowerCase();
  if (key === "n") by("walk-in")?.click();
  if (key === "o") (document.activeElement.closest("tr") ?? document).querySelector("a[data-out]")?.click();
  if (key === "/" && by("search")) {
    event.preventDefault();
    by("search").focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && !event.isComposing) by("give-badge")?.click();
});

const FRESH_MS = 5000;
let fresh = Date.now(); // when the list was last asked for

async function renew() {
  const list = document.querySelector("[data-fresh]");
  if (!stirred || !list || hidden || Date.now() - fresh < FRESH_MS) return;
  stirred = false;
  fresh = Date.now();
  const path = list.dataset.fresh;
  const answer = await fetch(`${path}${path.includes("?") ? "&" : "?"}renewed=1`).catch(() => null);
  if (!answer?.ok || hidden) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of [list.id, "desk-figures"]) {
    const next = page.getElementById(id);
    if (next) swap(document.importNode(next, true));
  }
}

let going = false; // after "g", the next letter names a page

function release() {
  waiting.forEach(place);
  waiting = [];
  pause(false);
}

heldBack?.addEventListener("click", release);
if (by("pause")) by("pause").hidden = false;
by("pause")?.addEventListener("click", () => pause(!paused));
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  if (field && event.key === "Escape") field.blur(); // to the keys of the page
  if (field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === " " && by("pause") && !event.target.closest("a, button, summary")) {
    event.preventDefault();
    if (!event.repeat) pause(!paused);
  }
  const wasGoing = going;
  if (going) document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
  going = event.key === "g";
  if ((event.key === "a" || event.key === "A") && !wasGoing && by("acknowledge-first")?.offsetParent) by("acknowledge-first").click();
  if (event.key === "F8") by("posture")?.click();
  if (!wasGoing) desk(event);
  // Review: the row that has the focus is kept or withdrawn.
  if (!wasGoing && !event.repeat) event.target.closest("tr")?.querySelector(`[data-act="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
  if (event.key === "x" || event.key === "X") by("filter")?.click();
  if (event.key === "e" || event.key === "E") by("all")?.click();
  const tiles = [...document.querySelectorAll("a.tile")].filter((t) => t.offsetParent);
  const here = tiles.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (here >= 0 && step && tiles[here + step]) {
    event.preventDefault();
    tiles[here + step].focus();
  }
});

// A part of a page that isn't on the stream is looked at anew while it waits.
const LOOK_MS = 3000;

async function look(part) {
  const answer = await fetch(part.dataset.look).catch(() => null);
  if (!answer?.ok || hidden) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  if (fresh) swap(document.importNode(fresh, true));
}
setInterval(() => document.querySelectorAll("[data-look]").forEach(look), LOOK_MS);

by(`door-${body.dataset.onlyDoor}`)?.setAttribute("aria-current", "true");
by("acknowledge")?.addEventListener("submit", acknowledge);
announce();
sound.start(resound);
resound();
say("connecting");
connect();
setInterval(tick, 1000);
setInterval(watchIdle, 1000);
setInterval(renew, 1000);
