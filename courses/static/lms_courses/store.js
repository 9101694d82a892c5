// What this device keeps until the network is back: shared by pages and by the worker, which knows no modules.
(() => {
  const STORES = ["packs", "queue", "watch"];
  const MEDIA = "lms-media-";
  let opened = null;

  const open = () => opened || (opened = new Promise((done, failed) => {
    const asked = indexedDB.open("lms-saved", 1);
    asked.onupgradeneeded = () => { for (const name of STORES) asked.result.createObjectStore(name, { keyPath: "id" }); };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => { opened = null; failed(asked.error); };
  }));

  // "strict": on the disk before this is answered, so that a killed browser loses nothing.
  const run = async (name, mode, work) => {
    const base = await open();
    return new Promise((done, failed) => {
      const change = base.transaction(name, mode, { durability: "strict" });
      const asked = work(change.objectStore(name));
      change.oncomplete = () => done(asked && asked.result);
      change.onabort = change.onerror = () => failed(change.error || asked.error);
    });
  };
  const all = (name) => run(name, "readonly", (store) => store.getAll());
  const get = (name, id) => run(name, "readonly", (store) => store.get(id));
  const put = (name, row) => run(name, "readwrite", (store) => store.put(row));
  const drop = (name, id) => run(name, "readwrite", (store) => store.delete(id));

  // One after another, whoever sends: a page and the worker wait for each other where browsers can.
  const alone = (work) => (self.navigator.locks ? self.navigator.locks.request("lms-saved", work) : work());

  const postWatched = async (site) => {
    const rows = (await all("watch")).filter((row) => !row.refused && row.ranges.length).slice(0, 50);
    if (!rows.length) return;
    const reports = rows.map(({ id, token, ranges, position, played, begun, ended }) => (
      { id, token, ranges: ranges.slice(0, 64), position, played: Math.round(played), begun, ended }));
    const answer = await fetch(site.watched, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sent: new Date().toISOString(), reports }),
    });
    if (!answer.ok) throw new Error(answer.status);
    for (const result of (await answer.json()).results) {
      const row = await get("watch", result.id);
      if (!row) continue;
      const sent = rows.find((one) => one.id === row.id);
      if (result.refused) await put("watch", { ...row, refused: result.refused });
      // Played on meanwhile: it goes once more, and is the same report.
      else if (row.played > sent.played) continue;
      else if (result.rest.length || sent.ranges.length > 64) await put("watch", { ...row, ranges: [...result.rest, ...sent.ranges.slice(64)] });
      else await drop("watch", row.id);
      const pack = await get("packs", row.pack);
      if (pack && pack.video && !result.refused) await put("packs", { ...pack, met: pack.met || result.met, video: { ...pack.video, pct: result.pct, told: result.saved_at } });
    }
  };

  const postItems = async (site) => {
    const waiting = (await all("queue")).filter((item) => !item.refused).sort((a, b) => a.at - b.at);
    if (!waiting.length) return "done";
    const me = await (await fetch(site.who, { credentials: "same-origin", redirect: "error" })).json();
    // Somebody else's things wait until they themselves have signed in.
    const mine = waiting.filter((item) => item.owner === me.owner);
    if (!me.owner || !mine.length) return "out";
    for (const item of mine) {
      const answer = await fetch(item.url, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: { Accept: "application/json", "Content-Type": item.type, "X-CSRFToken": me.csrf, "X-Sent-At": new Date().toISOString() },
        body: item.body,
      });
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : null;
      if (answer.type === "opaqueredirect" || (answer.status === 403 && !told)) return "out";
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
      const now = await get("queue", item.id);
      if (!answer.ok) await put("queue", { ...item, refused: [told?.title, told?.text].filter(Boolean).join(": ") || String(answer.status) });
      else if (now && now.at === item.at) await drop("queue", item.id);
    }
    return mine.length < waiting.length ? "out" : "done";
  };

  // Resolves to "done", "out" (sign in again) or "later" (no network, or the server is busy).
  const flush = (site) => alone(async () => {
    try {
      await postWatched(site);
      return await postItems(site);
    } catch {
      return "later";
    }
  });

  const waiting = async () => {
    const [queue, watch] = await Promise.all([all("queue"), all("watch")]);
    return [...watch.filter((row) => row.ranges.length), ...queue];
  };

  const forget = async (pack) => {
    await drop("packs", pack.id);
    const kept = new Set((await all("packs")).filter((one) => one.owner === pack.owner).flatMap((one) => one.files));
    const cache = await caches.open(MEDIA + pack.owner);
    for (const url of pack.files) if (!kept.has(url)) await cache.delete(url);
  };

  // Lessons and files of everybody but *owner* go; what was not sent yet waits for its owner.
  const leaveOnly = async (owner) => {
    for (const pack of await all("packs")) if (pack.owner !== owner) await drop("packs", pack.id);
    for (const name of await caches.keys()) if (name.startsWith(MEDIA) && name !== MEDIA + owner) await caches.delete(name);
  };

  self.lmsStore = { MEDIA, all, get, put, drop, flush, waiting, forget, leaveOnly };
})();
