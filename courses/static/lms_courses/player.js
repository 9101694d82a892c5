// The lecture: fetches nothing before a tap, remembers the place, and reports what was really played.
import { clock, united, watch } from "./played.js";

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: the server still knows */ } };
const comma = (n) => n.toLocaleString(document.documentElement.lang || "vi", { maximumFractionDigits: n < 10 ? 1 : 0 });
const say = (text, value) => text.replace("%s", value);

/** The parts of a range that lie in five-second buckets it does not fill: the server cannot count them yet. */
const edges = ([a, b]) => [[a, Math.min(b, Math.ceil(a / 5) * 5)], [Math.max(a, Math.floor(b / 5) * 5), b]].filter(([x, y]) => y - x > 0.05 && y - x < 5);

/** Whether the browser streams pieces by itself and well: Safari, and Chromium since 142; older ones only say “maybe”. */
const streams = () => {
  if (!document.createElement("video").canPlayType("application/vnd.apple.mpegurl")) return false;
  const chromium = navigator.userAgentData?.brands.find((one) => one.brand === "Chromium");
  return chromium ? +chromium.version >= 142 : /^Apple/.test(navigator.vendor);
};
const PATIENCE = 8000;

for (const box of document.querySelectorAll("[data-player]")) {
  const d = box.dataset, seconds = +d.seconds, key = `lms-watch-${d.key}`;
  const video = box.querySelector("video"), button = box.querySelector(".play"), bar = box.querySelector("progress");
  const watched = box.querySelector("[data-watched]"), saved = box.querySelector("[data-saved]");
  const forms = [...box.querySelectorAll("[name^=quality]")];
  let played = read(key)?.played || [], sent = [], timer = 0, again = 0, pause = 5, dead = !d.token, started = false;
  // The server's place, unless this device alone knows a later one: then the server's is still the one it knew.
  let base = +d.position, resume = read(key)?.base === base ? read(key).position : base;
  if (resume > seconds - 5) resume = 0;
  let furthest = d.furthest === undefined ? Infinity : Math.max(+d.furthest, resume, ...played.map((r) => r[1]));

  let streaming = streams(), patience = 0;
  // A long lecture comes in parts: where they begin, and where in the lecture the one in the player does.
  let starts = [0], offset = 0;
  const tracks = [...video.querySelectorAll("track")].map((track) => [track, track.src]);
  const chosen = () => forms.find((f) => f.checked);
  const shows = (kind) => chosen()?.dataset.kind === kind;
  const isHeardOnly = () => shows("audio") || shows("slides");
  const time = () => offset + video.currentTime;
  const where = () => (started && video.readyState ? time() : resume);
  const keep = () => write(key, { played: united([...sent, ...played]), position: Math.floor(where()), base });

  /** The address that plays second *at* of the lecture; browsers that stream need no parts. */
  const source = (at) => {
    const form = chosen(), { stream, parts, kind } = form.dataset, whole = streaming && stream;
    starts = parts && !whole ? parts.split(" ").map(Number) : [0];
    offset = starts.filter((one) => one <= at).pop();
    for (const list of box.querySelectorAll("[data-of]")) list.hidden = whole || list.dataset.of !== kind;
    for (const link of box.querySelectorAll("[data-of] a")) link.setAttribute("aria-current", +link.dataset.seek === offset);
    for (const [track, src] of tracks) {
      const now = offset ? `${src}?from=${offset}` : src;
      if (track.src !== now) track.src = now;
    }
    return whole || form.value + (starts[1] ? `/part-${starts.indexOf(offset) + 1}` : "");
  };
  const slides = [...box.querySelectorAll("[data-slides] a")], said = box.querySelector("[data-slide]");
  let slide = null;
  /** Shows the slide of this second: a player shows its still as long as what it plays has no picture. */
  const turn = () => {
    const now = started && shows("slides") ? slides.filter((one) => +one.dataset.seek <= where()).pop() : null;
    video.parentElement.classList.toggle("stills", Boolean(now));
    if (now === slide) return;
    slide?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", true);
    video.poster = now ? now.href : video.dataset.poster || "";
    said.textContent = now ? now.textContent : "";
    slide = now;
    const next = slides[slides.indexOf(now) + 1];
    if (now && next) new Image().src = next.href;
  };
  video.addEventListener("timeupdate", turn);

  const label = () => {
    const mb = (+chosen().dataset.size * (seconds - resume)) / seconds / 1e6;
    button.textContent = `▶ ${resume ? say(d.tResume, clock(resume)) : d.tPlay} · ${comma(mb)} MB`;
  };

  const note = watch(video, isHeardOnly, (a, b) => { played = united([...played, [a, b]]); furthest = Math.max(furthest, b); }, time);

  const show = (answer) => {
    base = answer.position;
    bar.value = answer.pct;
    bar.classList.toggle("done", answer.met);
    watched.textContent = answer.met ? d.tMet : say(d.tWatched, answer.pct);
    saved.textContent = say(d.tSaved, new Date(answer.saved_at).toLocaleTimeString("vi"));
    if (!answer.met) return;
    furthest = Infinity;
    box.dispatchEvent(new CustomEvent("lms:met", { bubbles: true }));
    for (const tag of document.querySelectorAll("[data-state][data-done]")) {
      tag.textContent = tag.dataset.done;
      tag.classList.add("good");
    }
  };

  const report = (ranges) => JSON.stringify({ token: d.token, ranges: ranges.slice(0, 64), position: Math.floor(where()) });

  const send = async () => {
    note();
    keep();
    clearTimeout(again);
    if (dead || sent.length || !played.length) return;
    [sent, played] = [played, []];
    try {
      const answer = await fetch(d.url, { method: "POST", body: report(sent), headers: { "Content-Type": "application/json" }, credentials: "omit" });
      dead = answer.status === 403;
      if (!answer.ok && answer.status !== 400) throw new Error(answer.status);
      pause = 5;
      if (answer.ok) {
        const body = await answer.json();
        // What the clock has not paid for and what was played meanwhile is reported again, also when the lecture has ended.
        played = united([...played, ...body.rest, ...sent.slice(64)]);
        if (played.length) again = setTimeout(send, +d.beat * 1000);
        // Only kept for the next report: buckets of which only a part was played.
        played = united([...played, ...sent.flatMap(edges).slice(-16)]);
        show(body);
      }
    } catch {
      played = united([...sent, ...played]);
      saved.textContent = dead ? d.tOld : d.tKept;
      // The last report of a lecture has no other after it: it is sent again, at first soon and then ever less often.
      again = setTimeout(send, pause * 1000);
      pause = Math.min(pause * 2, 60);
    }
    sent = [];
    keep();
  };

  const beacon = () => {
    note();
    keep();
    const all = united([...sent, ...played]);
    // The answer cannot be read, so the ranges are kept: a repetition is harmless.
    if (!dead && started && all.length) navigator.sendBeacon(d.url, new Blob([report(all)], { type: "text/plain" }));
  };

  const tick = () => {
    clearTimeout(timer);
    // A little out of step with the others who began on the minute.
    if (!video.paused) timer = setTimeout(() => { send(); tick(); }, (+d.beat - Math.random() * 5) * 1000);
  };

  const saving = navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType || "");
  const wish = read("lms-quality") || (saving ? "audio" : null);
  for (const form of forms) if (form.dataset.kind === wish) form.checked = true;
  if (forms.length) video.src = source(resume);
  // On a slow line the still would hold up the style of the page, so it comes last.
  const still = () => { if (video.dataset.poster) video.poster = video.dataset.poster; };
  document.readyState === "complete" ? still() : addEventListener("load", still);

  /** Fetches the chosen form from second *to* of the lecture. */
  const load = (to, was = !video.paused) => {
    note();
    resume = to;
    video.src = source(to);
    if (started) {
      video.addEventListener("loadedmetadata", () => { video.currentTime = resume - offset; if (was) video.play().catch(() => {}); }, { once: true });
      video.load();
    }
    turn();
    label();
  };
  for (const form of forms) form.addEventListener("change", () => { write("lms-quality", form.dataset.kind); load(where()); });

  /** Where streaming does not work after all, files do; where a part is not to be had, the whole. */
  const giveUp = () => {
    clearTimeout(patience);
    const { dataset } = chosen(), at = where();
    if (streaming && dataset.stream) streaming = false;
    else if (dataset.parts) delete dataset.parts;
    else return;
    load(at, started);
  };
  video.addEventListener("error", giveUp);
  video.addEventListener("loadedmetadata", () => clearTimeout(patience));

  const speed = box.querySelector("[data-rate]");
  speed.value = read("lms-rate") || 1;
  speed.addEventListener("change", () => { video.playbackRate = +speed.value; write("lms-rate", +speed.value); });
  // The browser's own menu may change it too; the next source begins at the same speed.
  video.addEventListener("ratechange", () => {
    video.defaultPlaybackRate = video.playbackRate;
    if ([...speed.options].some((one) => +one.value === video.playbackRate)) speed.value = video.playbackRate;
  });

  /** Goes to a place of the lecture, as soon as there is anything to go to. */
  const seek = (to) => {
    if (to > furthest + 1) {
      saved.textContent = say(d.tAhead, clock(furthest));
      to = furthest;
    }
    const go = () => { video.currentTime = to - offset; };
    if (starts.filter((one) => one <= to).pop() !== offset) load(to);
    else if (video.readyState) go(); else video.addEventListener("loadedmetadata", go, { once: true });
  };

  video.addEventListener("play", () => {
    if (!started) {
      if (!video.readyState) patience = setTimeout(giveUp, PATIENCE);
      started = video.controls = true;
      button.hidden = true;
      video.playbackRate = +speed.value;
      if (resume) seek(resume);
    }
    tick();
  });
  video.addEventListener("seeking", () => { if (where() > furthest + 1) seek(where()); });
  video.addEventListener("pause", send);
  video.addEventListener("ended", () => {
    const next = starts.find((one) => one > offset);
    if (next) load(next, true);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) beacon(); });
  addEventListener("pagehide", beacon);
  addEventListener("online", send);

  for (const link of box.querySelectorAll("[data-seek]")) link.addEventListener("click", (event) => {
    event.preventDefault();
    if (started) seek(+link.dataset.seek); else resume = Math.min(+link.dataset.seek, furthest);
    video.play().catch(() => {});
    video.scrollIntoView({ block: "nearest" });
  });

  const begin = () => { if (!started) video.play().catch(() => {}); };
  button.addEventListener("click", begin);
  video.addEventListener("click", begin);
  button.hidden = false;
  video.controls = false;
  label();
  send();
}
