// After a check-in: shows the question "are you still there" while it stands. Asks only while somebody looks.
const card = document.querySelector("[data-stay]");

async function ask() {
  if (document.visibilityState === "visible") {
    try {
      const reply = await fetch(card.dataset.stay, { headers: { Accept: "application/json" }, redirect: "error" });
      if (reply.ok) document.getElementById("asks").hidden = !(await reply.json()).asks;
    } catch { /* no network: the page says so when something is sent */ }
  }
  setTimeout(ask, 60000);
}

if (card) {
  setTimeout(ask, 60000);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); }, { once: true });
}
