// The screens with a code: asks for the next one when the present one runs out.
const screen = document.querySelector("[data-screen]");

function show(data) {
  for (const element of screen.querySelectorAll("[data-show]")) {
    const value = data[element.dataset.show];
    if (value === undefined) continue;
    if (element.tagName === "IMG") {
      if (element.getAttribute("src") !== value && value) element.src = value;
    } else element.textContent = value;
  }
}

async function renew() {
  let pause = 5;
  try {
    const response = await fetch(screen.dataset.screen, { headers: { Accept: "application/json" }, redirect: "error" });
    if (response.ok) {
      const data = await response.json();
      show(data);
      pause = Math.min(data.seconds + 0.2, 10);
    }
  } catch { /* try again */ }
  setTimeout(renew, pause * 1000);
}

if (screen) setTimeout(renew, Math.min(Number(screen.dataset.seconds) + 0.2, 10) * 1000);
