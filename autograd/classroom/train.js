// The view of a training: it draws what training.py answers, and says what the reader asks. Python computes each number.
const REACH = 2, FIELD_EVERY = 300;  // where points lie; milliseconds between two looks at the field while it plays
const points = [], losses = [];
let chosen = -1, playing = false, training = false, wanted = null, seen = null, field = null, drawn = 0, fresh = null;

// ---------------------------------------------------------------------------------------------------- asking Python
function want(more) {
  wanted = { ...wanted, ...more };
  if (!worker || training) return;  // what is wanted meanwhile is asked for at once when the answer is there
  training = true;
  const settings = Object.fromEntries(new FormData($("settings")));
  if (wanted.field) drawn = performance.now();
  fresh = wanted.data ? "data" : wanted.points && "link";
  worker.postMessage({ room: "train", request: JSON.stringify({ points, ...wanted, settings, language }) });
  wanted = null;
}

listeners.train = (found) => {
  training = false;
  $("wrong").textContent = [linked?.refused, found.error].filter(Boolean).join(" ");
  for (const field of $("settings").elements) field.ariaInvalid = found.fields?.includes(field.name) ? "true" : null;
  if (linked && !found.weights) byDefault(found.error);  // what the link wanted can't be
  else linked = null;
  if (found.error) play(false);
  if (found.weights) {
    losses.length = Math.min(losses.length, found.step - found.losses.length);  // fewer where it has begun again
    if (fresh) {
      points.splice(0, points.length, ...found.points);
      asGiven = fresh === "data";
    }
    losses.push(...found.losses);
    seen = found;
    field = found.field || field;
    if (found.passed !== undefined) {
      const opened = !$("passed").childElementCount;
      put(found.passed, $("passed"));
      if (opened) reveal($("passed"));
    }
    if (current === "train") intoLink();
    requestAnimationFrame(paint);
  }
  document.body.dataset.trained = Number(document.body.dataset.trained || 0) + 1;
  if (wanted) want({});
  else if (playing) requestAnimationFrame(() => playing && want({ steps: 1000, field: performance.now() - drawn > FIELD_EVERY }));
};

function play(on) {
  if (playing && !on && !$("wrong").textContent) want({ field: true });
  playing = on;
  $("play").setAttribute("aria-pressed", on);
  $("play").dataset.say = on ? "pause" : "play";
  $("play").textContent = say($("play").dataset.say);
  if (on) {
    $("passed").replaceChildren();  // the pass of weights that are no more
    want({ steps: 1000 });
  }
}

// --------------------------------------------------------------------------------------------------------- the pictures
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const written = (x, size = Math.abs(x)) => x && (size < 5e-4 || size >= 1000) ? x.toExponential(0) : x.toFixed(x && size < 0.01 ? 3 : 2);

function paint() {
  if (!seen || $("train").hidden) return;
  const loss = seen.loss === null ? say("no_points") : say("loss_is", { loss: seen.loss.toPrecision(4) });
  $("reached").textContent = say("reached", { step: seen.step, loss, right: seen.right, all: points.length }) + asleep();
  paintField();
  paintCurve();
  paintNetwork();
  which();
  if (playing) return;
  $("weights").replaceChildren(...seen.weights.flatMap((layer, i) => layer.map((neuron, j) => {
    const row = document.createElement("tr");
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: say("neuron", { layer: i + 1, neuron: j + 1 }) });
    row.append(head, ...neuron.map((x, k) => Object.assign(document.createElement("td"),
      { textContent: `${k < neuron.length - 1 ? `w${k + 1}` : "b"} = ${x.toPrecision(6)}` })));
    return row;
  })));
}

// Where on a line a number is farthest from those that stand already, in their spots.
function freest(spots, x0, y0, x, y) {
  const far = (t) => Math.min(...spots.map(([a, b]) => Math.hypot((a - x0 - t * (x - x0)) / 2, b - y0 - t * (y - y0))), 99);
  const t = [0.5, 0.35, 0.65, 0.25, 0.75].reduce((best, t) => far(t) > far(best) + 1 ? t : best);
  spots.push([x0 + t * (x - x0), y0 + t * (y - y0)]);
  return t;
}

