"""The report of the audit: one page from what was found, as Markdown and as HTML."""
