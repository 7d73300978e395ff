"""One way to write mathematics: names of nodes, formulas as text, LaTeX and MathML, and equations of matrices."""
