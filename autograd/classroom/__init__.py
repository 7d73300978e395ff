"""The classroom: one page in which the engine itself runs, for a web server or a stick.

building.py makes it, command.py is its command. The page's rooms are tabs (rooms.js): page.js shows what explore.py
computes, practise.js what sheets.py does, train.js what training.py does, and course.js the notebooks, which course.py
has made HTML; worker.js runs the Python in between. What is said stands in texts.py, in each language. No number is
computed in JavaScript.
"""
