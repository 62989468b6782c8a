"""What others open: pictures and files made from a run's manifest."""
