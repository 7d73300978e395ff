// Runs Python code in Pyodide, with the Graphviz that a page has, too.
// Arguments: the folder node_modules, then folders NAME=PATH that Python finds as /NAME, then the code.
import { pathToFileURL } from "node:url";
const [modules, ...folders] = process.argv.slice(2, -1);
const load = (path) => import(pathToFileURL(`${modules}/${path}`));
const { loadPyodide } = await load("pyodide/pyodide.mjs");
try {
  const { Graphviz } = await load("@hpcc-js/wasm-graphviz/dist/index.js");
  globalThis.graphviz = await Graphviz.load();
} catch (missing) {}
const python = await loadPyodide({ env: { ...process.env, HOME: "/home/pyodide" } });
for (const folder of folders) {
  const [name, path] = folder.split("=");
  python.mountNodeFS(`/${name}`, path);
}
process.exitCode = python.runPython(`
import sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/project"]
sys.path.append("/packages")
${process.argv.at(-1)}
`) ?? 0;
