// Check-in on a weak phone: a code that cannot be sent is kept and sent when there is a network.
import { Outbox, form, newId, post } from "./outbox.js";

const element = document.getElementById("form");
const answer = document.getElementById("answer");
const select = document.getElementById("s");

function tell(id, data) {
  const piece = document.getElementById(id).content.cloneNode(true);
  if (data) {
    const head = piece.querySelector("h2, strong");
    head.textContent = (id === "good" ? "✓ " : "") + (data.title || "");
    (piece.querySelector("p, span")).textContent = data.text || "";
  }
  answer.replaceChildren(piece);
}

const outbox = new Outbox("lms-check-in", async ({ url, fields }) => {
  const reply = await post(url, form(fields));
  if (reply.out) return "out";
  const { data, status } = reply;
  if (status === 429) {
    tell("refused", data);
    return "later";
  }
  tell(data.state === "recorded" ? "good" : data.state === "already" ? "already" : "refused", data);
  if (data.state === "recorded" && element.code) element.code.value = "";
  return "done";
}, (state) => {
  if (state === "out") tell("out");
  else if (!answer.querySelector(".bad")) tell("kept");
}, ({ url, fields }) => ({ url, type: "application/x-www-form-urlencoded", body: String(new URLSearchParams(fields)), label: document.title }));

element.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = { client_id: newId() };
  for (const [name, value] of new FormData(element)) if (name !== "csrfmiddlewaretoken") fields[name] = value;
  const sent = { id: fields.client_id, url: element.getAttribute("action"), fields };
  answer.replaceChildren();
  // A first try without a time: only what had to wait says when it was typed.
  const typed = new Date().toISOString();
  try {
    if ((await outbox.send(sent)) === "done") return;
  } catch { /* no network */ }
  sent.fields.client_at = typed;
  outbox.add(sent);
});

if (select) select.addEventListener("change", () => {
  document.getElementById("site-name").textContent = select.selectedOptions[0].textContent;
});
