// A room of its own in a page: a shadow tree with a style, tools for size and light, and keys.

// Makes an element in `parent`.
function make(parent, tag, className, attributes, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const name in attributes || {}) made.setAttribute(name, attributes[name]);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// A button: `icon`, a letter or the path of a line, is always seen, `word` where there is room, and `label` is heard. It can be off without losing focus.
function makeButton(parent, icon, word, label, act) {
  const made = make(parent, "button", "", { type: "button", "aria-label": label, title: label });
  made.icon = make(made, "span", "icon", { "aria-hidden": "true" }, icon[0] === "M" ? "" : icon);
  if (icon[0] === "M") made.icon.innerHTML = `<svg viewBox="0 0 16 16"><path d="${icon}"/></svg>`;
  if (word) made.word = make(made, "span", "word", { "aria-hidden": "true" }, word);
  made.addEventListener("click", () => { if (made.getAttribute("aria-disabled") !== "true") act(); });
  made.off = (off) => made.setAttribute("aria-disabled", off);
  made.rename = (icon, word, label) => {
    made.icon.textContent = icon;
    if (made.word) made.word.textContent = word;
    made.setAttribute("aria-label", label);
    made.title = label;
  };
  return made;
}

// The room in `host`, which had nothing but what is seen without scripts: `fallback` is that. `room.whole` says whether
// the page is there for nothing else. `room.resized` is to be set to a function that fits what is inside.
function makeStage(host, data, label) {
  const words = data.words, fallback = host.querySelector(".chainrule-fallback");
  host.dataset.ready = "true";
  const shadow = host.attachShadow({ mode: "open" });
  make(shadow, "style", "", {}, data.style);
  const whole = host.parentNode !== null && host.parentNode.matches("[data-whole-page]");
  const stage = make(shadow, "div", "stage" + (whole ? " whole" : ""),
    { role: "group", "aria-label": label, tabindex: "0", lang: data.language });
  const bar = make(stage, "div", "bar", {});
  const room = { host, shadow, stage, bar, fallback, whole, words, resized: () => {} };
  let dark = isDark(host), size = 1;
  const shade = () => stage.classList.toggle("dark", dark);
  const tools = {
    larger: () => { size = size >= 2 ? 1 : size + 0.25; stage.style.setProperty("--size", size); room.resized(); },
    light: () => { dark = !dark; shade(); },
    full: () => document.fullscreenElement ? document.exitFullscreen() : host.requestFullscreen().catch(() => {}),
  };
  room.addTools = (parent) => {
    makeButton(parent, "A+", "", words.larger, tools.larger);
    makeButton(parent, "◐", "", words.light, tools.light);
    if (document.fullscreenEnabled) makeButton(parent, "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", "", words.full, tools.full);
  };
  host.addEventListener("fullscreenchange", () => {
    stage.classList.toggle("whole", whole || document.fullscreenElement === host);
    room.resized();
  });
  const preference = window.matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", () => { dark = isDark(host); shade(); });
  shade();
  const slide = host.closest(".reveal section"); // of reveal.js: while it is shown, the keys of a clicker are for this
  if (slide) new MutationObserver(() => {
    if (slide.classList.contains("present")) stage.focus({ preventScroll: true });
    else if (document.activeElement === host) host.shadowRoot.activeElement.blur();
  }).observe(slide, { attributes: true, attributeFilter: ["class"] });
  new ResizeObserver(() => room.resized()).observe(stage);
  return room;
}

// Whether the page around an element is dark: by the first background on the way up that is one, or by the reader's wish.
function isDark(host) {
  for (let part = host; part; part = part.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(part).backgroundColor.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    if (alpha > 0.5) return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
  }
  const view = host.ownerDocument.defaultView;
  if (view.frameElement) return isDark(view.frameElement);
  const scheme = getComputedStyle(host.ownerDocument.documentElement).colorScheme; // what the page offers
  return scheme.includes("dark") && (!scheme.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
}

// Moves by the keys of a keyboard and of a clicker. `moves` has the functions back, next, first and last; each says whether
// it went anywhere, and where it didn't the key is left to the page. On a page of its own no click is needed before.
function listenToKeys(room, moves) {
  const listener = room.whole ? document : room.host;
  const names = { ArrowLeft: "back", PageUp: "back", ArrowRight: "next", PageDown: "next", Home: "first", End: "last" };
  listener.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.composedPath()[0], tag = target.tagName;
    if (tag === "SELECT" || tag === "TEXTAREA" || (tag === "INPUT" && target.type !== "range")) return;
    let move = event.shiftKey ? undefined : names[event.key];
    if (event.key === " " && tag !== "BUTTON" && tag !== "SUMMARY") move = event.shiftKey ? "back" : "next";
    if (move === undefined || !moves[move]() && tag !== "INPUT") return;
    event.preventDefault(); // the slider moves with the rest, and the page doesn't scroll
    event.stopPropagation();
  });
}
