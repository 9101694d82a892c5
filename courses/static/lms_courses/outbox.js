// Requests that must arrive: kept on this device until the server has answered, sent one after another.
import { later, sent } from "./saved-here.js";
export { newId } from "./saved-here.js";

export class Outbox {
  // name: the key in localStorage. send(item) resolves to "done", or "later" / "out" to keep the item.
  // wire(item): the same request as {url, type, body, label}, for the worker when this page is closed.
  constructor(name, send, changed, wire) {
    this.name = name;
    this.send = send;
    this.changed = changed || (() => {});
    this.wire = wire;
    this.memory = [];
    this.pause = 2000;
    addEventListener("online", () => this.flush());
    addEventListener("pageshow", () => this.flush());
  }

  get items() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) || [];
    } catch {
      return this.memory;
    }
  }

  set items(list) {
    this.memory = list;
    try {
      if (list.length) localStorage.setItem(this.name, JSON.stringify(list));
      else localStorage.removeItem(this.name);
    } catch { /* private mode: this page's memory must do */ }
  }

  // A newer item with the same key takes the place of an older one that was not sent.
  add(item) {
    this.items = [...this.items.filter((old) => item.key === undefined || old.key !== item.key), item];
    return this.flush();
  }

  clear() {
    if (this.wire) for (const item of this.items) sent(`${this.name} ${item.key ?? item.id}`);
    this.items = [];
  }

  async flush() {
    if (this.busy) return this.busy;
    this.busy = this.run().finally(() => { this.busy = null; });
    return this.busy;
  }

  async run() {
    clearTimeout(this.timer);
    let item;
    while ((item = this.items[0])) {
      let answer = "later";
      try {
        answer = await this.send(item);
      } catch { /* no network */ }
      if (answer !== "done") {
        this.changed(answer, this.items.length);
        if (this.wire) later(this.items.map((one) => ({ id: `${this.name} ${one.key ?? one.id}`, ...this.wire(one) })));
        this.pause = Math.min(this.pause * 2, 60000);
        this.timer = setTimeout(() => this.flush(), this.pause);
        return answer;
      }
      this.items = this.items.filter((other) => other.id !== item.id);
      if (this.wire) sent(`${this.name} ${item.key ?? item.id}`);
      this.pause = 2000;
    }
    return "done";
  }
}

// The cookie first: signing in again in another tab renews it, while this page keeps its old field.
export function csrf() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
}

// Resolves to {out: true} when signed out, to {status, data} when the server answered in JSON; rejects without network.
export async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "X-CSRFToken": csrf(), "X-Sent-At": new Date().toISOString() },
    credentials: "same-origin",
    redirect: "manual",
  });
  const type = response.headers.get("Content-Type") || "";
  if (response.type === "opaqueredirect" || (response.status === 403 && !type.includes("json"))) return { out: true };
  if (response.status >= 500) throw new Error("server");
  return { status: response.status, data: type.includes("json") ? await response.json() : {} };
}

export function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}
