"""What the public pages and the desk show of the guides."""
