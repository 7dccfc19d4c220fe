"""The report that guides the choice of a poll interval and of a backoff."""
