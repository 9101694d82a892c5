// Compares a chosen PDF with the original on this device: the file is hashed here and never sent.
// Without crypto.subtle (no https) or without scripts the form posts the file and the server hashes it.
const form = document.querySelector("[data-compare]");
if (form && form.dataset.sha256 && globalThis.crypto?.subtle) {
  form.querySelector("[data-server]").hidden = true;
  form.querySelector("[data-browser]").hidden = false;
  form.querySelector("button").hidden = true;
  const answer = form.querySelector("[data-answer]");
  const compare = async () => {
    const file = form.elements.file.files[0];
    if (!file) return;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const same = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === form.dataset.sha256;
    answer.textContent = same ? form.dataset.match : form.dataset.differs;
    answer.className = same ? "note good" : "note bad";
    answer.hidden = false;
  };
  form.elements.file.addEventListener("change", compare);
  form.addEventListener("submit", (event) => { event.preventDefault(); compare(); });
}
