// The lobby's tablet: a pen, a clock, and an eye on whether the page is still the right
// one. Everything but the pen is there without it.

const LOOK_MS = 2000;
const TELL_MS = 5000; // how often the office is told that somebody is there
const WARN_MS = 30_000;
const body = document.body;
const by = (id) => document.getElementById(id);

// --- what stands here may end at any moment ---

function leave(later = 0) {
  by("main").replaceChildren(); // no name waits for an answer
  setTimeout(() => location.replace("/lobby"), later);
}

async function look() {
  const answer = await fetch("/lobby").catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (fresh.body.dataset.state !== body.dataset.state) leave();
}

if (body.dataset.state) setInterval(look, LOOK_MS);

// --- nobody here for two minutes: nothing here ---

const idleMs = Number(body.dataset.idle ?? 0) * 1000;
let used = Date.now();
let told = used;

async function tell() {
  told = Date.now();
  const form = new URLSearchParams(new FormData(by("stay")));
  await fetch("/lobby/use", { method: "POST", body: form, redirect: "manual" }).catch(() => null);
}

function tick() {
  const now = Date.now();
  const left = idleMs - (now - used);
  if (left <= 0) {
    clearInterval(ticking);
    leave(TELL_MS + 2000); // the office may have heard of the last touch a little later
    return;
  }
  const clears = by("clears");
  clears.classList.toggle("soon", left <= WARN_MS);
  if (left <= WARN_MS) {
    clears.textContent = clears.dataset.words.replace("#", Math.ceil(left / 1000));
  } else if (clears.dataset.quiet) {
    clears.textContent = clears.dataset.quiet;
  }
  if (used > told && now - told >= TELL_MS) tell();
}

let ticking = 0;
if (idleMs) {
  by("clears").dataset.quiet = by("clears").textContent;
  for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "scroll"]) {
    document.addEventListener(sign, () => { used = Date.now(); }, { passive: true, capture: true });
  }
  by("stay").addEventListener("submit", (event) => {
    event.preventDefault();
    used = Date.now();
    tell();
  });
  ticking = setInterval(tick, 1000);
}

// --- read to the end, then sign ---

const signing = by("signing");
if (signing && !by("problems")) {
  signing.disabled = true;
  by("gate").hidden = false;
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    signing.disabled = false;
    by("gate").hidden = true;
    observer.disconnect();
  }).observe(by("end"));
}

// --- the pen ---

const pad = by("pad");
if (pad) {
  const [, , width, height] = pad.getAttribute("viewBox").split(" ").map(Number);
  const field = by("strokes");
  let lines = field.value ? JSON.parse(field.value) : [];
  let line = null;
  let path = null;

  const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  const point = (event) => {
    const box = pad.getBoundingClientRect();
    return [
      within(((event.clientX - box.left) / box.width) * width, width),
      within(((event.clientY - box.top) / box.height) * height, height),
    ];
  };
  const shape = (flat) =>
    flat.reduce((d, n, at) => d + (at === 0 ? `M${n}` : at % 2 ? ` ${n}` : `L${n}`), "") +
    (flat.length === 2 ? "h1" : "");
  const draw = (flat) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.setAttribute("d", shape(flat));
    by("ink").append(made);
    return made;
  };
  const keep = () => {
    field.value = lines.length ? JSON.stringify(lines) : "";
    pad.setAttribute("aria-label", lines.length ? pad.dataset.filled : pad.dataset.empty);
  };
  const room = () =>
    lines.length <= Number(pad.dataset.strokes) &&
    lines.reduce((sum, each) => sum + each.length / 2, 0) < Number(pad.dataset.points);

  pad.addEventListener("pointerdown", (event) => {
    if (signing.disabled || line || event.button !== 0 || !room()) return;
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    line = point(event);
    lines.push(line);
    path = draw(line);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!line) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = point(each);
      const near = Math.hypot(x - line.at(-2), y - line.at(-1)) < 4;
      if (!near && room()) line.push(x, y);
    }
    path.setAttribute("d", shape(line));
  });
  for (const sign of ["pointerup", "pointercancel"]) {
    pad.addEventListener(sign, () => {
      if (line) keep();
      line = path = null;
    });
  }
  by("clear").addEventListener("click", () => {
    lines = [];
    by("ink").replaceChildren();
    keep();
  });
  by("drawing").hidden = false;
  by("typing").open = by("typed").value !== "";
  lines.forEach(draw);
  keep();
}
