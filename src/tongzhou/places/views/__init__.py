"""Pages of the tree and its places, and of imports."""
