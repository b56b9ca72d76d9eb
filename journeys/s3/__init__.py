"""S3: where to go, what the medicine in the drawer may do, and what a code says."""
