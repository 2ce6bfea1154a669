"""Pure statistics over exported rows: no database, no Django."""
