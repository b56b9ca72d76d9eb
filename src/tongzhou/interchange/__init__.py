"""Tables, codes and formats that cross the border of the system, as a pure library (floor 0)."""
