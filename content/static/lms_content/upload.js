// Sends a recording part by part (tus 1.0): goes on after a cut, a pause or a reload of the page; nothing is sent twice.
const VERSION = { "Tus-Resumable": "1.0.0", "X-Requested-With": "XMLHttpRequest" };
const SMALLEST = 128 * 1024, LARGEST = 8 * 1024 * 1024, PART_SECONDS = 5, LONGEST_PAUSE = 30;
const MB = 1e6;
const number = (n) => n.toLocaleString(document.documentElement.lang || "vi", { maximumFractionDigits: n < 10 ? 1 : 0 });
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** One request. fetch tells no progress of what it sends, so it is the older way; a cut answers status 0. */
const ask = (method, url, headers, body, sent) => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.open(method, url);
  for (const [name, value] of Object.entries({ ...VERSION, ...headers })) request.setRequestHeader(name, value);
  if (sent) request.upload.onprogress = (event) => sent(event.loaded);
  request.timeout = 300_000;
  request.onloadend = () => resolve(request);
  ask.abort = () => request.abort();
  request.send(body);
});

for (const field of document.querySelectorAll("input[type=file][data-lms-upload]")) start(field);

function start(field) {
  const form = field.form, template = document.querySelector("[data-lms-upload-panel]");
  const uploaded = form?.querySelector("[name=uploaded]");
  if (!uploaded || !template) return;
  const box = template.content.firstElementChild.cloneNode(true), told = box.dataset, at = (name) => box.querySelector(`[data-${name}]`);
  const isRequired = field.required, fieldName = field.name;
  const csrf = () => ({ "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value });
  let file = null, url = "", offset = 0, state = "", round = 0, isSaving = false;
  box.hidden = true;
  field.after(box);

  /** The states: "" (the plain form), sending, waiting, paused, done, refused. */
  const show = (next, words) => {
    state = next;
    box.hidden = !next;
    box.classList.toggle("is-refused", next === "refused");
    at("pause").hidden = !["sending", "waiting", "paused"].includes(next);
    at("pause").textContent = next === "paused" ? told.tResume : told.tPause;
    box.querySelector("progress").hidden = next === "refused";
    at("state").textContent = words ?? (isSaving ? told.tSaving : "");
    if (next !== "sending") at("left").textContent = "";
    if (next === "refused") at("figures").textContent = "";
    // What comes part by part does not come with the form a second time.
    field.required = isRequired && !next;
    field.name = next && next !== "refused" ? "" : fieldName;
  };
  const figures = (bytes, speed) => {
    const percent = Math.floor((100 * bytes) / file.size), left = Math.ceil((file.size - bytes) / speed / 60);
    box.querySelector("progress").value = percent;
    at("figures").textContent = `${percent} % · ${number(bytes / MB)} / ${number(file.size / MB)} MB`;
    at("left").textContent = speed ? `· ${left > 1 ? told.tLeft.replace("%s", number(left)) : told.tLess}` : "";
  };
  const metadata = () => {
    const facility = field.dataset.facility || form.querySelector("[name=facility]")?.value || "";
    const fingerprint = [file.name, file.size, file.lastModified].join("|").slice(-300);
    return Object.entries({ filename: file.name, facility, fingerprint }).map(([key, value]) => `${key} ${base64(value)}`).join(",");
  };

  /** Waits longer after each failure, but not beyond the moment at which the network is back. */
  const rest = (tries) => new Promise((resolve) => {
    const seconds = Math.min(LONGEST_PAUSE, 2 ** Math.min(tries, 6) / 2) * (0.75 + Math.random() / 2);
    setTimeout(resolve, seconds * 1000);
    addEventListener("online", resolve, { once: true });
  });

  async function send() {
    const mine = ++round, isOver = () => mine !== round;
    let tries = 0, size = 2 * SMALLEST, isKnown = false;
    show("sending");
    while (!isOver()) {
      if (tries) {
        show("waiting", told.tWaiting);
        await rest(tries);
        if (isOver()) return;
      }
      let answer;
      if (!url) {
        answer = await ask("POST", field.dataset.lmsUpload, { ...csrf(), "Upload-Length": file.size, "Upload-Metadata": metadata() });
        if (isOver()) return;
        if (answer.status === 201) { url = answer.getResponseHeader("Location"); isKnown = false; continue; }
      } else if (!isKnown) {
        answer = await ask("HEAD", url, {});
        if (isOver()) return;
        if (answer.status === 200) {
          offset = +answer.getResponseHeader("Upload-Offset");
          isKnown = true;
          figures(offset, 0);
        }
      }
      if (isKnown && offset === file.size) return finish();
      if (isKnown) {
        const from = offset, began = performance.now();
        const part = file.slice(from, from + size);
        const speed = (bytes) => bytes / ((performance.now() - began) / 1000);
        answer = await ask("PATCH", url, { ...csrf(), "Upload-Offset": from, "Content-Type": "application/offset+octet-stream" }, part, (bytes) => {
          if (isOver()) return;
          if (state !== "sending") show("sending");
          figures(from + bytes, speed(bytes));
        });
        if (isOver()) return;
        if (answer.status === 204) {
          offset = +answer.getResponseHeader("Upload-Offset");
          size = Math.max(SMALLEST, Math.min(LARGEST, Math.round(speed(offset - from) * PART_SECONDS)));
          tries = 0;
          if (state !== "sending") show("sending");
          continue;
        }
        isKnown = false;
        size = Math.max(SMALLEST, Math.round(size / 2));
      }
      if (url && [404, 410].includes(answer.status) && tries < 5) {
        // Expired or swept: it begins anew.
        [url, isKnown] = ["", false];
        tries += 1;
        continue;
      }
      // Nobody can mend these by trying again.
      if (answer.status === 403) return show("paused", told.tSignedOut);
      if ([400, 404, 412, 413, 415, 429, 507].includes(answer.status)) {
        url = "";
        isSaving = false;
        return show("refused", answer.getResponseHeader("Content-Type")?.startsWith("text/plain") ? answer.responseText : `${answer.status}`);
      }
      tries += 1;
    }
  }

  function finish() {
    figures(file.size, 0);
    uploaded.value = url.split("/").filter(Boolean).pop();
    show("done", isSaving ? told.tSaving : told.tDone);
    if (isSaving) form.requestSubmit();
  }

  const stop = () => { round += 1; ask.abort?.(); };

  field.addEventListener("change", () => {
    stop();
    file = field.files[0] || null;
    [url, offset, uploaded.value] = ["", 0, ""];
    if (!file) return show("");
    at("name").textContent = file.name;
    figures(0, 0);
    send();
  });
  at("pause").addEventListener("click", () => {
    if (state === "paused") return send();
    stop();
    show("paused", told.tPaused);
  });
  at("discard").addEventListener("click", () => {
    stop();
    const gone = url || (uploaded.value && `${field.dataset.lmsUpload}${uploaded.value}/`);
    if (gone) ask("DELETE", gone, csrf());
    [url, offset, uploaded.value, field.value, isSaving] = ["", 0, "", "", false];
    show("");
    field.focus();
  });
  form.addEventListener("submit", (event) => {
    if (!["sending", "waiting", "paused"].includes(state)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isSaving = true;
    if (state === "paused") return send();
    show(state, told.tSaving);
  }, { capture: true });

  if (uploaded.value && told.arrived) {
    at("name").textContent = told.arrived;
    box.querySelector("progress").value = 100;
    show("done", told.tDone);
  }
}
