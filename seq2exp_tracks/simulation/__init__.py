"""A small genome with planted regulatory elements, so that the truth is known."""
