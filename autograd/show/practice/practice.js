// The backward pass with blanks: a graph that fills with what is known, one question at a time, and a table of answers.
//
// data.blanks[i] has what is asked, what is right and what is said of known wrong numbers (arithmetic.js), three hints,
// and `fills`: what a right answer writes into the picture. data.states[k] has the texts in the picture after k steps.
function practise(host, data) {
  const { words, blanks } = data, room = makeStage(host, data, data.title), { stage, bar } = room;
  const tried = blanks.map((_, i) => ({ answers: [], hints: 0, result: "open", ...host.tried?.[i] })); // what the page kept
  let at = (tried.findIndex((x) => x.result === "open") + blanks.length + 1) % (blanks.length + 1); // the first that is open

  const back = makeButton(bar, "‹", "", words.previous_blank, () => go(at - 1, true));
  const next = makeButton(bar, "›", "", words.next_blank, () => go(at + 1, true));
  const count = make(bar, "span", "count", {});
  const tools = make(bar, "div", "tools", { role: "group", "aria-label": words.tools });
  const more = makeButton(bar, "⋯", "", words.more, () => more.setAttribute("aria-expanded", tools.classList.toggle("open")));
  more.classList.add("more");
  more.setAttribute("aria-expanded", "false");
  bar.append(tools);

  make(stage, room.whole ? "h1" : "p", "title", {}, data.title);
  const picture = makePicture(stage, data.svg, data.title, room);
  picture.addTools(tools);
  room.addTools(tools);

  const form = make(stage, "form", "asking", { autocomplete: "off", novalidate: "" });
  const asked = make(form, "p", "asked", {});
  const line = make(form, "div", "line", {});
  const formula = make(line, "span", "formula", {});
  const input = make(line, "input", "answer", { type: "text", spellcheck: "false", autocapitalize: "off", enterkeyhint: "done" });
  const check = make(line, "button", "", { type: "submit" }, words.check);
  const hint = make(line, "button", "", { type: "button" }, words.hint);
  const show = make(line, "button", "", { type: "button" }, words.show);
  const verdict = make(form, "p", "verdict", { role: "status" });
  const hints = make(form, "ol", "hints", { "aria-live": "polite" });
  make(form, "p", "accepted", {}, data.accepted);

  const details = make(stage, "details", "all", {});
  make(details, "summary", "", {}, words.results);
  const rows = make(details, "div", "rows", { tabindex: "0", role: "group", "aria-label": words.results });
  const table = make(rows, "table", "", {});
  makeButton(details, "⤓", words.save, words.save, save);

  const done = (i) => tried[i].result !== "open";
  function go(i, focus) { // whether that is another blank
    const to = Math.max(0, Math.min(blanks.length, i)), moved = to !== at;
    at = to;
    render();
    if (focus && moved) (at < blanks.length && !done(at) ? input : check).focus({ preventScroll: true });
    return moved;
  }
  function render() {
    const finished = at === blanks.length, blank = blanks[at], here = tried[at];
    const right = tried.filter((x) => x.result === "right").length;
    count.textContent = filled(words.progress, { right, all: blanks.length });
    back.off(at === 0);
    next.off(finished);
    for (const part of [formula, input, hint, show]) part.hidden = finished;
    hints.replaceChildren();
    if (finished) {
      const first = tried.filter((x) => x.result === "right" && x.answers.length === 1 && !x.hints).length;
      asked.textContent = filled(words.finished, { right, all: blanks.length, first });
      check.textContent = words.save;
      verdict.textContent = "";
      details.open = true;
    } else {
      asked.textContent = filled(words.blank, { i: at + 1, n: blanks.length, asked: blank.asked });
      formula.innerHTML = `<math>${blank.mathml}<mo>=</mo></math>`;
      input.setAttribute("aria-label", `${blank.formula} = : ${blank.asked}`);
      input.readOnly = done(at);
      input.value = done(at) ? (here.result === "right" ? here.answers.at(-1) : blank.shown) : "";
      verdict.textContent = done(at) ? filled(words[here.result === "right" ? "right" : "shown"], { number: blank.shown }) : "";
      verdict.className = "verdict " + (done(at) ? "right" : "");
      for (const text of blank.hints.slice(0, here.hints)) make(hints, "li", "", {}, text);
      controls();
    }
    draw();
    tell();
  }
  function controls() { // the buttons, for how far this blank has come
    const here = tried[at];
    check.textContent = !done(at) ? words.check : at === blanks.length - 1 ? words.results : words.next;
    hint.textContent = filled(words.hint, { n: Math.min(here.hints + 1, 3) });
    hint.setAttribute("aria-disabled", done(at) || here.hints === 3);
    show.setAttribute("aria-disabled", done(at) || here.hints < 3);
  }
  function draw() { // after the last blank the whole pass
    const blank = blanks[Math.min(at, blanks.length - 1)], finished = at >= blanks.length - 1 && tried.every((x) => x.result !== "open");
    const known = data.states.slice(0, finished ? data.states.length : blank.step + 1);
    const texts = Object.assign({}, ...known.map((x) => x.texts));
    if (!finished && blank.step >= 0) Object.assign(texts, blank.given);
    blanks.forEach((x, i) => { if (!finished && x.step === blank.step && done(i)) Object.assign(texts, x.fills); });
    picture.fill(texts);
    picture.mark({ complete: known.flatMap((x) => x.complete), ...(finished ? {} : blank.marks) });
    picture.fit();
    if (!finished) picture.reveal(Object.values(blank.marks).flat());
  }
  function answer() {
    if (at === blanks.length) return save();
    if (done(at)) return go(at + 1, true);
    const places = data.elsewhere.map((x) => ({ ...x, right: x.right[at], share: data.share }));
    const found = judge(input.value, blanks[at], data.numbers, words, places), here = tried[at];
    verdict.textContent = found.said;
    verdict.className = "verdict " + (found.right ? "right" : "wrong");
    if (found.kind === "empty" || found.kind === "unread") return;
    here.answers.push(input.value.trim());
    if (found.right) {
      here.result = "right";
      input.readOnly = true;
      count.textContent = filled(words.progress, { right: tried.filter((x) => x.result === "right").length, all: blanks.length });
      draw();
    } else {
      input.select();
    }
    controls();
    if (found.right) check.focus({ preventScroll: true }); // before the page hears of it, which may know what comes next
    tell();
  }
  function help() {
    const here = tried[at];
    if (hint.getAttribute("aria-disabled") === "true") return;
    make(hints, "li", "", {}, blanks[at].hints[here.hints++]);
    controls();
    tell();
  }
  function reveal() {
    if (show.getAttribute("aria-disabled") === "true") return;
    tried[at].result = "shown";
    check.focus({ preventScroll: true });
    render();
  }
  function told() { // the rows of the table
    const head = [words.column_blank, words.column_answers, words.column_hints, words.column_result];
    return [head, ...blanks.map((x, i) => [`${x.formula}${x.part === "sum" ? words.so_far : ""}`, tried[i].answers.join("; "), String(tried[i].hints), words["result_" + tried[i].result]])];
  }
  function tell() {
    table.replaceChildren();
    make(table, "caption", "", {}, data.title);
    const [head, ...body] = told();
    const top = make(make(table, "thead", "", {}), "tr", "", {});
    for (const cell of head) make(top, "th", "", { scope: "col" }, cell);
    const rest = make(table, "tbody", "", {});
    for (const row of body) {
      const made = make(rest, "tr", "", {});
      for (const cell of row) make(made, "td", "", {}, cell);
    }
    host.dispatchEvent(new CustomEvent("tried", { detail: tried }));
  }
  function save() { // as CSV; a text that a spreadsheet would compute is kept from it by a quote
    const quoted = (cell) => `"${(/^[=+\-@\t]/.test(cell) && !/^-?[\d.]+$/.test(cell) ? "'" + cell : cell).replaceAll('"', '""')}"`;
    const text = "\ufeff" + [[data.title], ...told()].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
    const link = make(stage, "a", "", { download: "practice.csv", href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), hidden: "" });
    link.click();
    setTimeout(() => { URL.revokeObjectURL(link.href); link.remove(); }, 1000);
  }

  input.addEventListener("keydown", (event) => event.stopPropagation()); // what is typed is no shortcut of the page's
  form.addEventListener("submit", (event) => { event.preventDefault(); answer(); });
  hint.addEventListener("click", help);
  show.addEventListener("click", reveal);
  listenToKeys(room, { back: () => go(at - 1), next: () => go(at + 1), first: () => go(0), last: () => go(blanks.length) });
  room.resized = () => picture.fit();
  render();
}
