// Alarms by ear: tones that the browser makes itself, no file. Whatever sounds stands in
// the band too. Browsers play nothing until somebody has touched the page: until then
// `ready()` is false, and the page says so.

const EVERY_MS = { 1: 5_000, 2: 20_000 }; // again until acknowledged; 3 sounds once
const SILENCE_MS = 60_000;
const TICK_MS = 1_000; // how often the page looks
// Hertz, seconds of each tone and between two, loudness.
const TONES = {
  1: { hertz: [988, 784, 988], length: 0.22, gap: 0.08, gain: 0.5 },
  2: { hertz: [659, 523], length: 0.28, gap: 0.12, gain: 0.35 },
  3: { hertz: [440], length: 0.35, gap: 0, gain: 0.12 },
};
const KEEP = "menshen.sound"; // for this tab, over its pages

const kept = JSON.parse(sessionStorage.getItem(KEEP) ?? "{}");
let on = kept.on ?? false; // somebody let this tab sound
let known = new Set(kept.known ?? []); // alarms that have sounded
let silence = { until: kept.until ?? 0, ids: new Set(kept.silent ?? []) };
let audio = null;
let last = 0;

function keep() {
  const state = { on, known: [...known], until: silence.until, silent: [...silence.ids] };
  sessionStorage.setItem(KEEP, JSON.stringify(state));
}

export const ready = () => audio?.state === "running";

// `changed` is called when the browser lets sound through, or no longer does.
export function unlock(changed) {
  if (ready()) return;
  audio ??= new AudioContext();
  audio.onstatechange = () => {
    on ||= ready();
    keep();
    changed();
  };
  audio.resume();
}

export function start(changed) {
  if (on) unlock(changed);
}

export function play(priority) {
  if (!ready()) return;
  const { hertz, length, gap, gain } = TONES[priority];
  hertz.forEach((pitch, n) => {
    const at = audio.currentTime + n * (length + gap);
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at); // up and down softly: no click
    volume.gain.linearRampToValueAtTime(gain, at + 0.02);
    volume.gain.setValueAtTime(gain, at + length - 0.04);
    volume.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
  });
}

// An alarm is { id, priority, once }. Silences those that are there now, no later one.
export function hush(alarms) {
  silence = { until: Date.now() + SILENCE_MS, ids: new Set(alarms.map((a) => a.id)) };
  keep();
}

// Seconds for which those are silent; 0: there is none of them.
export function hushed(alarms) {
  const left = silence.until - Date.now();
  return left > 0 && alarms.some((a) => silence.ids.has(a.id)) ? Math.ceil(left / 1000) : 0;
}

// Sound for what is new, at once, and for the most urgent of the rest in its rhythm.
// What nobody could hear counts as new still.
export function ring(alarms) {
  if (!ready()) return;
  const quiet = (alarm) => silence.until > Date.now() && silence.ids.has(alarm.id);
  const loud = alarms.filter((alarm) => !quiet(alarm));
  const fresh = loud.filter((alarm) => !known.has(alarm.id));
  const again = loud.filter((alarm) => !alarm.once && EVERY_MS[alarm.priority]);
  const most = Math.min(...(fresh.length ? fresh : again).map((alarm) => alarm.priority));
  if (fresh.length || (again.length && Date.now() - last >= EVERY_MS[most] - TICK_MS / 2)) {
    play(most);
    last = Date.now();
  }
  if (fresh.length || known.size > alarms.length) {
    known = new Set(alarms.filter((a) => known.has(a.id) || fresh.includes(a)).map((a) => a.id));
    keep();
  }
}
