"""Fair allocation in waves, as a pure library: arrays and plain values in, a plan out (floor 0)."""
