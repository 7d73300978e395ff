// Reads an answer: numbers, names, + - * / ** %, brackets, and functions of numbers. Nothing in it is run as a script.

const FUNCTIONS = {
  abs: Math.abs, acos: Math.acos, acosh: Math.acosh, asin: Math.asin, asinh: Math.asinh, atan: Math.atan,
  atan2: Math.atan2, atanh: Math.atanh, cbrt: Math.cbrt, cos: Math.cos, cosh: Math.cosh, exp: Math.exp,
  expm1: Math.expm1, hypot: Math.hypot, ln: Math.log, log: Math.log, log10: Math.log10, log1p: Math.log1p, log2: Math.log2,
  maximum: Math.max, minimum: Math.min, pow: Math.pow, reciprocal: (a) => 1 / a, relu: (a) => Math.max(0, a),
  rsqrt: (a) => 1 / Math.sqrt(a), sigmoid: (a) => 1 / (1 + Math.exp(-a)), sign: Math.sign, sin: Math.sin,
  sinh: Math.sinh, softplus: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))), sqrt: Math.sqrt,
  square: (a) => a * a, tan: Math.tan, tanh: Math.tanh,
};
const OF_TWO = ["atan2", "hypot", "maximum", "minimum", "pow"];
const CONSTANTS = { e: Math.E, pi: Math.PI };
const WRITTEN = { "−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "^": "**", "π": "pi", "½": "(1/2)" };

// The number that a text stands for; an Error, with a sentence of `words`, if it stands for none.
function readAnswer(text, numbers, words) {
  text = text.replace(/[−–·×÷^π½]/g, (sign) => WRITTEN[sign]).trim().replace(/^=\s*/, "");
  text = text.replace(/^([+-]?\d+),(\d+)$/, "$1.$2");
  const parts = [...text.matchAll(/\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\*\*|[-+*/%(),])|(\S))/gsu)];
  let at = 0;
  const fail = (key, gaps) => { throw new Error(filled(words[key], gaps || {})); };
  const sign = () => at < parts.length ? parts[at][3] : undefined;
  const taken = (wanted) => sign() === wanted && Boolean(++at);
  const misread = () => at < parts.length ? fail("unread_at", { part: parts[at][0].trim() }) : fail("unread_end");

  function sum() {
    let value = product();
    while (sign() === "+" || sign() === "-") value = parts[at++][3] === "+" ? value + product() : value - product();
    return value;
  }
  function product() {
    let value = factor();
    while (["*", "/", "%"].includes(sign())) {
      const operator = parts[at++][3], other = factor();
      if (operator !== "*" && other === 0) fail("unread_zero");
      value = operator === "*" ? value * other : operator === "/" ? value / other : value - other * Math.floor(value / other);
    }
    return value;
  }
  function factor() { // -x**2 is -(x**2), and 2**-1 a half
    if (taken("-")) return -factor();
    if (taken("+")) return factor();
    const base = atom();
    return taken("**") ? Math.pow(base, factor()) : base;
  }
  function atom() {
    if (taken("(")) {
      const value = sum();
      return taken(")") ? value : misread();
    }
    const [, number, name] = at < parts.length ? parts[at] : [];
    if (number !== undefined) return at++, Number(number);
    if (name === undefined) return misread();
    at++;
    if (Object.hasOwn(FUNCTIONS, name)) return call(name);
    if (Object.hasOwn(numbers, name)) return numbers[name];
    if (Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name];
    return fail("unread_name", { name, names: Object.keys(numbers).join(", ") || "–" });
  }
  function call(name) {
    if (!taken("(")) fail("unread_call", { name });
    const operands = [sum()];
    while (taken(",")) operands.push(sum());
    if (!taken(")")) misread();
    if (operands.length !== (OF_TWO.includes(name) ? 2 : 1)) fail("unread_call", { name });
    return FUNCTIONS[name](...operands);
  }
  const value = sum();
  if (at < parts.length) misread();
  return Number.isFinite(value) ? value : fail("unread_finite");
}

// A sentence with its gaps filled in.
function filled(sentence, gaps) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(gaps, name) ? gaps[name] : whole);
}

// What is said of a right number that is a formula which gives wrong ones elsewhere: at each place, as gradients have kinks.
function otherwise(text, value, places, words) {
  const figure = (x) => String(Number(x.toPrecision(4)));
  let said = "";
  for (const { place, numbers, right, share } of places) {
    let there;
    try { there = readAnswer(text, numbers, words); } catch { return ""; }
    if (there === value || Math.abs(there - right) <= share * Math.max(Math.abs(right), Math.abs(there))) return "";
    said = said || " " + filled(words.formula, { place, value: figure(there), right: figure(right) });
  }
  return said;
}

// What becomes of an answer: whether it is right, and a sentence. `blank` has what it is compared with,
// `places` the names' other numbers, and what is right there.
function judge(text, blank, numbers, words, places = []) {
  if (!text.replace(/[\s=]/g, "")) return { right: false, kind: "empty", said: words.empty };
  let value;
  try {
    value = readAnswer(text, numbers, words);
  } catch (error) {
    return { right: false, kind: "unread", said: filled(words.unread, { why: error.message }) };
  }
  if (Math.abs(value - blank.right) <= blank.margin) return { right: true, kind: "right", said: filled(words.right, { number: blank.shown }) + otherwise(text, value, places, words) };
  for (const [wrong, margin, said] of blank.mistakes)
    if (Math.abs(value - wrong) <= margin) return { right: false, kind: "known", said };
  const kind = Math.abs(value - blank.right) <= blank.loose ? "rounding" : blank.wrong;
  return { right: false, kind, said: words[kind] };
}
