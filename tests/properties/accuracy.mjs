// Runs accuracy.py's answer() in Pyodide, whose libm is that of musl. Arguments: pyodide.mjs, this project's folder,
// the folder with mpmath, the folder with the points.
const [pyodide, project, packages, exchange] = process.argv.slice(2);
const { loadPyodide } = await import(pyodide);
const python = await loadPyodide();
for (const [name, folder] of Object.entries({ project, packages, exchange })) python.mountNodeFS(`/${name}`, folder);
python.runPython(`
import sys
sys.path[:0] = ["/project"]
sys.path.append("/packages")
from tests.properties.accuracy import answer
answer("/exchange")
`);
