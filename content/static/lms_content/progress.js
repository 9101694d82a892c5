// Keeps the state of lectures fresh while they are processed; asks again every three seconds.
const PAUSE = 3000;

async function follow(cell) {
  const url = cell.dataset.lmsProgress;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (!cell.isConnected) return;
    if (document.hidden) continue;
    let now;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      now = await answer.json();
    } catch {
      continue;
    }
    cell.querySelector("[data-label]").textContent = now.label;
    cell.querySelector("[data-reason]").textContent = now.reason || now.note;
    const bar = cell.querySelector("progress");
    if (bar) bar.value = now.progress;
    const percent = cell.querySelector("[data-percent]");
    if (percent) percent.textContent = `${now.progress} %`;
    for (const form of now.forms) {
      const row = cell.querySelector(`[data-form="${form.kind}"]`);
      if (!row) continue;
      row.querySelector("progress").value = form.progress;
      row.querySelector("[data-share]").textContent = `${form.progress} %`;
    }
    if (!now.waiting) {
      if (document.querySelector(".lms-show")) location.reload();
      bar?.remove();
      percent?.remove();
      return;
    }
  }
}

function start() {
  for (const cell of document.querySelectorAll("[data-lms-progress]:not([data-followed])")) {
    cell.dataset.followed = "yes";
    follow(cell);
  }
}

start();
// The list is drawn anew by searching and filtering.
new MutationObserver(start).observe(document.body, { childList: true, subtree: true });
