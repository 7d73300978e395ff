"""The engine that runs on JAX: the table of array operations as one function, which XLA compiles for CPUs and GPUs."""
