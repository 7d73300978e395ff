// Plays the steps of one pass, or of several side by side: in place of the table that stands in `host`, the graph,
// buttons, and a formula.
//
// data.passes[i] has a title, an svg (picture.js), and states: states[k] says what is added at position k: `texts` by
// blank, which groups are `complete` from there on, which are marked at this position only, and from which node each
// number flies in. data.words has all that is written or said besides.
function play(host, data) {
  const words = data.words, room = makeStage(host, data, data.title), { stage, bar } = room;
  const longest = data.passes.map((pass) => pass.states).reduce((a, b) => (b.length > a.length ? b : a)), end = longest.length - 1;
  let at = 0, timer = null;

  const first = makeButton(bar, "«", words.first, words.first_step, () => go(0));
  const back = makeButton(bar, "‹", words.back, words.step_back, () => go(at - 1));
  const run = makeButton(bar, "▶", words.play, words.play, () => (timer === null ? start() : stop()));
  const next = makeButton(bar, "›", words.next, words.next_step, () => go(at + 1));
  const last = makeButton(bar, "»", words.last, words.last_step, () => go(end));
  for (const made of [next, last]) made.classList.add("forward");
  const slider = make(bar, "input", "slider", { type: "range", min: 0, max: end, step: 1, "aria-label": words.step });
  const count = make(bar, "span", "count", {});
  const more = makeButton(bar, "⋯", "", words.more, () => more.setAttribute("aria-expanded", tools.classList.toggle("open")));
  more.classList.add("more");
  more.setAttribute("aria-expanded", "false");
  const tools = make(bar, "div", "tools", { role: "group", "aria-label": words.tools });
  const speed = make(tools, "select", "speed", { "aria-label": words.speed, title: words.speed });
  for (const times of [0.5, 1, 2, 4]) make(speed, "option", "", { value: times }, `${times}×`);
  speed.value = "1";
  speed.addEventListener("change", () => { if (timer !== null) { stop(); start(); } });

  const heard = make(stage, "p", "heard", { "aria-live": "polite" });
  const shown = make(stage, "div", "lanes" + (data.passes.length > 1 ? " several" : ""), {});
  const lanes = data.passes.map((pass) => makeLane(shown, pass, room));
  const [picture, ...others] = lanes.map((lane) => lane.picture);
  picture.addTools(tools, others);
  room.addTools(tools);
  const details = make(stage, "details", "all", {});
  make(details, "summary", "", {}, words.table);
  const rows = make(details, "div", "rows", { tabindex: "0", role: "group", "aria-label": words.table });
  details.addEventListener("toggle", () => room.resized());
  rows.append(...room.fallback.querySelectorAll("table"));
  room.fallback.remove();

  function show(k) {
    at = k;
    for (const lane of lanes) lane.show(k);
    heard.textContent = lanes.map((lane) => lane.said()).join(" ");
    count.textContent = longest[k].count;
    slider.value = k;
    slider.setAttribute("aria-valuetext", heard.textContent);
    for (const [made, off] of [[first, k === 0], [back, k === 0], [next, k === end], [last, k === end]]) made.off(off);
    fit();
  }
  function fit() {
    for (const lane of lanes) { lane.picture.fit(at === 0); lane.reveal(); } // at first, the whole
  }
  function go(k) { // whether that is another position
    const before = at;
    stop();
    show(Math.max(0, Math.min(end, k)));
    if (at === before + 1) for (const lane of lanes) lane.fly();
    if (room.whole && at !== before && location.protocol !== "about:") history.replaceState(null, "", "#" + at); // a link to this step
    return at !== before;
  }
  function start() {
    if (at === end) show(0);
    run.rename("❚❚", words.pause, words.pause);
    timer = setInterval(() => {
      if (!host.isConnected || at === end) return stop();
      show(at + 1);
      for (const lane of lanes) lane.fly();
      if (at === end) stop();
    }, 2000 / Number(speed.value));
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    run.rename("▶", words.play, words.play);
  }
  const linked = () => Math.max(0, Math.min(end, Number(/^#(\d+)$/.exec(location.hash)?.[1] || 0)));

  slider.addEventListener("input", () => go(Number(slider.value)));
  listenToKeys(room, { back: () => go(at - 1), next: () => go(at + 1), first: () => go(0), last: () => go(end) });
  if (room.whole) window.addEventListener("hashchange", () => show(linked()));
  window.addEventListener("beforeprint", () => { show(end); details.open = true; }); // on paper all is there
  room.resized = fit;
  show(room.whole ? linked() : 0);
}

// One pass: what happens, the graph, the formulas. Where there are several, each has its title above.
function makeLane(parent, pass, room) {
  const lane = make(parent, "div", "lane", {}), states = pass.states;
  if (parent.classList.contains("several")) make(lane, "p", "title", {}, pass.title);
  const head = make(lane, "p", "head", { "aria-hidden": "true" });
  const why = make(lane, "p", "why", { "aria-hidden": "true" }); // of a wrong pass, from the first wrong number on
  const picture = makePicture(lane, pass.svg, pass.title, room);
  make(lane, "p", "legend", {}, pass.legend);
  const formulas = make(lane, "div", "formulas", { tabindex: "0", role: "group", "aria-label": room.words.formulas });
  let state = states[0];
  return {
    picture,
    show(k) {
      state = states[Math.min(k, states.length - 1)];
      const past = states.slice(0, k + 1);
      picture.fill(Object.assign({}, ...past.map((x) => x.texts)));
      picture.mark({ complete: past.flatMap((x) => x.complete), ...state.marks });
      head.textContent = state.head;
      why.textContent = k >= pass.since ? pass.why : "";
      formulas.innerHTML = state.formulas;
      formulas.classList.toggle("many", formulas.childElementCount > 3);
      formulas.classList.toggle("crowd", formulas.childElementCount > 6);
    },
    said: () => state.head + " " + state.numbers,
    fly: () => picture.fly(state.flights),
    reveal: () => picture.reveal([...(state.marks.active || []), ...(state.marks.receiving || []), ...Object.values(state.flights)]),
  };
}
