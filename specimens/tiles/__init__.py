"""Whole-slide files into tiles for the deep-zoom viewer. Knows files, no database and no Django."""

METHOD = "colour deconvolution, edition 1: DAB over 0.2 OD of tissue over 0.06 OD"
