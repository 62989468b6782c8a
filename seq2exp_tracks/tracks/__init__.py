"""Window scores to tracks of the genome: merged values, called elements, tables."""
