"""The clinical systems: MSKCC 2002, IMDC 2009, Negrier 2005, Figlin 1997, CWG strata, Bui 2003.

Pure, as all rules are: factors in, verdict out. Source: section 5 of the model reference.
"""
