// The lessons on this device: read, watched and answered without a network, and what waits to be sent.
import { clock, united, watch } from "./played.js";
import { keep, mark, newId, ready, send, site } from "./saved-here.js";

const store = self.lmsStore, root = document.getElementById("saved"), t = root.dataset;
const $ = (query, within = root) => within.querySelector(query);
const say = (text, values = {}) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name]).replace(/%%/g, "%");
const mb = (bytes) => (Math.max(bytes, 1e5) / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });
const address = document.querySelector("meta[name=lms-saved]").dataset.checkIn;
let owner = "", shown = [];

const say_state = (text) => { $("#state").textContent = text; };
const guarded = (work) => work.catch((error) => say_state(error.name === "QuotaExceededError" ? t.tFull : String(error.message)));

/** The file behind *url* as an address of this page, or nothing. */
async function fileOf(pack, url) {
  const found = await (await caches.open(store.MEDIA + pack.owner)).match(url);
  return found && found.blob();
}
const dataOf = (blob) => new Promise((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(blob);
});

// --- what waits

async function drawWaiting(result) {
  const rows = (await store.waiting()).filter((row) => row.owner === owner);
  const list = $("#waiting ul");
  list.replaceChildren(...rows.map((row) => {
    const line = document.createElement("li");
    line.textContent = `${row.label} – ${row.refused || (result === "out" ? t.tOut : t.tWaiting)}`;
    if (row.refused) {
      const away = document.createElement("button");
      Object.assign(away, { className: "btn quiet", type: "button", textContent: "×" });
      away.setAttribute("aria-label", row.label);
      away.onclick = async () => { await store.drop(row.token ? "watch" : "queue", row.id); drawWaiting(); };
      line.append(" ", away);
    }
    return line;
  }));
  $("#waiting").hidden = !rows.length;
  if (result === "done" && !rows.length) say_state(t.tSent);
}
document.addEventListener("lms:sent", (event) => { drawWaiting(event.detail); drawList(); });
$("#send").addEventListener("click", () => send());

// --- the list

/** How far a lecture is watched; of a recording, how much of its session counts, which only the server knows. */
const watched = (film) => say(film.makes_up ? t.tCounted : t.tWatched, film);

async function drawList() {
  const packs = (await store.all("packs")).filter((pack) => pack.owner === owner);
  packs.sort((a, b) => a.course.localeCompare(b.course) || a.number - b.number);
  shown = packs;
  $("#list .empty").hidden = packs.length > 0;
  const list = $("#list .outline");
  list.hidden = !packs.length;
  $("#total").textContent = packs.length ? say(t.tTotal, { count: packs.length, mb: mb(packs.reduce((sum, pack) => sum + pack.bytes, 0)) }) : "";
  list.replaceChildren(...packs.map((pack) => {
    const line = $("#row").content.cloneNode(true).firstElementChild;
    $(".mark", line).textContent = pack.met ? "✓" : pack.mark || pack.number;
    $(".mark", line).classList.toggle("done", Boolean(pack.met));
    const link = $("a", line);
    link.textContent = pack.title;
    link.href = `#${pack.id}`;
    const facts = [pack.course, say(t.tMb, { mb: mb(pack.bytes) }), say(t.tUntil, { day: new Date(pack.until).toLocaleDateString("vi") })];
    if (pack.video) facts.splice(1, 0, watched(pack.video));
    $("small", line).textContent = facts.join(" · ");
    const away = $("button", line);
    away.setAttribute("aria-label", `${away.textContent}: ${pack.title}`);
    away.onclick = async () => { await store.forget(pack); drawList(); };
    return line;
  }));
}

// --- one lesson

async function open(pack) {
  const article = $("#lesson");
  $("[data-title]", article).textContent = pack.mark ? pack.title : `${pack.number}. ${pack.title}`;
  for (const name of ["media", "body", "quiz"]) $(`[data-${name}]`, article).replaceChildren();
  $("[data-read]", article).hidden = true;
  $("[data-transcript]", article).hidden = !pack.video?.transcript;
  if (pack.video?.transcript) $("[data-transcript] p", article).textContent = pack.video.transcript;
  if (new Date(pack.until) < new Date()) return say_state(t.tOld);
  await body(pack, $("[data-body]", article));
  if (pack.video) await player(pack, $("[data-media]", article));
  if (pack.quiz) quiz(pack, $("[data-quiz]", article));
  if (pack.read) {
    $("[data-read]", article).hidden = Boolean(pack.met);
    $("[data-read] button", article).onclick = () => guarded((async () => {
      await store.put("packs", { ...pack, met: true });
      $("[data-read]", article).hidden = true;
      say_state(t.tHaveRead);
      await keep({ id: `read-${pack.id}`, owner, url: pack.read, type: "application/x-www-form-urlencoded", body: "", label: say(t.tRead, pack) });
    })());
  }
}

