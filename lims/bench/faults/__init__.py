"""Faults, brought about on purpose at random moments: afterwards no score is lost, doubled or wrong.

Never to be run on a database that anybody needs. docs/reliability.md keeps what a run printed.
"""
