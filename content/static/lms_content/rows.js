// Adds rows to a form and fades removed ones; without this script the page's empty rows do.
for (const rows of document.querySelectorAll("[data-lms-rows]")) {
  const list = rows.querySelector("[data-lms-rows-list]");
  const empty = rows.querySelector("[data-lms-rows-empty]");
  const add = rows.querySelector("[data-lms-rows-add]");
  const total = rows.querySelector("input[name$=-TOTAL_FORMS]");
  const most = Number(rows.querySelector("input[name$=-MAX_NUM_FORMS]").value);
  const room = () => { add.disabled = Number(total.value) >= most; };

  add.hidden = false;
  rows.querySelector("[data-lms-rows-plain]").hidden = true;
  room();
  add.addEventListener("click", () => {
    const number = total.value;
    const row = empty.content.firstElementChild.cloneNode(true);
    for (const node of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["id", "name", "for", "aria-label"]) {
        const value = node.getAttribute(name);
        if (value) node.setAttribute(name, value.replaceAll("__prefix__", number));
      }
    }
    list.append(row);
    total.value = Number(number) + 1;
    room();
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  list.addEventListener("change", (event) => {
    if (event.target.name?.endsWith("-DELETE")) {
      event.target.closest("[data-lms-row]").classList.toggle("is-removed", event.target.checked);
    }
  });
}
