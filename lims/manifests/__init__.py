"""Manifests: kept as they came, judged row by row, imported whole or not at all."""
