// Practise: forms on the expression of the moment or on a teacher's sheet; what a student hands in, and what a teacher reads.
const practising = { kind: "one", sheet: null, student: "", tried: [], one: {}, at: 0, turn: 0, checked: [] };
const FLAGS = ["each", "shapes", "products"], SHEET = ["e", "count", "seed", ...FLAGS];

// --------------------------------------------------------------------------------------------------- asking Python
const unanswered = [];  // answers come in the order of the questions
listeners.practise = (found) => unanswered.shift()(found);

function practiseAsk(request) {
  worker.postMessage({ room: "practise", request: JSON.stringify({ ...request, language }) });
  return new Promise((done) => unanswered.push(done));
}

// The answer, or null: where it was an error, which is told, or where something else has been asked for since.
async function answerTo(request) {
  const turn = ++practising.turn, found = await practiseAsk(request);
  document.body.dataset.practised = practising.turn;
  if (turn !== practising.turn) return null;
  $("unsheeted").textContent = found.error || "";
  return found.error ? null : found;
}

// ------------------------------------------------------------------------------------------------- what is practised
function kind(wanted) {
  practising.kind = wanted;
  for (const button of $("kinds").children) button.setAttribute("aria-pressed", button.value === wanted);
  for (const name of ["one", "sheet", "teacher"]) $(`practise-${name}`).hidden = name !== wanted;
  $("unsheeted").textContent = "";
  if (!worker) return;
  if (wanted === "one") one();
  if (wanted === "sheet") sheet();
}

async function one() {  // what was answered stays while the expression and its numbers do
  const asked = JSON.stringify([state.e, shownNames.map((name) => state.numbers[name]), $("one-products").checked]);
  if (practising.one.asked === asked && practising.one.language === language) return;
  if (practising.one.asked !== asked) practising.one = { asked, tried: [] };
  practising.one.language = null;
  $("one-form").replaceChildren();
  const found = await answerTo({ do: "one", e: state.e, numbers: state.numbers, products: $("one-products").checked });
  $("one-said").textContent = found ? found.said : "";
  if (!found) return;
  practising.one.language = language;
  form(found.form, $("one-form"), practising.one.tried, (tried) => { practising.one.tried = tried; });
}

// A form that goes on from what was tried, and tells what is.
function form(html, place, tried, tell) {
  put(html, place, () => {
    const host = place.querySelector(".chainrule-player");
    host.tried = tried;
    host.addEventListener("tried", ({ detail }) => tell(detail));
  });
}

function sheet() {  // as it is before one begins
  const there = Boolean(practising.sheet);
  $("pasting").hidden = there;
  $("sheet").hidden = !there;
  if (!there) return;
  $("sheet-title").textContent = practising.sheet.e;
  $("name-said").textContent = say(practising.sheet.each ? "your_name_each" : "your_name");
  if (!$("begun").hidden) start();
}

async function start() {
  const found = await answerTo({ do: "sheet", sheet: practising.sheet, student: practising.student });
  $("begun").hidden = !found;
  if (!found) return;
  $("sheet-title").textContent = found.title;
  practising.blanks = found.blanks;
  $("exercise-forms").replaceChildren(...found.blanks.map(() => document.createElement("section")));
  $("exercises").replaceChildren(...found.blanks.map((_, i) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: i + 1 });
    button.addEventListener("click", () => exercise(i));
    return button;
  }));
  $("handed").hidden = true;
  exercise(Math.min(practising.at, found.blanks.length - 1));
}

async function exercise(i) {
  practising.at = i;
  [...$("exercise-forms").children].forEach((place, j) => { place.hidden = j !== i; });
  progress();
  const place = $("exercise-forms").children[i];
  if (place.childElementCount) return;
  const found = await answerTo({ do: "exercise", sheet: practising.sheet, student: practising.student, at: i });
  if (!found) return;
  form(found.head + found.form, place, practising.tried[i], (tried) => {
    const before = practising.complete;
    practising.tried[i] = tried;
    $("handed").hidden = true;  // a code is of what was done before
    keep(practising.tried);
    progress();
    if (practising.complete && !before) $("hand-in").focus();
  });
}