async function body(pack, place) {
  // From our own server, drawn by its templates; the policy of the page lets no script of it run.
  const text = new DOMParser().parseFromString(pack.html, "text/html");
  for (const one of text.querySelectorAll("img[src], audio[src], .document a[href]")) {
    const name = one.localName === "a" ? "href" : "src", blob = await fileOf(pack, one.getAttribute(name));
    if (!blob) continue;
    one.setAttribute(name, one.localName === "img" ? await dataOf(blob) : URL.createObjectURL(blob));
    if (one.localName === "a") one.download = `${one.textContent.trim()}.${(blob.type.split("/")[1] || "pdf").slice(0, 4)}`;
  }
  place.replaceChildren(...text.body.childNodes);
}

/** Shows the slide of each second while the sound plays. */
async function slides(pack, video, words) {
  const { url, slides: all } = pack.video.form.stills, blob = await fileOf(pack, url);
  if (!blob) return;
  let shown = null;
  const turn = async () => {
    const now = all.filter((one) => one.at <= video.currentTime).pop();
    if (!now || now === shown) return;
    shown = now;
    words.textContent = now.title;
    const picture = await dataOf(blob.slice(now.start, now.end, "image/webp"));
    if (shown === now) video.poster = picture;
  };
  video.addEventListener("timeupdate", turn);
  video.addEventListener("loadedmetadata", turn);
}

async function player(pack, place) {
  const film = pack.video, blob = await fileOf(pack, film.form.url);
  if (!blob) return say_state(t.tGone);
  place.replaceChildren($("#media").content.cloneNode(true));
  const video = $("video", place), bar = $("progress", place), words = $("[data-watched]", place), kept = $("[data-kept]", place);
  const old = (await store.all("watch")).find((row) => row.pack === pack.id && row.token === film.token && !row.refused);
  const row = old || { id: newId(), pack: pack.id, owner, token: film.token, ranges: [], position: film.position, played: 0, begun: "", label: say(t.tWatch, pack) };
  $(".player", place).classList.toggle("sound", film.form.kind === "audio");
  $(".player", place).classList.toggle("stills", Boolean(film.form.stills));
  for (const one of film.captions) {
    const text = await fileOf(pack, one.url);
    if (text) video.append(Object.assign(document.createElement("track"), { kind: "captions", srclang: one.language, label: one.language, src: URL.createObjectURL(text) }));
  }
  const draw = () => {
    const all = united(row.ranges).reduce((sum, [a, b]) => sum + b - a, 0), pct = film.makes_up ? film.pct : Math.min(100, Math.max(film.pct, Math.floor((all * 100) / film.seconds)));
    bar.value = pct;
    words.textContent = watched({ ...film, pct });
  };
  let stamp = performance.now(), since = 0;
  const store_row = async () => {
    Object.assign(row, { position: Math.floor(video.currentTime), ended: new Date().toISOString(), ranges: united(row.ranges) });
    await store.put("watch", { ...row });
    await store.put("packs", { ...(await store.get("packs", pack.id)), video: { ...film, position: row.position } });
    kept.textContent = t.tWaiting;
    draw();
  };
  if (film.form.stills) await slides(pack, video, $("[data-slide]", place));
  const look = watch(video, () => film.form.kind === "audio" || Boolean(film.form.stills), (from, to) => {
    const now = performance.now();
    row.begun = row.begun || new Date().toISOString();
    // By a clock that nobody can set: what is between two looks, and no more than what was played at this speed.
    row.played += Math.min((now - stamp) / 1000, (to - from) / video.playbackRate + 0.5);
    row.ranges = united([...row.ranges, [from, to]]);
    if ((since += to - from) < 5) return;
    since = 0;
    guarded(store_row());
  });
  video.addEventListener("timeupdate", () => { stamp = performance.now(); });
  const end = async () => { look(); await guarded(store_row()); if (navigator.onLine) await send(); };
  video.addEventListener("pause", end);
  addEventListener("pagehide", () => { look(); store_row(); }, { once: true });
  video.addEventListener("loadedmetadata", () => { const at = row.position || film.position; if (at < film.seconds - 5) video.currentTime = at; }, { once: true });
  // Only now: it comes from this device, so quickly that whoever listens later has missed its beginning.
  video.src = URL.createObjectURL(blob);
  $("#rate", place).onchange = (event) => { video.playbackRate = +event.target.value; };
  const chapters = $(".chapters", place);
  chapters.hidden = !film.chapters.length;
  if (film.makes_up) $("strong", chapters).textContent = t.tMissed;
  $("ol", chapters).replaceChildren(...film.chapters.map((chapter) => {
    const line = document.createElement("li"), button = document.createElement("button");
    Object.assign(button, { className: "btn quiet", type: "button", textContent: `${chapter.clock} ${chapter.title}`, onclick: () => { video.currentTime = chapter.at; video.play(); } });
    line.append(button);
    return line;
  }));
  if (row.ranges.length) kept.textContent = t.tWaiting;
  draw();
  mark();
}

