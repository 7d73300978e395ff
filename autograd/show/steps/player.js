// Plays the steps of a pass: in place of the table that stands in `root`, the graph, buttons, and a formula.
//
// data.svg is the graph; its groups have the classes n0, n1, ... (nodes) and e0_0, ... (edges), with a text of class
// `blank` in them to be filled in. data.states[k] says what is added at position k: `texts` by group, which groups are
// `complete` from there on, which are marked at this position only, and from which node each number flies in.
function play(root, data) {
  "use strict";
  root.dataset.ready = "true";
  const states = data.states, end = states.length - 1;
  let at = 0, timer = null;

  function make(parent, tag, className, attributes) {
    const made = document.createElement(tag);
    made.className = className;
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    parent.append(made);
    return made;
  }
  function button(text, label, act) {
    const made = make(controls, "button", label, { type: "button", "aria-label": label });
    made.textContent = text;
    made.addEventListener("click", () => { if (made.getAttribute("aria-disabled") !== "true") act(); });
    return made;
  }

  const table = root.querySelector(".rows");
  const controls = make(root, "div", "controls", { role: "group", "aria-label": "position in the pass" });
  const first = button("« first", "first step", () => go(0));
  const back = button("‹ back", "step back", () => go(at - 1));
  const next = button("next ›", "next step", () => go(at + 1));
  const last = button("last »", "last step", () => go(end));
  const run = button("play", "play", () => (timer === null ? start() : stop()));
  const slider = make(controls, "input", "slider", { type: "range", min: 0, max: end, step: 1, "aria-label": "step" });
  const count = make(controls, "span", "count", {});
  const head = make(root, "p", "head", { "aria-hidden": "true" });
  const heard = make(root, "p", "heard", { "aria-live": "polite" });
  const picture = make(root, "div", "picture", { role: "img", "aria-label": data.title });
  const formulas = make(root, "div", "formulas", {});
  const details = make(root, "details", "all", {});
  make(details, "summary", "", {}).textContent = "all steps as a table";
  details.append(table);
  picture.innerHTML = data.svg;
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.title);

  const groups = {};
  for (const group of picture.querySelectorAll(".node, .edge")) groups[group.classList[1]] = group;
  const blank = (key) => groups[key].querySelector(".blank");

  function show(k) {
    at = k;
    for (const key in groups) {
      groups[key].classList.remove("active", "receiving", "lit", "complete");
      if (blank(key)) blank(key).textContent = "";
    }
    for (const state of states.slice(0, k + 1)) {
      for (const key in state.texts) blank(key).textContent = state.texts[key];
      for (const key of state.complete) groups[key].classList.add("complete");
    }
    const state = states[k];
    for (const mark in state.marks) for (const key of state.marks[mark]) groups[key].classList.add(mark);
    for (const key in groups) {
      if (blank(key) && key[0] === "e") lay(groups[key].querySelector(".plate"), blank(key));
    }
    head.textContent = state.head;
    heard.textContent = state.head + " " + state.numbers;
    formulas.innerHTML = state.formulas;
    formulas.classList.toggle("many", formulas.childElementCount > 3);
    count.textContent = k + " / " + end;
    slider.value = k;
    slider.setAttribute("aria-valuetext", heard.textContent);
    for (const [made, off] of [[first, k === 0], [back, k === 0], [next, k === end], [last, k === end]])
      made.setAttribute("aria-disabled", off);
    reveal(state);
  }
  function lay(plate, text) { // behind the text, so that the line doesn't run through it
    const box = text.getBBox(), sizes = { x: box.x - 3, y: box.y + 3, width: box.width + 6, height: box.height - 6 };
    for (const side in sizes) plate.setAttribute(side, text.textContent ? sizes[side] : 0);
  }
  function go(k) {
    const before = at;
    stop();
    show(Math.max(0, Math.min(end, k)));
    if (at === before + 1) fly(states[at]);
  }
  function fly(state) {
    const centre = (part) => { const box = part.getBBox(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    for (const key in state.flights) {
      const text = blank(key), [x, y] = centre(text), [fromX, fromY] = centre(groups[state.flights[key]]);
      text.classList.add("away");
      text.style.transform = `translate(${fromX - x}px, ${fromY - y}px)`;
      text.getBoundingClientRect(); // the browser has to see it there before it moves
      text.classList.remove("away");
      text.style.transform = "";
    }
  }
  function reveal(state) {
    const marked = [...(state.marks.active || []), ...(state.marks.receiving || [])];
    const active = groups[marked[0]].getBoundingClientRect();
    const around = picture.getBoundingClientRect();
    const others = [...marked, ...Object.values(state.flights)];
    const left = Math.min(active.left, ...others.map((key) => groups[key].getBoundingClientRect().left));
    if (left < around.left || active.right > around.right) // the operands, too, if there is room for them
      picture.scrollLeft += Math.max((left + active.right - around.left - around.right) / 2, active.right - around.right);
    if (active.top < around.top || active.bottom > around.bottom)
      picture.scrollTop += (active.top + active.bottom - around.top - around.bottom) / 2;
  }
  function start() {
    if (at === end) show(0);
    run.textContent = "pause";
    run.setAttribute("aria-label", "pause");
    timer = setInterval(() => {
      if (!root.isConnected || at === end) return stop();
      show(at + 1);
      fly(states[at]);
      if (at === end) stop();
    }, 2000);
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    run.textContent = "play";
    run.setAttribute("aria-label", "play");
  }

  slider.addEventListener("input", () => go(Number(slider.value)));
  root.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: end };
    if (!(event.key in moves) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the slider moves with the rest, and the page doesn't scroll
    event.stopPropagation();
    go(moves[event.key]);
  });
  show(0);
}