const canDie = () => points.length > 0 && $("settings").activation.value === "relu";  // a tanh that is 0 has a slope
function asleep() {
  const hidden = seen.fires.slice(0, -1).flat(), dead = canDie() ? hidden.filter((n) => !n).length : 0;
  return dead ? say("dead", { dead, all: hidden.length }) : "";
}

function paintField() {
  const canvas = $("field"), c = canvas.getContext("2d"), at = (x) => (x / REACH + 1) / 2 * canvas.width;
  c.fillStyle = color("paper");
  c.fillRect(0, 0, canvas.width, canvas.height);
  const [positive, negative] = ["positive", "negative"].map(color);  // those of gradients in a drawing, too
  if (field) {
    paintOutput(c, positive, negative);
    c.strokeStyle = color("ink");
    c.lineWidth = 2;
    c.beginPath();
    paintBoundary(c);
    c.stroke();
  }
  points.forEach(([x, y, kind], i) => {
    const r = i === chosen ? 12 : 7;
    c.beginPath();
    if (kind) c.arc(at(x), canvas.height - at(y), r, 0, 7);
    else c.rect(at(x) - r, canvas.height - at(y) - r, 2 * r, 2 * r);
    c.fillStyle = kind ? positive : negative;
    c.fill();
    c.lineWidth = i === chosen ? 4 : 1.5;
    c.strokeStyle = color(i === chosen ? "ink" : "paper");
    c.stroke();
  });
  canvas.setAttribute("aria-label", say("field", { n: points.length, right: seen.right }));
}

// The output in colours, one for each sign: a pixel for each place where Python computed it, and between them smooth.
function paintOutput(c, positive, negative) {
  const n = field.length, small = Object.assign(document.createElement("canvas"), { width: n, height: n }), s = small.getContext("2d");
  for (let row = 0; row < n; row++) for (let i = 0; i < n; i++) {
    s.globalAlpha = 0.6 * Math.abs(field[row][i]);
    s.fillStyle = field[row][i] > 0 ? positive : negative;
    s.fillRect(i, n - 1 - row, 1, 1);
  }
  c.imageSmoothingQuality = "high";
  c.drawImage(small, 0, 0, c.canvas.width, c.canvas.height);
}

// The line where the output is 0: between four places of it, from side to side of their square ("marching squares"). Up to
// the edge of the field the output goes on as between the two places before.
function paintBoundary(c) {
  const n = field.length, size = c.canvas.width / n;
  const on = (at, i) => (i < 0 ? 2 * at(0) - at(1) : i < n ? at(i) : 2 * at(n - 1) - at(n - 2));
  const output = (i, row) => on((j) => on((k) => field[k][j], row), i);
  const spot = (i, row) => [(i + 0.5) * size, c.canvas.height - (row + 0.5) * size];
  for (let row = -1; row < n; row++) for (let i = -1; i < n; i++) {
    const corners = [[i, row], [i + 1, row], [i + 1, row + 1], [i, row + 1]], crossed = [];
    corners.forEach((here, k) => {
      const there = corners[(k + 1) % 4], a = output(...here), b = output(...there);
      if (a > 0 === b > 0) return;
      const [x, y] = spot(...here), [x2, y2] = spot(...there), t = a / (a - b);
      crossed.push([x + t * (x2 - x), y + t * (y2 - y)]);
    });
    for (let k = 0; k < crossed.length; k += 2) {
      c.moveTo(...crossed[k]);
      c.lineTo(...crossed[k + 1]);
    }
  }
}

