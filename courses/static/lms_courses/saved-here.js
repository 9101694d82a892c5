// On every page of a device that keeps something: sends what waits, and lets nobody see what another kept.
import "./store.js";
const store = self.lmsStore;
const told = document.querySelector("meta[name=lms-saved]")?.dataset;

export const site = told && { who: told.who, watched: told.watched };
const cookie = (name, value, age) => { document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax`; };
const left = () => /(?:^|; )lms_left=/.test(document.cookie);

/** A random id, also on plain http inside a hospital, where randomUUID is missing. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** From now on the server lets each page carry this script. */
export const mark = () => cookie("lms_saved", "1", 365 * 86400);

/** Keeps a row and the mark with it: before, for a browser that is killed; after, for a page that found nothing and unmarks. */
export const put = async (name, row) => {
  mark();
  await store.put(name, row);
  mark();
};

/** Registers the worker; resolves to its registration, or to nothing where there can be none. */
export const worker = async () => {
  try {
    await navigator.serviceWorker.register(told.worker, { scope: "/" });
    return await navigator.serviceWorker.ready;
  } catch { return null; }
};

/** Keeps a request to be sent: {id, url, type, body, label, owner}. The newest under an id stands. */
export const keep = async (item) => {
  await put("queue", { at: Date.now(), ...item });
  return send();
};

/** Sends what waits; what cannot go now goes by the worker when the network is back, or on the next page. */
export const send = async () => {
  const state = await store.flush(site);
  if (state === "later") {
    const registration = await worker();
    try { await registration.sync.register("lms-saved"); } catch { /* on the next page, then */ }
  }
  document.dispatchEvent(new CustomEvent("lms:sent", { detail: state }));
  return state;
};

/** A copy of what a page sends by itself, for the worker: {id, url, type, body, label}. */
export const later = async (items) => {
  if (!site || !told.owner) return;
  try {
    // In the order in which they were made.
    for (const [place, item] of items.entries()) await put("queue", { owner: told.owner, at: Date.now() + place, ...item });
    await (await worker()).sync.register("lms-saved");
  } catch { /* the page itself keeps it and sends it */ }
};
export const sent = (id) => site && store.drop("queue", id).catch(() => {});

const nothing = async () => !(await store.waiting()).length && !(await store.all("packs")).length;

/** Whose things may be shown: after signing out nobody's, after another has signed in only theirs. */
export const ready = (async () => {
  if (!told || !self.indexedDB || !self.caches) return "";
  let owner = told.owner;
  try {
    if (left()) {
      await store.leaveOnly("");
      cookie("lms_left", "", 0);
    }
    if (owner) await store.leaveOnly(owner);
    else owner = (await store.all("packs"))[0]?.owner || "";
    // Not waited for: on a line that hangs, what is kept here is shown all the same.
    if ((await store.waiting()).some((row) => !row.refused)) send();
    else if (await nothing()) {
      cookie("lms_saved", "", 0);
      if (!(await nothing())) mark();
    }
  } catch { /* a browser that keeps nothing */ }
  return owner;
})();
addEventListener("online", () => { if (site) send(); });
