"""Whole-slide files into tiles for the deep-zoom viewer. Knows files, no database and no Django."""
