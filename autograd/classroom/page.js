// Explore: it shows what Python answers (worker.js). What the page knows of numbers is how they are written.
const VIEWS = ["graph", "steps", "rule", "modes"];
const state = { e: $("expression").value, numbers: { a: "2", b: "1" }, view: "graph" };
let shownNames = Object.keys(state.numbers);

// ---------------------------------------------------------------------------------------------------- asking Python
const listeners = {};  // by room: what is done with an answer
let worker, waiting = false, changed = false, count = 0, opened = false;

function ask() {
  changed = true;
  if (!worker || waiting) return;  // the newest state is asked for when the answer before it is there
  waiting = true;
  changed = false;
  count++;
  worker.postMessage({ room: "explore", request: JSON.stringify({ ...state, language }) });
}

listeners.explore = (found) => {
  waiting = false;
  $("error").textContent = found.error || "";
  for (const id of ["gist", "result"]) $(id).classList.toggle("stale", Boolean(found.error));
  if (!found.error) show(found);
  else if (found.names.length) fields(found.names.map((name) => [name, state.numbers[name] ??= "1"]));
  document.body.dataset.answered = count;
  if (changed) ask();
};

function show({ value, short_value, called, table, short, view }) {
  $("gist").hidden = $("result").hidden = false;
  $("value").textContent = `${called} = ${short_value}`;
  $("value").title = `${called} = ${value}`;
  rowsInto($("table"), short, table);
  shownNames = table.map(([name]) => name);
  for (const [name, number] of short) state.numbers[name] ??= number;
  fields(table);
  put(view);
  $("explore").dataset.view = state.view;
  for (const button of $("views").children) button.setAttribute("aria-pressed", button.value === state.view);
  if (current === "explore") intoLink();
  if (opened) reveal($("result"));
  opened = false;
}

// Rows of cells in a table; `whole` has what each is in full, for the mouse that rests on it.
function rowsInto(body, rows, whole = []) {
  body.replaceChildren(...rows.map((cells, j) => {
    const row = document.createElement("tr");
    row.append(...cells.map((textContent, i) =>
      Object.assign(document.createElement(i ? "td" : "th"), { textContent, title: whole[j]?.[i] || "" })));
    row.firstChild.scope = "row";
    return row;
  }));
}

function put(html, place = $("view"), ready = () => {}) {
  place.innerHTML = html;
  for (const svg of place.querySelectorAll(".picture > svg"))  // from there on it is moved, not shrunk
    svg.style.minWidth = `${0.42 * svg.width.baseVal.value}px`;
  ready(place);
  for (const script of place.querySelectorAll("script")) {  // those that come with innerHTML don't run
    const live = document.createElement("script");
    live.textContent = script.textContent;
    script.replaceWith(live);
  }
}

// Scrolls so that a part is seen from its top, where its end isn't seen; it grows for a moment, as what is in it is unpacked.
function reveal(part) {
  const sized = new ResizeObserver(() => { if (part.getBoundingClientRect().bottom > innerHeight) part.scrollIntoView(); });
  sized.observe(part);
  setTimeout(() => sized.disconnect(), 1000);
}

// --------------------------------------------------------------------------------------------- the numbers of the names
function fields(table) {
  const there = [...$("numbers").children].map((x) => x.dataset.name);
  if (there.join("\n") !== table.map(([name]) => name).join("\n")) $("numbers").replaceChildren(...table.map(numberRow));
  for (const [i, slider] of $("numbers").querySelectorAll("[type=range]").entries())
    if (slider.previousSibling === document.activeElement) slider.value = table[i][1];  // as Python reads 0,5 and 1/2
}

function numberRow([name, number], i) {
  const row = Object.assign(document.createElement("div"), { className: "number" });
  row.dataset.name = name;
  const label = Object.assign(document.createElement("label"), { textContent: name, htmlFor: `number${i}` });
  const text = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", id: `number${i}` });
  text.value = state.numbers[name];
  const middle = Number(number) || 0, reach = Math.max(5, 2 * Math.abs(middle));
  const slider = Object.assign(document.createElement("input"),
    { type: "range", min: -reach, max: reach, step: reach > 50 ? "any" : 0.1, value: middle });
  slider.setAttribute("aria-label", say("to_drag", { name }));
  const set = (other) => ({ target }) => {
    state.numbers[name] = other.value = target.value;
    ask();
  };
  text.addEventListener("input", set(slider));
  slider.addEventListener("input", set(text));
  row.append(label, text, slider);
  return row;
}

for (const value of VIEWS) {
  const button = Object.assign(document.createElement("button"), { type: "button", value });
  button.dataset.say = `view_${value}`;
  button.textContent = say(button.dataset.say);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    state.view = value;
    opened = value === "steps";
    ask();
  });
  $("views").append(button);
}
$("expression").addEventListener("input", ({ target }) => { state.e = target.value; ask(); });
for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());

addRoom("explore", {
  mine: (given) => given.has("e") && !given.has("practise"),
  enter: ask,
  link: () => [["e", state.e], ["view", state.view], ...shownNames.map((name) => [`n.${name}`, state.numbers[name]])],
  read(given) {
    state.e = $("expression").value = given.get("e").slice(0, 20000);
    state.view = VIEWS.includes(given.get("view")) ? given.get("view") : "graph";
    state.numbers = numbersOf(given);
    shownNames = Object.keys(state.numbers);  // until Python says which the expression has
    $("numbers").replaceChildren();
    $("gist").hidden = $("result").hidden = true;  // they are those of another expression
  },
  spoken: () => $("numbers").replaceChildren(),
});

function numbersOf(given) {
  return Object.fromEntries([...given].filter(([name]) => name.startsWith("n.")).map(([n, x]) => [n.slice(2), x]));
}

// ------------------------------------------------------------------------------------------------------------- the start
async function bytes(name) {
  const packed = inlined ? inside(name) : await beside(name);
  if (packed[0] !== 0x1f) return packed.buffer;  // some servers unpack what ends in .gz
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function beside(name) {
  const answer = await fetch(`files/${name}.gz`);
  if (!answer.ok) throw new Error(`files/${name}.gz: ${answer.status} ${answer.statusText}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function inside(name) {
  const element = $(`file-${name}`), text = atob(element.textContent), packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  element.remove();
  return packed;
}

async function begin() {
  const names = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json",
    "graphviz.js", "project.zip"];
  const files = {};
  for (const [i, name] of names.entries()) {
    files[name] = await bytes(name);
    $("progress").value = (i + 1) / names.length;
    await new Promise((done) => setTimeout(done));  // the bar is drawn
  }
  const started = new Worker(URL.createObjectURL(new Blob([workerCode], { type: "text/javascript" })));
  started.onmessage = ({ data }) => {
    if (data.progress) $("progress").value = data.progress[0];
    else if (data.failed) failed(data.failed);
    else if (data.ready) {
      worker = started;
      $("loading").hidden = true;
      document.body.dataset.ready = true;
      rooms.get(current).enter();
    } else listeners[data.room](JSON.parse(data.answer));
  };
  started.onerror = (event) => failed(event.message);
  started.postMessage({ files }, Object.values(files));
}

function failed(why) {
  waiting = false;
  $("loading").hidden = true;
  for (const alert of document.querySelectorAll("[role=alert]")) alert.textContent = say("stopped", { why });
}

