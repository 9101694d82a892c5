// The list of a room: one tap ticks at once, the server hears of it as soon as it can.
import { Outbox, form, newId, post } from "./outbox.js";

const list = document.getElementById("list");
const state = document.getElementById("state");
const count = document.getElementById("count");

if (list) {
  const outbox = new Outbox(`lms-room-${list.dataset.room}`, async ({ url, fields }) => {
    const reply = await post(url, form(fields));
    if (reply.out) return "out";
    if (reply.data.row) {
      const old = document.getElementById(`p${fields.set.split(":")[0]}`);
      if (old) {
        const had = document.activeElement === old;
        old.insertAdjacentHTML("afterend", reply.data.row);
        const fresh = old.nextElementSibling;
        old.remove();
        if (had) fresh.focus();
      }
      count.textContent = reply.data.count;
      state.textContent = state.dataset.sent.replace("%(time)s", reply.data.at);
    } else {
      state.textContent = reply.data.text || "";
      if (reply.status === 409) location.reload();
    }
    return "done";
  }, (what) => { state.textContent = what === "out" ? state.dataset.out : state.dataset.kept; });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button.tick");
    if (!button) return;
    event.preventDefault();
    const id = newId();
    button.setAttribute("aria-checked", button.value.endsWith(":1") ? "true" : "false");
    outbox.add({ id, url: list.getAttribute("action"),
      fields: { set: button.value, client_id: id, client_at: new Date().toISOString() } });
    button.value = button.value.replace(/.$/, (last) => (last === "1" ? "0" : "1"));
  });
  outbox.flush();
}
