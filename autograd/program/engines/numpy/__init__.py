"""The NumPy engine: the operations as a Python function of NumPy calls, its buffers planned."""