function paintCurve() {
  const canvas = $("curve"), c = canvas.getContext("2d"), { width, height } = canvas, left = 66, low = height - 30;
  c.fillStyle = color("paper");
  c.fillRect(0, 0, width, height);
  c.fillStyle = c.strokeStyle = color("ink");
  c.font = "16px Helvetica, Arial, sans-serif";
  const series = seen.loss === null ? losses : [...losses, seen.loss];  // before each step, and now
  let most = 0;
  for (const x of series) most = Math.max(most, x);
  c.fillText(written(most), 6, 20);
  c.fillText("0", 6, low);
  c.fillText(say(losses.length === 1 ? "one_step" : "steps", { n: losses.length }), left, height - 8);
  c.beginPath();
  c.moveTo(left, 10);
  c.lineTo(left, low);
  c.lineTo(width - 8, low);
  c.stroke();
  c.beginPath();
  const every = Math.max(1, Math.floor(series.length / 1000));
  for (let i = 0; i < series.length; i += every) {
    const y = low - (series[i] / (most || 1)) * (low - 14);
    c.lineTo(left + (width - left - 10) * i / Math.max(1, series.length - 1), y);
  }
  c.strokeStyle = color("blue");
  c.lineWidth = 4;
  c.stroke();
  if (series.length === 1) c.fillRect(left, 10, 8, 8);  // no line yet
  const said = series.length ? say("curve_from", { first: series[0].toPrecision(4), last: series.at(-1).toPrecision(4) }) : say("curve_none");
  canvas.setAttribute("aria-label", say("curve", { said }));
}

