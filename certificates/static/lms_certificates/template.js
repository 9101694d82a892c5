// Shows the sample again, a moment after something in the form of a template changed.
const form = document.querySelector("form[data-template]");
const look = form?.querySelector("[data-look]");
let waiting;

function again() {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(look), 900);
}

if (form && look) {
  form.addEventListener("input", again);
  again();
}
