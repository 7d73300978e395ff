"""The chain rule written out: paths from an output to a leaf, and the derivation along them."""
