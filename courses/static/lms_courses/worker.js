// Answers without a network: the page of what is kept, and what it is made of. No answer made for a person is kept.
/* global LMS, lmsStore */
importScripts(LMS.store);
const SHELL = "lms-shell";

async function fetchShell() {
  const cache = await caches.open(SHELL);
  for (const path of LMS.pages) {
    // Without cookies, so that it cannot be anybody's.
    const answer = await fetch(path, { credentials: "omit", cache: "no-cache" });
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.clone().text();
    const parts = [...text.matchAll(/(?:href|src)="([^"]+\.(?:css|js|svg))"/g)].map((found) => found[1]);
    await cache.addAll(parts.map((part) => new Request(part, { credentials: "omit", cache: "no-cache" })));
    await cache.put(path, answer);
  }
}

async function shellFor(path) {
  // The page in the language of the address: "/en/…" has its own.
  const page = LMS.pages.find((one) => path.startsWith(one.slice(0, one.indexOf("learn/")))) || LMS.pages[0];
  return (await caches.match(page, { cacheName: SHELL, ignoreVary: true })) || Response.error();
}

async function part(request) {
  const kept = await caches.match(request, { cacheName: SHELL, ignoreVary: true });
  if (kept && /\.[0-9a-f]{12}\./.test(request.url)) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

addEventListener("install", (event) => event.waitUntil(fetchShell().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(LMS.statics)) event.respondWith(part(request));
  else if (request.mode === "navigate" && !LMS.never.some((one) => url.pathname.startsWith(one)))
    event.respondWith(fetch(request).catch(() => shellFor(url.pathname)));
});

addEventListener("sync", (event) => event.waitUntil(lmsStore.flush(LMS).then((state) => {
  if (state === "later") throw new Error("later");
})));
