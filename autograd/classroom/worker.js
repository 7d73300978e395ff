// Runs Python beside the page: it is given the files, says how far it is, and then answers requests.
"use strict";
const url = (content) => URL.createObjectURL(new Blob([content], { type: "text/javascript" }));

async function start(files) {
  const say = (done, of) => postMessage({ progress: [done, of] });
  const content = [["pyodide.asm.wasm", "application/wasm"], ["python_stdlib.zip", "application/zip"],
    ["pyodide-lock.json", "application/json"]];
  self.fetch = async (asked) => {
    const found = content.find(([name]) => String(asked.url || asked).endsWith(name));
    if (!found) throw new Error(`no request leaves this page: ${asked.url || asked}`);
    return new Response(files[found[0]], { headers: { "Content-Type": found[1] } });
  };
  self.assembly = url(files["pyodide.asm.mjs"]);
  const loader = new TextDecoder().decode(files["pyodide.mjs"]).replace(/import\(/g, "__import(");
  const patched = "const __import = (u) => import(String(u).endsWith('pyodide.asm.mjs') ? self.assembly : u);\n" + loader;
  const { loadPyodide } = await import(url(patched));
  say(2, 5);
  const python = await loadPyodide({ indexURL: "http://inlined.invalid/" });
  say(3, 5);
  const { Graphviz } = await import(url(files["graphviz.js"]));
  globalThis.graphviz = await Graphviz.load();
  say(4, 5);
  python.unpackArchive(files["project.zip"], "zip");
  make = (code) => python.runPython(code);
  answers.explore = make(ROOMS.explore);
  say(5, 5);
}

const ROOMS = {  // what answers; nn is loaded when it is wanted
  explore: "from autograd.classroom.explore import answer\nanswer",
  practise: "from autograd.classroom.sheets import answer\nanswer",
  train: "import nn\nfrom autograd.classroom.training import Training\nTraining(nn).answer",
};
const answers = {};
let make;
onmessage = async ({ data }) => {
  try {
    if (data.files) {
      await start(data.files);
      postMessage({ ready: true });
    } else {
      answers[data.room] ??= make(ROOMS[data.room]);
      postMessage({ room: data.room, answer: answers[data.room](data.request) });
    }
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
