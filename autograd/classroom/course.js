// Course: notebooks to read. They were made HTML when the page was built (course.py), so they need no Python here.
let lessons = null, lesson = 0, taught = null, readTo = 0;

async function teach() {
  lessons ??= bytes("course.json").then((json) => JSON.parse(new TextDecoder().decode(json)));
  let all;
  try {
    all = await lessons;
  } catch {
    $("lesson").textContent = say("no_course");
    return;
  }
  if (current !== "course") return;
  if (!all[lesson - 1]) lesson = 0;
  if (taught === lesson) return scrollTo(0, readTo);
  taught = lesson;
  if (lesson) put(all[lesson - 1].html, $("lesson"));
  else $("lesson").replaceChildren(list(all));
  for (const where of [$("to-lessons"), $("to-more")]) where.replaceChildren(...lesson ? around(all) : []);
  speak(language);
  scrollTo(0, 0);
}

function list(all) {
  const contents = Object.assign(document.createElement("ul"), { className: "contents" });
  contents.append(...all.map(({ title }, i) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("a"), { href: `#course=${i + 1}`, textContent: title }));
    return item;
  }));
  return contents;
}

function around(all) {
  const links = [["lesson_before", lesson - 1], ["lessons", ""], ["lesson_after", lesson + 1]];
  return links.filter(([, i]) => i === "" || all[i - 1]).map(([key, i]) => {
    const link = Object.assign(document.createElement("a"), { href: `#course=${i}` });
    link.dataset.say = key;
    return link;
  });
}

new ResizeObserver(() => {  // what is wider than the screen is moved, and that by keys, too
  for (const part of $("lesson").querySelectorAll("p, li, div"))
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
}).observe($("lesson"));

addRoom("course", {
  mine: (given) => given.has("course"),
  read(given) { lesson = Math.trunc(Number(given.get("course"))) || 0; },
  link: () => [["course", lesson || ""]],
  enter: teach,
  leave() { readTo = scrollY; },
});
