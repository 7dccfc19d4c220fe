"""The report that holds the model against reality: the same code under a virtual clock, and on real sockets."""
