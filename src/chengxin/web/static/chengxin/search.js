// Suggestions under the search box: a combobox by the ARIA pattern. Without this file the form is a plain GET.
// Silent while an input method composes; the Enter that ends composing never submits.
// Addresses stay in logs and in the browser's history: what may be a citizen's number is never part of one.

const WAIT = 250, LEAST = 2;

// How a citizen's number begins: province, five digits, year of birth; also spaced out, and while it is being typed.
const BETWEEN = "[\\s\\-–—·.]{0,2}", CENTURY = `(?:1${BETWEEN}9|2${BETWEEN}0)`;
const PERSON = new RegExp(`(?:^|[^0-9A-Za-z])${["[1-8]", ...Array(5).fill("\\d"), CENTURY, "\\d", "\\d"].join(BETWEEN)}`);

for (const form of document.querySelectorAll("form[data-suggest]")) combobox(form);

function combobox(form) {
  const input = form.querySelector("input"), list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[role=status]");
  let timer = 0, asked = null, at = -1, hits = [], composing = false;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  input.addEventListener("compositionstart", () => { composing = true; close(); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", (event) => { if (!composing && !event.isComposing) later(); });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || composing || event.keyCode === 229) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    else if (event.key === "ArrowDown" && hits.length) { event.preventDefault(); open(); choose((at + 1) % hits.length); }
    else if (event.key === "ArrowUp" && hits.length) { event.preventDefault(); open(); choose((at <= 0 ? hits.length : at) - 1); }
    else if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); location.assign(hits[at].url); }
  });
  form.addEventListener("submit", (event) => {
    if (composing || !input.value.trim()) event.preventDefault();
    form.method = PERSON.test(plain()) ? "post" : "get";
  });

  function plain() { return input.value.normalize("NFKC").trim(); }

  function later() {
    clearTimeout(timer);
    if (asked) asked.abort();
    const text = plain();
    if (text.length < LEAST || PERSON.test(text)) { hits = []; status.textContent = ""; return close(); }
    timer = setTimeout(() => ask(text), WAIT);
  }

  async function ask(text) {
    asked = new AbortController();
    const slow = setTimeout(() => { status.textContent = form.dataset.waiting; }, 400);
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      hits = found.hits;
      draw();
      status.textContent = found.status;
    } catch (error) {
      if (error.name !== "AbortError") { hits = []; close(); status.textContent = ""; }
    } finally {
      clearTimeout(slow);
    }
  }

  function draw() {
    at = -1;
    list.replaceChildren(...hits.map((hit, place) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${place}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.lang = "zh-Hans";
      row.append(...marked(hit.name));
      const small = document.createElement("small"), code = document.createElement("span");
      code.className = "num";
      code.textContent = hit.code;
      small.append(code, ...[hit.region, hit.status].filter(Boolean).map((text) => ` · ${text}`));
      if (hit.other.length) small.append(document.createElement("br"), `${hit.other_kind}：`, ...marked(hit.other));
      row.append(small);
      row.addEventListener("mousedown", (event) => event.preventDefault());
      row.addEventListener("click", () => location.assign(hit.url));
      return row;
    }));
    if (hits.length && document.activeElement === input) open(); else close();
  }

  function marked(pieces) {
    return pieces.map(([text, hit]) => {
      if (!hit) return document.createTextNode(text);
      const mark = document.createElement("mark");
      mark.textContent = text;
      return mark;
    });
  }

  function choose(place) {
    at = place;
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function open() { list.hidden = false; input.setAttribute("aria-expanded", "true"); }

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}
