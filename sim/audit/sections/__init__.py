"""The document's statements, section by section: its words, and what is looked at to judge them."""
