"""What a guide may say, how its text becomes a page, and the guides that come with us."""
