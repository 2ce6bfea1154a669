"""Models that are a file alone: a marker's inputs, a table of conditions, groups. Code interprets, nothing is run."""
