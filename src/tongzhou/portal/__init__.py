"""What the public sees: channel pages, trace pages and the open API."""
