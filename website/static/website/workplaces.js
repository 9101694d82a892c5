// Suggests facilities while a workplace is typed. Without this script the form asks after it is sent.
const list = document.getElementById("workplaces");
const input = list && document.querySelector(`input[list="${list.id}"]`);
let waiting;
input?.addEventListener("input", () => {
  clearTimeout(waiting);
  const words = input.value.trim();
  if (words.length < 2) return;
  waiting = setTimeout(async () => {
    try {
      const answer = await fetch(`${list.dataset.url}?q=${encodeURIComponent(words)}`);
      const { names } = await answer.json();
      // A data list filters by what is typed, so accents must not matter: the typed words lead each label.
      list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name, label: `${name} (${words})` })));
    } catch { /* no network: the form asks later */ }
  }, 250);
});
