// What the page says itself, from the one table of strings (texts.py), in the language of the reader or of the link.
"use strict";
const $ = (id) => document.getElementById(id);
let language = "en";

function say(key, words = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (gap, name) => Object.hasOwn(words, name) ? words[name] : gap);
}

// Elements say what the table has for data-say; data-say-label is what is heard of them.
function speak(wanted) {
  if (Object.hasOwn(TEXTS, wanted)) language = wanted;
  document.documentElement.lang = language;
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]"))
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
  $("language").value = language;
}

$("language").replaceChildren(...Object.keys(TEXTS).map((name) => {
  const option = new Option(TEXTS[name].language, name);
  option.lang = name;
  return option;
}));
speak([new URLSearchParams(location.hash.slice(1)).get("lang"), ...navigator.languages.map((x) => x.slice(0, 2))]
  .find((x) => Object.hasOwn(TEXTS, x)));
