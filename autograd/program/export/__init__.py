"""What a program computes as a file that stands alone: readable NumPy, and ONNX."""
