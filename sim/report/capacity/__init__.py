"""The report on what the servers must carry: the queue, the hub, and the herd after a restart."""
