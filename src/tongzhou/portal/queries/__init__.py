"""What the public may see, as plain values: never a person, never a row that holds one."""
