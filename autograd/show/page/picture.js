// A picture with blanks: an SVG whose groups have the classes "node n0", "node n1", ... and "edge e0_0", ..., and whose
// texts with a data-blank are to be filled in.

// Puts the picture into a frame that scrolls where it must.
//   blank(key)      the text by that name
//   group(key)      the group by that name
//   fill(texts)     writes texts into the blanks; all others are empty
//   mark(classes)   gives groups classes: {"active": ["n3"], ...}; all others have none of them
//   fly(flights)    moves texts from the nodes that they come from: {"e3_0": "n3"}
//   fit(all)        scales it: all of it is seen, if it is legible then, or in any case
//   reveal(keys)    scrolls so that the groups are seen, the first of them in any case
function makePicture(parent, svg, label, room) {
  const frame = make(parent, "div", "picture", { role: "img", "aria-label": label, tabindex: "0" });
  frame.innerHTML = svg;
  const drawn = frame.querySelector("svg"), groups = {}, blanks = {};
  const [wide, high] = drawn.getAttribute("viewBox").split(" ").slice(2).map(Number);
  const LEGIBLE = 0.34, READ = 0.6, MOST = 2.5; // what a letter of 22 pixels is scaled: to be seen, to be read, at most
  let zoom = 1, marked = [];
  for (const group of drawn.querySelectorAll(".node, .edge")) groups[group.classList[1]] = group;
  for (const text of drawn.querySelectorAll("[data-blank]")) blanks[text.dataset.blank] = text;

  function fill(texts) {
    for (const key in blanks) blanks[key].textContent = texts[key] || "";
  }
  function mark(classes) {
    for (const [group, name] of marked) group.classList.remove(name);
    marked = [];
    for (const name in classes) for (const key of classes[name]) marked.push([groups[key], name]);
    for (const [group, name] of marked) group.classList.add(name);
  }
  function fly(flights) {
    const centre = (part) => { const box = part.getBBox(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    for (const key in flights) {
      if (!blanks[key]) continue;
      const text = blanks[key], [x, y] = centre(text), [fromX, fromY] = centre(groups[flights[key]]);
      text.classList.add("away");
      text.style.transform = `translate(${fromX - x}px, ${fromY - y}px)`;
      text.getBoundingClientRect(); // the browser has to see it there before it moves
      text.classList.remove("away");
      text.style.transform = "";
    }
  }
  function fit(all) {
    const height = room.stage.classList.contains("whole") ? frame.clientHeight 
      : 0.97 * parseFloat(getComputedStyle(frame).maxHeight) || Math.max(240, 0.55 * innerHeight);
    const size = Number(getComputedStyle(room.stage).getPropertyValue("--chainrule-size")) || 1;  // as the page around wants it
    const fitting = Math.min(frame.clientWidth / wide, height / high, size * MOST);
    const most = size * (room.stage.classList.contains("whole") ? MOST : Math.max(1, Math.min(MOST, 420 / high)));
    const scale = zoom * (fitting < LEGIBLE && zoom === 1 && !all ? READ : Math.min(fitting, most));
    drawn.style.width = `${Math.floor(scale * wide)}px`;
  }
  function reveal(keys) {
    const shown = keys.filter((key) => groups[key]);
    if (!shown.length) return;
    const around = frame.getBoundingClientRect(), shrunk = around.width / frame.offsetWidth || 1;
    const boxes = shown.map((key) => groups[key].getBoundingClientRect()), first = boxes[0];
    const all = { left: Math.min(...boxes.map((b) => b.left)), right: Math.max(...boxes.map((b) => b.right)),
      top: Math.min(...boxes.map((b) => b.top)), bottom: Math.max(...boxes.map((b) => b.bottom)) };
    const part = {};
    for (const [from, to] of [["left", "right"], ["top", "bottom"]])
      [part[from], part[to]] = all[to] - all[from] <= around[to] - around[from] ? [all[from], all[to]] : [first[from], first[to]];
    if (part.left < around.left || part.right > around.right)
      frame.scrollLeft += (part.left + part.right - around.left - around.right) / 2 / shrunk;
    if (part.top < around.top || part.bottom > around.bottom)
      frame.scrollTop += (part.top + part.bottom - around.top - around.bottom) / 2 / shrunk;
  }
  function rescale(to) {
    zoom = Math.max(0.25, Math.min(4, to(zoom)));
    fit();
  }
  function addTools(parent, others = []) { // for this picture, and for others beside it
    const change = (to) => () => { for (const each of [rescale, ...others.map((picture) => picture.rescale)]) each(to); };
    makeButton(parent, "−", "", room.words.smaller_picture, change((zoom) => zoom / 1.25));
    makeButton(parent, "+", "", room.words.larger_picture, change((zoom) => zoom * 1.25));
    makeButton(parent, "M1 3h14v10H1zM5 6h6v4H5z", "", room.words.fit, change(() => 0.999)); // all of it, legible or not
  }
  return {
    frame, blank: (key) => blanks[key], group: (key) => groups[key], fill, mark, fly, fit, rescale, reveal, addTools,
  };
}
