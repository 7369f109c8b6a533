// The live part of the board. The page is complete without it: this only swaps
// elements that the server rendered, by id, and says when it no longer knows.

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
let waiting = []; // rows held back while somebody reads

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
  if (old.matches("a.tile") && fresh.id === `door-${body.dataset.door}`) {
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
  if (by(row.id)) return;
  if (body.dataset.door && row.dataset.door !== body.dataset.door) return;
  const order = Number(row.dataset.order);
  let next = stream.firstElementChild;
  while (next && Number(next.dataset.order) > order) next = next.nextElementSibling;
  stream.insertBefore(row, next);
  while (stream.childElementCount > MAX_ROWS) stream.lastElementChild.remove();
}

// Nothing moves under the pointer or the focus.
const reading = () => by("log").matches(":hover, :focus-within");

function settle() {
  if (!reading()) {
    waiting.forEach(place);
    waiting = [];
  }
  const shown = waiting.filter((r) => !stream.matches(".stream--notable") || !r.matches(".ev--minor"));
  heldBack.hidden = shown.length === 0;
  heldBack.textContent = heldBack.dataset.words.replace("#", shown.length);
}

function patch(message) {
  hear();
  position = Math.max(position, Number(message.lastEventId) || 0);
  const parsed = new DOMParser().parseFromString(message.data, "text/html");
  for (const element of [...parsed.body.children]) {
    const fresh = document.importNode(element, true);
    if (fresh.matches("li.ev")) {
      waiting.push(fresh);
    } else {
      swap(fresh);
    }
  }
  settle();
  const count = by("band").dataset.count;
  document.title = (count === "0" ? "" : `(${count}) `) + body.dataset.product;
}

function connect() {
  const source = new EventSource(`${body.dataset.stream}&after=${position}`);
  source.addEventListener("open", () => { delay = 1000; });
  source.addEventListener("patch", patch);
  source.addEventListener("renew", (message) => {
    stream.replaceChildren();
    waiting = [];
    patch(message);
  });
  source.addEventListener("beat", (message) => {
    skew = Date.parse(message.data) - Date.now();
    hear();
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(connect, delay);
    delay = Math.min(delay * 2, 30_000);
  });
}

function tick() {
  if (Date.now() - heard > STALE_MS) setStale(true);
  if (stale) return; // the clock stops with what is known
  by("clock").textContent = dayTime.format(Date.now() + skew);
  settle();
}

function release() {
  waiting.forEach(place);
  waiting = [];
  settle();
}

heldBack.addEventListener("click", release);
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, select");
  if (field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "x" || event.key === "X") by("filter").click();
  if (event.key === "e" || event.key === "E") by("all").click();
  const tiles = [...document.querySelectorAll("a.tile")].filter((t) => t.offsetParent);
  const here = tiles.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (here >= 0 && step && tiles[here + step]) {
    event.preventDefault();
    tiles[here + step].focus();
  }
});

by(`door-${body.dataset.door}`)?.setAttribute("aria-current", "true");
say("connecting");
connect();
setInterval(tick, 1000);
