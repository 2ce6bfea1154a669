"""Manifest files into announced items: opened under guard, recognised by content, every row with what is wrong."""
