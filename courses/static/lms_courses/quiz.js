// A test that survives a power cut: every answer is kept here first and sent within seconds.
import { Outbox, csrf, post } from "./outbox.js";

const quiz = document.getElementById("quiz");
const handIn = document.getElementById("hand-in");
const page = quiz || handIn;
const state = document.getElementById("state");

const outbox = new Outbox(`lms-attempt-${page.dataset.attempt}`, async ({ slot, value, seq }) => {
  const reply = await post(page.dataset.save, JSON.stringify({ slot, value, seq }));
  if (reply.out) return "out";
  if (reply.status === 409) {
    outbox.clear();
    location.assign(reply.data.url);
    return "done";
  }
  if (reply.status === 400) state.textContent = reply.data.text;
  else if (quiz) {
    state.textContent = state.dataset.sent.replace("%(time)s", reply.data.saved);
    // What is chosen here from now on is newer than what another page or device has sent.
    latest = Math.max(latest, reply.data.seq);
    const stands = reply.data.value;
    if (stands.length !== value.length || !stands.every((one) => value.includes(one))) {
      state.textContent = state.dataset.newer.replace("%(number)s", slot);
      choose(slot, stands);
      draw(now());
    }
    if (typeof reply.data.left === "number") setLeft(reply.data.left);
  }
  return "done";
}, (what) => { state.textContent = what === "out" ? state.dataset.out : state.dataset.kept; },
({ slot, value, seq }) => ({ url: page.dataset.save, type: "application/json", body: JSON.stringify({ slot, value, seq }), label: document.title }));

// --- the clock: seconds from the server, counted down by a clock that nobody can set

const clock = document.getElementById("clock");
const warn = document.getElementById("warn");
let endsAt = null;
let warned = null;

function setLeft(seconds) {
  endsAt = performance.now() + seconds * 1000;
}

function drawClock() {
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const minutes = Math.ceil(left / 60);
  if (warn && left && (minutes === 5 || minutes === 1) && warned !== minutes) {
    warned = minutes;
    warn.textContent = warn.dataset.text.replace("%(minutes)s", minutes);
  }
  if (left) return;
  clearInterval(ticking);
  if (warn) warn.textContent = warn.dataset.over;
  if (quiz) outbox.flush().finally(() => location.assign(quiz.dataset.review));
}

const told = page.dataset.left || (document.getElementById("left") || { dataset: {} }).dataset.left;
let ticking = 0;
if (clock && told !== undefined) {
  setLeft(Number(told));
  ticking = setInterval(drawClock, 1000);
}

// --- one question at a time, without asking the server

const sections = [...page.querySelectorAll("[data-slot]")];
const dots = [...page.querySelectorAll(".dots button")];
const unanswered = document.getElementById("unanswered");
let latest = Number(page.dataset.seq);

const chosen = (section) => [...section.querySelectorAll("input:checked")].map((input) => input.value);
const now = () => sections.findIndex((section) => !section.hidden);

function choose(slot, value) {
  const section = sections[slot - 1];
  if (section) for (const input of section.querySelectorAll("input")) input.checked = value.includes(input.value);
}

function draw(index) {
  sections.forEach((section, i) => { section.hidden = i !== index; });
  dots.forEach((dot, i) => {
    dot.className = `${chosen(sections[i]).length ? "done" : ""} ${i === index ? "now" : ""}`.trim();
    if (i === index) dot.setAttribute("aria-current", "step");
    else dot.removeAttribute("aria-current");
  });
  document.getElementById("q").value = index + 1;
  quiz.querySelector('[data-go="previous"]').hidden = index === 0;
  quiz.querySelector('[data-go="next"]').hidden = index === sections.length - 1;
  const open = sections.filter((section) => !chosen(section).length).length;
  unanswered.textContent = open ? unanswered.dataset.some.replace("%(count)s", open) : unanswered.dataset.none;
}

if (quiz) {
  // What was typed before the power failed and never sent stands above what the server knows.
  for (const { slot, value, seq } of outbox.items) {
    latest = Math.max(latest, seq);
    choose(slot, value);
  }

  quiz.addEventListener("change", (event) => {
    const section = event.target.closest("[data-slot]");
    const slot = Number(section.dataset.slot);
    latest += 1;
    draw(now());
    outbox.add({ id: `${slot}-${latest}`, key: slot, slot, value: chosen(section), seq: latest });
  });

  quiz.addEventListener("submit", (event) => {
    const go = event.submitter ? event.submitter.dataset.go : "next";
    if (go === "review") {
      event.preventDefault();
      outbox.flush().then((sent) => {
        if (sent === "done" || !outbox.items.length) location.assign(quiz.dataset.review);
      });
      return;
    }
    event.preventDefault();
    const index = go === "next" ? now() + 1 : go === "previous" ? now() - 1 : Number(go) - 1;
    if (index < 0 || index >= sections.length) return;
    draw(index);
    history.replaceState(null, "", `?q=${index + 1}`);
    const heading = sections[index].querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  });

  addEventListener("beforeunload", (event) => {
    if (outbox.items.length) event.preventDefault();
  });
  draw(Math.max(now(), 0));
  outbox.flush();
}

// --- handing in takes along what was not sent yet

if (handIn) {
  handIn.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = handIn.querySelector("button");
    button.disabled = true;
    handIn.pending.value = JSON.stringify(outbox.items.map(({ slot, value, seq }) => ({ slot, value, seq })));
    try {
      const response = await fetch(handIn.action, {
        method: "POST",
        body: new FormData(handIn),
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
        redirect: "manual",
      });
      const type = response.headers.get("Content-Type") || "";
      if (response.type === "opaqueredirect" || !type.includes("json")) state.textContent = state.dataset.out;
      else if (response.ok) {
        outbox.clear();
        location.assign((await response.json()).url);
        return;
      } else state.textContent = (await response.json()).text;
    } catch {
      state.textContent = state.dataset.kept;
    }
    button.disabled = false;
  });
  outbox.flush();
}