function paintNetwork() {
  const svg = $("network"), layers = seen.weights, wide = 480, high = 340;
  const place = (layer, i, of) => [44 + (wide - 88) * layer / layers.length, high * (i + 0.5) / of];
  const add = (name, set, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(set)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const lines = [], nodes = [], labels = [], spots = [], above = color("positive"), below = color("negative");
  const node = (x, y, label, dead) => {
    nodes.push(add("circle", { cx: x, cy: y, r: 19, "stroke-dasharray": dead ? "3 3" : "" }));
    nodes.push(add("text", { x, y: y + 5 }, dead ? "×" : label));
  };
  for (let i = 0; i < 2; i++) node(...place(0, i, 2), "xy"[i], false);
  layers.forEach((layer, l) => layer.forEach((neuron, j) => {
    const [x, y] = place(l + 1, j, layer.length), from = neuron.length - 1, few = layer.length * from <= 12;
    neuron.slice(0, -1).forEach((w, k) => {
      const [x0, y0] = place(l, k, from), t = few && freest(spots, x0, y0, x, y);
      lines.push(add("line", { x1: x0, y1: y0, x2: x, y2: y, stroke: w > 0 ? above : w < 0 ? below : "#888",
        "stroke-width": Math.min(9, 0.6 + 2 * Math.abs(w)), "stroke-dasharray": w < 0 ? "7 4" : "" }));
      if (few) labels.push(add("text", { x: x0 + t * (x - x0), y: y0 + t * (y - y0) + 5, class: "weight" }, written(w)));
    });
    const dead = canDie() && l < layers.length - 1 && !seen.fires[l][j];
    node(x, y, written(neuron.at(-1)), dead);
  }));
  svg.replaceChildren(...lines, ...nodes, ...labels);
  svg.setAttribute("aria-label", say("network", { widths: [2, ...layers.map((x) => x.length)].join(", ") }));
}

// ----------------------------------------------------------------------------------------------------------- the points
function which() {
  const names = points.map(([x, y, kind], i) => `${i + 1}: (${x}, ${y}) ${kind ? "○" : "□"}`);
  const options = [...$("which").options].map((x) => x.textContent);
  if (options.join() !== ["–", ...names].join()) $("which").replaceChildren(new Option("–", -1), ...names.map((x, i) => new Option(x, i)));
  $("which").value = chosen;
}

function choose(i) {
  chosen = i;
  if (i >= 0) [$("px").value, $("py").value, $("kind").value] = points[i];
  paint();
}

function moved(x, y) {
  const inside = (z) => Math.round(1000 * Math.max(-REACH, Math.min(REACH, Number(z) || 0))) / 1000;
  return [inside(x), inside(y), Number($("kind").value)];
}

function add(x, y) {
  points.push(moved(x, y));
  asGiven = false;
  choose(points.length - 1);
  want({ field: true });
}

function set(x, y) {
  if (chosen < 0) return;
  points[chosen] = moved(x, y);
  asGiven = false;
  $("passed").replaceChildren();
  choose(chosen);
  want({});
}

const typed = () => set($("px").value, $("py").value);
for (const id of ["px", "py", "kind"]) $(id).addEventListener("change", typed);
$("which").addEventListener("change", ({ target }) => choose(Number(target.value)));
$("add").addEventListener("click", () => add($("px").value, $("py").value));
$("delete").addEventListener("click", () => {
  if (chosen < 0) return;
  points.splice(chosen, 1);
  asGiven = false;
  $("passed").replaceChildren();
  choose(-1);
  want({});
});
$("pick").addEventListener("click", () => {
  if (chosen < 0 && points.length) choose(0);
  play(false);
  want({ picked: chosen < 0 ? null : chosen });
});

let dragged = false;
function under(event) {
  const box = $("field").getBoundingClientRect();
  return [((event.clientX - box.left) / box.width * 2 - 1) * REACH, (1 - (event.clientY - box.top) / box.height * 2) * REACH];
}
$("field").addEventListener("pointerdown", (event) => {
  const [x, y] = under(event), far = points.map((p) => Math.hypot(p[0] - x, p[1] - y));
  const i = far.indexOf(Math.min(...far));
  if (i >= 0 && far[i] < 0.15) choose(i);
  else add(x, y);
  dragged = true;
  $("field").setPointerCapture(event.pointerId);
});
$("field").addEventListener("pointermove", (event) => dragged && set(...under(event)));
for (const name of ["pointerup", "pointercancel"]) $("field").addEventListener(name, () => { dragged = false; });

// --------------------------------------------------------------------------------------------------------- the controls
$("settings").addEventListener("change", ({ target: { name } }) => {
  if (["activation", "start", "layers", "neurons", "seed"].includes(name)) $("passed").replaceChildren();
  if (name === "data" || (name === "seed" && asGiven)) {
    chosen = -1;
    asGiven = true;
    $("passed").replaceChildren();
    want({ data: $("settings").data.value, again: true, field: true });
  } else want({ field: true });
});
$("play").addEventListener("click", () => play(!playing));
$("once").addEventListener("click", () => {
  const follow = $("passed").childElementCount && chosen >= 0;
  play(false);
  want({ steps: 1, field: true, ...(follow && { picked: chosen }) });
});
$("again").addEventListener("click", () => { $("passed").replaceChildren(); want({ again: true, field: true }); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

// --------------------------------------------------------------------------------------------------------- the room
const SETTINGS = ["data", "layers", "neurons", "activation", "start", "seed", "loss", "rate"];
let asGiven = true;  // whether the points are those of the data, which needn't stand in a link
let linked = null;  // a link that Python hasn't answered yet, and what was refused of it

addRoom("train", {
  mine: (given) => given.has("train"),
  enter() {
    if (seen && !wanted) paint();
    else if (worker && !wanted) want({ data: $("settings").data.value, again: true, field: true });
    else if (worker) want({});
  },
  leave: () => play(false),
  spoken: () => { if (seen) $("passed").replaceChildren(); },
  link: () => [["train", ""], ...SETTINGS.map((name) => [name, $("settings")[name].value]),
    ...(asGiven ? [] : [["points", points.map((point) => point.join()).join(";")]])],
  read(given) {
    const refused = [];
    for (const name of SETTINGS) if (given.has(name)) {
      const field = $("settings")[name], before = field.value, text = given.get(name).slice(0, 50);
      field.value = text;
      if (field.value !== text) {
        field.value = before;
        refused.push(say("not_in_link", { name: say(name), got: text }));
      }
    }
    play(false);
    $("passed").replaceChildren();
    chosen = -1;
    asGiven = !given.has("points");
    const these = asGiven ? { data: $("settings").data.value } : { points: pointsIn(given.get("points")) };
    wanted = { ...these, again: true, field: true };
    linked = { refused: refused.join(" ") };
  },
});

function byDefault(refused) {
  $("settings").reset();
  asGiven = true;
  linked = { refused };
  want({ data: $("settings").data.value, again: true, field: true });
}

function pointsIn(text) {  // whether they are points, Python says
  return text.slice(0, 10000).split(";").filter(Boolean).map((point) => point.split(",").map(Number));
}
