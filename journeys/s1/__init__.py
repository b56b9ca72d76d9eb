"""S1: an oximeter campaign from a donation to every village clinic."""
