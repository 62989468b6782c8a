"""Files to numpy and numpy to files; nothing here knows a window or a model."""
