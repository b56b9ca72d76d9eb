"""Public pages: plain HTML, no sign-in, no script, no person."""
