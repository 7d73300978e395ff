// Compiles archives by Pyodide's own Python: node compiling.mjs PYODIDE.mjs compiling.py IN OUT [IN OUT ...]
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , pyodide, code, ...archives] = process.argv;
const { loadPyodide } = await import(pathToFileURL(pyodide));
const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" } });  // the same bytes each time
python.runPython(readFileSync(code, "utf-8"));
const compiled = python.globals.get("compiled");
while (archives.length) {
  const sources = python.runPython("lambda x: x.to_bytes()")(new Uint8Array(readFileSync(archives.shift())));
  writeFileSync(archives.shift(), compiled(sources).toJs());
}