function progress() {
  const done = (i) => (practising.tried[i] || []).filter((x) => x.result !== "open").length;
  practising.complete = practising.blanks.every((all, i) => done(i) === all);
  [...$("exercises").children].forEach((button, i) => {
    const all = practising.blanks[i], right = (practising.tried[i] || []).filter((x) => x.result === "right").length;
    button.setAttribute("aria-pressed", i === practising.at);
    button.textContent = right === all ? `${i + 1} ✓` : right ? `${i + 1} · ${right}/${all}` : i + 1;
    button.setAttribute("aria-label", say("exercise_done", { n: i + 1, right, all }));
  });
}

// What was done stays in this browser, so that a page that was left goes on where it was.
function keep(tried) {
  const key = `chainrule ${JSON.stringify(practising.sheet)} ${practising.student.toLowerCase()}`;
  try {
    if (tried) localStorage.setItem(key, JSON.stringify(tried));
    return JSON.parse(localStorage.getItem(key)) || [];
  } catch {  // a browser that keeps nothing
    return [];
  }
}

$("beginning").addEventListener("submit", () => {
  practising.student = $("student").value.trim().replace(/\s+/g, " ");
  practising.at = 0;
  practising.tried = keep();
  if (practising.student) start();
  else $("unsheeted").textContent = say("no_name");
});

