// Runs Python beside the page: it is given the files, says how far it is, and then answers requests.
"use strict";
const url = (content) => URL.createObjectURL(new Blob([content], { type: "text/javascript" }));

async function start(files) {
  const say = (done, of) => postMessage({ progress: [done, of] });
  const answers = [["pyodide.asm.wasm", "application/wasm"], ["python_stdlib.zip", "application/zip"],
    ["pyodide-lock.json", "application/json"]];
  self.fetch = async (asked) => {
    const found = answers.find(([name]) => String(asked.url || asked).endsWith(name));
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
  explore = python.runPython("from autograd.classroom.explore import answer\nanswer");
  train = (request) => {  // nn is loaded when it is wanted
    const made = python.runPython("import nn\nfrom autograd.classroom.training import Training\nTraining(nn).answer");
    return (train = made)(request);
  };
  say(5, 5);
}

let explore, train;
onmessage = async ({ data }) => {
  try {
    if (data.files) {
      await start(data.files);
      postMessage({ ready: true });
    } else if (data.train) postMessage({ trained: train(data.train) });
    else postMessage({ id: data.id, answer: explore(data.request) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
