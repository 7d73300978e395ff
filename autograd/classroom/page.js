// The page: it shows what Python answers (worker.js). What it knows of numbers is how they are written.
"use strict";
const $ = (id) => document.getElementById(id);
const VIEWS = { graph: "Graph", steps: "Step by step", rule: "Chain rule", modes: "Forward and reverse", practice: "Practise" };
const state = { e: $("expression").value, numbers: { a: "2", b: "1" }, view: "graph" };

// ---------------------------------------------------------------------------------------------- the state in the link
function fromLink() {
  const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));  // a link that one types has a + of its own
  if (!given.has("e")) return;
  state.e = given.get("e").slice(0, 20000);
  state.view = Object.hasOwn(VIEWS, given.get("view")) ? given.get("view") : "graph";
  state.numbers = Object.fromEntries([...given].filter(([name]) => name.startsWith("n.")).map(([n, x]) => [n.slice(2), x]));
  $("expression").value = state.e;
}

function intoLink(names) {
  const link = new URLSearchParams({ e: state.e, view: state.view });
  for (const name of names) link.set(`n.${name}`, state.numbers[name]);
  history.replaceState(null, "", `#${String(link).replaceAll("+", "%20")}`);
}

// ---------------------------------------------------------------------------------------------------- asking Python
let worker, waiting = false, changed = false, count = 0;

function ask() {
  changed = true;
  if (!worker || waiting) return;  // the newest state is asked for when the answer before it is there
  waiting = true;
  changed = false;
  worker.postMessage({ id: ++count, request: JSON.stringify(state) });
}

function answered(found) {
  waiting = false;
  $("error").textContent = found.error || "";
  $("result").classList.toggle("stale", Boolean(found.error));
  if (!found.error) show(found);
  document.body.dataset.answered = count;
  if (changed) ask();
}

function show({ value, called, table, view }) {
  $("result").hidden = false;
  $("value").textContent = `${called} = ${value}`;
  $("table").replaceChildren(...table.map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text, i) => Object.assign(document.createElement(i ? "td" : "th"), { textContent: text })));
    row.firstChild.scope = "row";
    return row;
  }));
  const names = table.map(([name]) => name);
  for (const [name, number] of table) state.numbers[name] ??= number;
  fields(names);
  put(view);
  for (const button of $("views").children) button.setAttribute("aria-pressed", button.value === state.view);
  if (!$("explore").hidden) intoLink(names);
}

function put(html, place = $("view")) {
  place.innerHTML = html;
  for (const svg of place.querySelectorAll(".picture > svg"))  // from there on it is moved, not shrunk
    svg.style.minWidth = `${0.55 * svg.width.baseVal.value}px`;
  for (const script of place.querySelectorAll("script")) {  // those that come with innerHTML don't run
    const live = document.createElement("script");
    live.textContent = script.textContent;
    script.replaceWith(live);
  }
}

// --------------------------------------------------------------------------------------------- the numbers of the names
function fields(names) {
  const there = [...$("numbers").children].map((x) => x.dataset.name);
  if (there.join("\n") === names.join("\n")) return;
  $("numbers").replaceChildren(...names.map((name, i) => {
    const row = Object.assign(document.createElement("div"), { className: "number" });
    row.dataset.name = name;
    const label = Object.assign(document.createElement("label"), { textContent: name, htmlFor: `number${i}` });
    const text = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", id: `number${i}` });
    text.value = state.numbers[name];
    const middle = Number(text.value) || 0, reach = Math.max(5, 2 * Math.abs(middle));
    const slider = Object.assign(document.createElement("input"),
      { type: "range", min: -reach, max: reach, step: reach > 50 ? "any" : 0.1, value: middle });
    slider.setAttribute("aria-label", `${name}, to drag`);
    const set = (other) => ({ target }) => {
      state.numbers[name] = other.value = target.value;
      ask();
    };
    text.addEventListener("input", set(slider));
    slider.addEventListener("input", set(text));
    row.append(label, text, slider);
    return row;
  }));
}

for (const [value, textContent] of Object.entries(VIEWS)) {
  const button = Object.assign(document.createElement("button"), { type: "button", value, textContent });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => { state.view = value; ask(); });
  $("views").append(button);
}
$("expression").addEventListener("input", ({ target }) => { state.e = target.value; ask(); });
$("asked").addEventListener("submit", (event) => event.preventDefault());
$("large").addEventListener("click", ({ currentTarget }) => {
  const on = document.documentElement.classList.toggle("large");
  currentTarget.setAttribute("aria-pressed", on);
});
addEventListener("hashchange", () => { fromLink(); $("numbers").replaceChildren(); ask(); });

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
  fromLink();
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
      ask();
      if (wanted) want({});
    } else if (data.trained) trained(JSON.parse(data.trained));
    else answered(JSON.parse(data.answer));
  };
  started.onerror = (event) => failed(event.message);
  started.postMessage({ files }, Object.values(files));
}

function failed(why) {
  waiting = false;
  $("loading").hidden = true;
  $("error").textContent = $("wrong").textContent = `Python has stopped; load the page again. (${why})`;
}

begin().catch(failed);
