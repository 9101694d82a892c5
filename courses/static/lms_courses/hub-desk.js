// The hub's desk: asks what changed, and shows it in place; nothing is fetched while nobody looks.
const desk = document.querySelector("[data-desk]");
let tag = "";

async function renew() {
  if (!document.hidden) {
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const response = await fetch(desk.dataset.desk, { headers, redirect: "error", cache: "no-store" });
      if (response.status === 200) {
        tag = response.headers.get("ETag") ?? "";
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        desk.replaceChildren(...page.body.childNodes);
      }
    } catch { /* try again */ }
  }
  setTimeout(renew, desk.dataset.seconds * 1000);
}

if (desk) setTimeout(renew, desk.dataset.seconds * 1000);
