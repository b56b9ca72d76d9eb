"""A campaign, who counts in it, and the demand collected up the tree."""
