"""The rules: pure functions from findings to a verdict, its reasons and what is missing.

Standard library only: no Django, no clock, no database.
"""
