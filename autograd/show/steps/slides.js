// The keys of a keyboard and of a clicker turn the slides; those that scroll by a page do so by themselves.
(function () {
  const shown = [...document.querySelectorAll("section")];
  const at = () => Math.round(scrollY / innerHeight);
  const go = (k) => shown[Math.max(0, Math.min(shown.length - 1, k))].scrollIntoView();
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const back = ["ArrowLeft", "ArrowUp", "PageUp"].includes(event.key) || (event.key === " " && event.shiftKey);
    const next = ["ArrowRight", "ArrowDown", "PageDown", " "].includes(event.key);
    if (!back && !next) return;
    event.preventDefault();
    go(at() + (back ? -1 : 1));
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const shade = () => document.querySelector(".stage").classList.toggle("dark", dark.matches);
  dark.addEventListener("change", shade);
  shade();
})();
