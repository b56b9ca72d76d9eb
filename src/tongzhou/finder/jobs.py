"""What the finder does by the clock, and the kind of file it takes in."""
