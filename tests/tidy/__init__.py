"""The rules of the house as functions over text; each is also run on a planted bad sample."""
