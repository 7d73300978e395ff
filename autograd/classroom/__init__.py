"""The classroom: one page in which the engine itself runs, for a web server or a stick.

building.py makes it, command.py is its command. In the page, page.js shows what explore.py computes, and train.js what
training.py does; worker.js runs the Python in between. No number is computed in JavaScript.
"""