$("pasting").addEventListener("submit", () => {
  const given = new URLSearchParams($("pasted").value.replace(/^[^#]*#/, "").replaceAll("+", "%2B"));
  if (given.has("sheet")) location.hash = $("pasted").value.replace(/^[^#]*#/, "");
  else $("unsheeted").textContent = say("no_link");
});

// ------------------------------------------------------------------------------------------------------ handing in
$("hand-in").addEventListener("click", async () => {
  const { sheet, student, tried, blanks } = practising;
  const found = await answerTo({ do: "code", sheet, student, tried: blanks.map((_, i) => tried[i] || null) });
  if (!found) return;
  $("handed").hidden = false;
  $("handed-said").textContent = found.said;
  $("code").value = found.code;
  $("code").focus();
  $("code").select();
});
$("save-code").addEventListener("click", () => {
  const name = practising.student.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  download(`sheet-${name}.txt`, `${practising.student}\n${$("code").value}\n`, "text/plain");
});
$("copy-code").addEventListener("click", copied("code"));
$("copy-link").addEventListener("click", copied("made-link"));

function copied(id) {
  return async ({ currentTarget }) => {
    $(id).select();
    try { await navigator.clipboard.writeText($(id).value); } catch { document.execCommand("copy"); }
    currentTarget.textContent = say("copied");
    setTimeout(() => { currentTarget.textContent = say("copy"); }, 2000);
  };
}

function download(name, text, type) {
  const link = Object.assign(document.createElement("a"), { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// ---------------------------------------------------------------------------------------------------- for teachers
function sheetLink(sheet) {
  const flags = FLAGS.filter((name) => sheet[name]).map((name) => [name, 1]);
  return [["sheet", sheet.e], ["count", sheet.count], ["seed", sheet.seed], ...flags];
}

$("making").addEventListener("submit", async () => {
  const { e, count, seed } = $("making").elements;
  const made = { e: e.value.trim(), count: count.value, seed: seed.value };
  for (const name of FLAGS) made[name] = $("making").elements[name].checked;
  $("made").hidden = true;
  if (!await answerTo({ do: "sheet", sheet: made, student: "" })) return;  // whether there are so many exercises
  $("made").hidden = false;
  const file = location.protocol === "file:", page = file ? "" : location.href.split("#")[0];  // nobody else has this file there
  $("made-link").value = page + linkTo(sheetLink(made));
  $("stick").hidden = !file;
});
$("try-sheet").addEventListener("click", () => { location.hash = $("made-link").value.replace(/^[^#]*#/, "#"); });

$("checking").addEventListener("submit", async () => {
  const files = await Promise.all([...$("code-files").files].slice(0, 500).map((file) => file.slice(0, 1e6).text()));
  const found = await answerTo({ do: "codes", pasted: [$("pasted-codes").value, ...files].join("\n") });
  if (!found) return;
  practising.checked = [];
  $("checked").hidden = false;
  $("others").textContent = found.others;
  for (const part of [$("students"), $("answers")]) part.replaceChildren();
  const turn = practising.turn;
  for (const code of found.codes) {
    const one = await practiseAsk({ do: "check", code, sheet: practising.sheet });
    if (turn !== practising.turn) return;
    practising.checked.push(one);
    listed(one);
  }
});

function listed(one) {
  const row = document.createElement("tr"), cell = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });
  if (one.error) {
    row.append(Object.assign(cell("td", one.error), { colSpan: 6, className: "error" }));
    $("students").append(row);
    return;
  }
  const counts = [`${one.right}/${one.all}`, one.first, one.hints, one.shown, one.another || one.sheet];
  row.append(Object.assign(cell("th", one.student), { scope: "row" }), ...counts.map((x) => cell("td", x)));
  row.lastChild.classList.toggle("error", Boolean(one.another));
  $("students").append(row);
  const details = document.createElement("details"), table = document.createElement("table"), head = document.createElement("tr");
  head.append(...["exercise", "asked", "right_number", "answers", "result", "hints"].map((key) =>
    Object.assign(cell("th", say(key)), { scope: "col" })));
  const body = document.createElement("tbody"), top = document.createElement("thead");
  top.append(head);
  rowsInto(body, one.rows);
  table.append(top, body);
  const wide = Object.assign(document.createElement("div"), { className: "wide", tabIndex: 0, role: "region" });
  wide.setAttribute("aria-label", say("details", { student: one.student }));
  wide.append(table);
  details.append(cell("summary", say("details", { student: one.student })), wide);
  $("answers").append(details);
}

$("save-table").addEventListener("click", async () => {
  const head = ["student", "right", "of", "at_once", "hints", "shown", "sheet", "problem"].map((key) => say(key));
  const rows = practising.checked.map((x) => x.error ? [...head.slice(1).map(() => ""), x.error]
    : [x.student, x.right, x.all, x.first, x.hints, x.shown, x.sheet, x.another]);
  const found = await answerTo({ do: "table", rows: [head, ...rows] });
  if (found) download("sheets.csv", found.csv, "text/csv");
});

// --------------------------------------------------------------------------------------------------------- the room
for (const button of $("kinds").children) button.addEventListener("click", () => { kind(button.value); intoLink(); });
$("one-products").addEventListener("change", () => { one(); intoLink(); });
addRoom("practise", {
  mine: (given) => given.has("sheet") || given.has("practise"),
  enter: () => kind(practising.kind),
  spoken() { for (const id of ["made", "checked"]) $(id).hidden = true; },
  link() {
    if (practising.kind === "sheet" && practising.sheet) return sheetLink(practising.sheet);
    if (practising.kind === "one") return [["practise", ""], ...($("one-products").checked ? [["products", 1]] : []), ...rooms.get("explore").link()];
    return [["practise", practising.kind]];
  },
  read(given) {
    if (given.has("e")) rooms.get("explore").read(given);
    if (!given.has("sheet")) {
      practising.kind = ["sheet", "teacher"].includes(given.get("practise")) ? given.get("practise") : "one";
      if (practising.kind === "sheet") practising.sheet = null;
      $("one-products").checked = given.has("products");
      return;
    }
    const text = (name, otherwise) => (given.get(name) ?? otherwise).slice(0, 1000);
    const made = { e: text("sheet", ""), count: text("count", "5"), seed: text("seed", "0") };
    for (const name of FLAGS) made[name] = given.has(name);
    if (SHEET.some((name) => made[name] !== practising.sheet?.[name])) {
      practising.sheet = made;
      $("begun").hidden = true;
    }
    practising.kind = "sheet";
  },
});