function quiz(pack, place) {
  const test = pack.quiz;
  place.replaceChildren($("#quiz").content.cloneNode(true));
  const form = $("form", place), kept = $("[data-kept]", place), button = $("button", place);
  for (const question of [...test.questions].reverse()) {
    const box = document.createElement("fieldset"), legend = document.createElement("legend");
    legend.innerHTML = `${question.slot}. ${question.stem}`;
    box.append(legend);
    for (const option of question.options) {
      const label = document.createElement("label"), input = document.createElement("input"), text = document.createElement("span");
      label.className = "option";
      Object.assign(input, { type: question.multiple ? "checkbox" : "radio", name: `a${question.slot}`, value: option.id, checked: question.chosen.includes(option.id), disabled: test.handed });
      text.innerHTML = option.text;
      label.append(input, text);
      box.append(label);
    }
    box.dataset.slot = question.slot;
    form.prepend(box);
  }
  const handed = () => {
    button.hidden = true;
    kept.textContent = t.tHanded;
    for (const input of form.querySelectorAll("input")) input.disabled = true;
  };
  if (test.handed) handed();
  form.addEventListener("change", (event) => guarded((async () => {
    const box = event.target.closest("fieldset"), slot = +box.dataset.slot;
    const value = [...box.querySelectorAll("input:checked")].map((input) => input.value);
    test.seq += 1;
    test.questions.find((one) => one.slot === slot).chosen = value;
    await store.put("packs", pack);
    kept.textContent = t.tWaiting;
    await keep({ id: `answer-${test.attempt}-${slot}`, owner, url: test.save, type: "application/json", body: JSON.stringify({ slot, value, seq: test.seq }), label: say(t.tAnswer, pack) });
  })()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    guarded((async () => {
      const pending = test.questions.filter((one) => one.chosen.length).map(({ slot, chosen }) => ({ slot, value: chosen, seq: test.seq }));
      test.handed = true;
      await store.put("packs", { ...pack, met: true });
      handed();
      await keep({ id: `submit-${test.attempt}`, owner, url: test.submit, type: "application/x-www-form-urlencoded", body: String(new URLSearchParams({ nonce: test.nonce, pending: JSON.stringify(pending) })), label: say(t.tSubmit, pack) });
    })());
  });
}

// --- checking in, and the way around

$("#check-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = event.target.code.value, id = newId();
  guarded((async () => {
    const body = String(new URLSearchParams({ code, client_id: id, client_at: new Date().toISOString() }));
    event.target.reset();
    await keep({ id, owner, url: address, type: "application/x-www-form-urlencoded", body, label: say(t.tCheckin, { code }) });
  })());
});

async function route() {
  const wanted = location.hash.slice(1), pack = shown.find((one) => one.id === wanted || (!wanted && one.url === location.pathname));
  $("#list").hidden = Boolean(pack);
  $("#lesson").hidden = !pack;
  $("#top").hidden = Boolean(pack);
  say_state("");
  if (pack) {
    await open(await store.get("packs", pack.id));
    $("#lesson [data-title]").focus({ preventScroll: true });
  }
  else await drawList();
}

/** With a network: whose session it is, and every lesson once a day anew, or gone when it is no longer theirs. */
async function renew() {
  // A line that hangs is no network: the page does not wait for it.
  const me = await (await fetch(site.who, { credentials: "same-origin", signal: AbortSignal.timeout(5000) })).json();
  if (!me.owner) return;
  await store.leaveOnly(me.owner);
  owner = me.owner;
  for (const pack of (await store.all("packs")).filter((one) => Date.now() - one.at > 864e5 && !one.quiz)) {
    const answer = await fetch(pack.renew, { method: "POST", headers: { "X-CSRFToken": me.csrf, Accept: "application/json" }, credentials: "same-origin", redirect: "error" });
    if (answer.status === 404 || answer.status === 409) await store.forget(pack);
    if (!answer.ok) continue;
    const fresh = await answer.json(), form = fresh.video?.forms.find((one) => one.url === pack.video?.form.url);
    if (fresh.video && !form) continue;
    await store.put("packs", { ...pack, ...fresh, ...(form ? { video: { ...fresh.video, form } } : {}), at: Date.now() });
  }
}

addEventListener("hashchange", () => route());
const line = () => { $("#offline").hidden = navigator.onLine; };
addEventListener("online", line);
addEventListener("offline", line);
line();
owner = await ready;
try { await renew(); } catch { $("#offline").hidden = false; }
await drawList();
await drawWaiting();
await route();
