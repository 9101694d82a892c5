// The list of a room: one tap ticks at once, the server hears of it as soon as it can.
// Ticks, people added and the confirmation leave in the order in which they were made, whatever the network did.
import { Outbox, form, newId, post } from "./outbox.js";

const list = document.getElementById("list");
const state = document.getElementById("state");
const count = document.getElementById("count");
const find = document.getElementById("q");
const stranger = document.getElementById("stranger");
const attest = document.getElementById("attest");

// "Đặng Thị Ưng" is found by "dang ung".
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");

function draw(item) {
  if (item.fields.set) {
    const [person, wanted] = item.fields.set.split(":");
    const row = document.getElementById(`p${person}`);
    if (!row) return;
    row.setAttribute("aria-checked", wanted === "1" ? "true" : "false");
    row.value = `${person}:${wanted === "1" ? "0" : "1"}`;
  } else if (item.fields.full_name) {
    const row = document.getElementById("kept").content.firstElementChild.cloneNode(true);
    row.id = `k${item.id}`;
    row.querySelector("strong").textContent = item.fields.full_name;
    row.querySelector(".small").textContent = item.fields.birth_year;
    list.prepend(row);
  } else if (item.fields.head_count) {
    document.getElementById("confirmed").hidden = false;
    for (const one of [stranger, attest]) one.hidden = true;
    for (const row of list.querySelectorAll("button.tick")) row.disabled = true;
  }
}

function replace(old, html) {
  if (!old) return;
  const had = document.activeElement === old;
  old.insertAdjacentHTML("afterend", html);
  const fresh = old.nextElementSibling;
  old.remove();
  if (had) fresh.focus();
}

if (list) {
  const outbox = new Outbox(`lms-room-${list.dataset.room}`, async ({ id, url, fields }) => {
    const reply = await post(url, form(fields));
    if (reply.out) return "out";
    const { row, text, at } = reply.data;
    if (row) {
      const twin = reply.data.person && document.getElementById(`p${reply.data.person}`);
      replace(document.getElementById(fields.set ? `p${fields.set.split(":")[0]}` : `k${id}`) || twin, row);
      if (twin && !fields.set) twin.remove();
      count.textContent = reply.data.count;
      state.textContent = state.dataset.sent.replace("%(time)s", at);
    } else if (fields.full_name) {
      // Not taken: the words stay on the screen with the reason, to be corrected and sent again.
      const kept = document.getElementById(`k${id}`);
      if (kept) kept.querySelector(".tag").textContent = text;
      for (const [name, value] of Object.entries(fields)) if (stranger.elements[name]) stranger.elements[name].value = value;
      stranger.parentElement.open = true;
      state.textContent = text;
    } else {
      state.textContent = text || "";
      if (reply.status === 409 || reply.data.locked) setTimeout(() => location.reload(), 0);
    }
    return "done";
  }, (what) => { state.textContent = what === "out" ? state.dataset.out : state.dataset.kept; },
  ({ url, fields }) => ({ url, type: "application/x-www-form-urlencoded", body: String(new URLSearchParams(fields)), label: document.title }));

  const keep = (item) => { draw(item); outbox.add(item); };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button.tick");
    if (!button) return;
    event.preventDefault();
    if (!button.value) return;
    const id = newId();
    keep({ id, url: list.getAttribute("action"),
      fields: { set: button.value, client_id: id, client_at: new Date().toISOString() } });
  });
  stranger?.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = newId();
    const { full_name, birth_year, contact } = Object.fromEntries(new FormData(stranger));
    keep({ id, url: stranger.getAttribute("action"),
      fields: { full_name, birth_year, contact, client_id: id, client_at: new Date().toISOString() } });
    stranger.reset();
    stranger.parentElement.open = false;
  });
  attest?.addEventListener("submit", (event) => {
    event.preventDefault();
    keep({ id: newId(), url: attest.getAttribute("action"), fields: { head_count: new FormData(attest).get("head_count") } });
  });
  find?.addEventListener("input", () => {
    const words = fold(find.value).split(/\s+/);
    for (const row of list.querySelectorAll("button.tick")) {
      const name = fold(row.querySelector("strong").textContent);
      row.hidden = !words.every((word) => name.includes(word));
    }
  });
  // Without network the server cannot look further than this list.
  find?.form.addEventListener("submit", (event) => { if (!navigator.onLine) event.preventDefault(); });
  outbox.items.forEach(draw);
  outbox.flush();
}
