"""From a user's own reads and annotation to cells that can be scored."""
