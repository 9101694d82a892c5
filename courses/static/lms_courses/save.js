// Keeps chosen lessons on the device: their size first, progress meanwhile, a plain word when it is full.
import { csrf } from "./outbox.js";
import { mark, put, site, worker } from "./saved-here.js";

const store = self.lmsStore, form = document.getElementById("save"), t = form.dataset;
const button = form.querySelector("button"), state = document.getElementById("state"), bar = document.getElementById("bar");
const boxes = [...form.querySelectorAll("[name=lesson]")];
const owner = document.querySelector("meta[name=lms-saved]").dataset.owner;
const mb = (bytes) => (Math.max(bytes, 1e5) / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });
const say = (text, values) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name]).replace("%%", "%");
const kind = () => form.querySelector("[name=kind]:checked")?.value;
const fitting = (sizes) => sizes[kind()] ?? sizes.audio ?? Object.values(sizes)[0] ?? 0;
const sizes = (box) => Object.fromEntries([...box.attributes].filter((one) => one.name.startsWith("data-size-")).map((one) => [one.name.slice(10), +one.value]));
const weight = (box) => fitting(sizes(box)) + +box.dataset.extra;

const draw = () => {
  for (const box of boxes) box.closest("li").querySelector("[data-mb]").textContent = `${mb(weight(box))} MB`;
  const chosen = boxes.filter((box) => box.checked);
  const total = chosen.reduce((sum, box) => sum + (weight(box)), 0);
  button.disabled = !chosen.length;
  button.textContent = chosen.length ? `${t.tTotal} · ${mb(total)} MB` : t.tNone;
};

/** Fetches *url* into *cache*, telling *tell* how many bytes have come; what is there already is not fetched again. */
async function fetchInto(cache, url, tell) {
  if (await cache.match(url)) return;
  const answer = await fetch(url, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const counted = answer.body.pipeThrough(new TransformStream({ transform(piece, out) { tell(piece.length); out.enqueue(piece); } }));
  await cache.put(url, new Response(counted, { headers: { "Content-Type": answer.headers.get("Content-Type") || "" } }));
}

/** The files a kept lesson needs: its lecture, and what stands in its text. */
function filesOf(pack) {
  const text = new DOMParser().parseFromString(pack.html, "text/html");
  const found = [...text.querySelectorAll(".document a[href], img[src], audio[src]")].map((one) => one.getAttribute("href") || one.getAttribute("src"));
  if (pack.video) {
    const form = pack.video.forms.find((one) => one.kind === kind()) || pack.video.forms[0];
    pack.video = { ...pack.video, form };
    if (form.stills) found.push(form.stills.url);
    found.push(form.url, ...pack.video.captions.map((one) => one.url));
  }
  return [...new Set(found)].filter((url) => url.startsWith("/"));
}

async function save(box) {
  const { number } = box.dataset, whole = weight(box) || 1;
  let got = 0;
  const tell = (bytes) => {
    got += bytes;
    bar.value = Math.min(100, Math.round((got * 100) / whole));
    state.textContent = say(t.tBusy, { number, pct: bar.value });
  };
  tell(0);
  const answer = await fetch(box.value, { method: "POST", headers: { "X-CSRFToken": csrf(), Accept: "application/json" }, credentials: "same-origin", redirect: "error" });
  const pack = await answer.json();
  if (!answer.ok) throw Object.assign(new Error("refused"), { text: pack.text });
  const cache = await caches.open(store.MEDIA + owner), had = await store.get("packs", pack.id);
  const files = filesOf(pack);
  try {
    for (const url of files) await fetchInto(cache, url, tell);
    await put("packs", { ...pack, files, bytes: whole, at: Date.now() });
  } catch (error) {
    // Half a lesson is no lesson; what an earlier one uses stays.
    for (const url of files) if (!had?.files.includes(url)) await cache.delete(url);
    throw error;
  }
}

form.addEventListener("change", draw);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  let number = 0;
  button.disabled = true;
  bar.hidden = false;
  try {
    mark();
    await worker();
    await navigator.storage?.persist?.();
    for (const box of boxes.filter((one) => one.checked)) {
      ({ number } = box.dataset);
      await save(box);
      box.checked = false;
      box.closest("li").querySelector("[data-mb]").textContent = "✓";
    }
    state.textContent = t.tDone;
  } catch (error) {
    const isFull = error.name === "QuotaExceededError" || /quota/i.test(error.message);
    state.textContent = error.text || say(isFull ? t.tFull : t.tFailed, { number });
  }
  bar.hidden = true;
  button.disabled = !boxes.some((box) => box.checked);
});

if (site && self.caches && self.indexedDB && navigator.serviceWorker) {
  draw();
  navigator.storage?.estimate?.().then(({ quota, usage }) => {
    document.getElementById("space").textContent = say(t.tSpace, { free: mb(quota - usage) });
  });
} else state.textContent = t.tCannot;
