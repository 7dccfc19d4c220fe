"""Verification: claims of the document, and worlds held against each other (DESIGN.md section 9)."""
