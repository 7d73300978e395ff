// The rooms of the page are tabs. A link says which one, in which language, and what is in it.
const rooms = new Map();
let current = null;

// A room: `mine(given)` says whether a link is to it, `read(given)` takes what the link says, `link()` gives that as pairs;
// `enter`, `leave` and `spoken` (another language) are called when that happens.
function addRoom(name, room) {
  rooms.set(name, room);
  $(`to-${name}`).addEventListener("click", () => goTo(name));
}

function goTo(name) {
  if (current && current !== name) rooms.get(current).leave?.();
  current = name;
  for (const other of rooms.keys()) {
    $(other).hidden = other !== name;
    $(`to-${other}`).setAttribute("aria-selected", other === name);
    $(`to-${other}`).tabIndex = other === name ? 0 : -1;
  }
  rooms.get(name).enter();
  intoLink();
}

function linkTo(pairs) {
  return `#${new URLSearchParams([...pairs, ["lang", language]])}`.replaceAll("+", "%20").replace(/=(?=&|$)/, "");
}

let linkAt = 0, linkTimer = null;  // a browser bears no more than 100 changes of the link in 30 seconds
function intoLink() {
  clearTimeout(linkTimer);
  linkTimer = setTimeout(() => {
    const pairs = rooms.get(current).link();
    if (linkTo(pairs) !== location.hash) history.replaceState(null, "", linkTo(pairs));
    linkAt = performance.now();
  }, Math.max(0, linkAt + 400 - performance.now()));
}

function follow() {
  const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));  // a link that one types has a + of its own
  if (Object.hasOwn(TEXTS, given.get("lang")) && given.get("lang") !== language) speak(given.get("lang"));
  const name = [...rooms.keys()].find((name) => rooms.get(name).mine(given));
  if (name) rooms.get(name).read(given);
  goTo(name || current || "explore");
}

$("tabs").addEventListener("keydown", (event) => {
  const names = [...rooms.keys()], i = names.indexOf(current), n = names.length;
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1 + n, Home: 0, End: n - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  goTo(names[to % n]);
  $(`to-${current}`).focus();
});
$("language").addEventListener("change", ({ target }) => {
  speak(target.value);
  for (const room of rooms.values()) room.spoken?.();
  goTo(current);
});
$("large").addEventListener("click", ({ currentTarget }) => {
  const on = document.documentElement.classList.toggle("large");
  currentTarget.setAttribute("aria-pressed", on);
});
addEventListener("hashchange", follow);
