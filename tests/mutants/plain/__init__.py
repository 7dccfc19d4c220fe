"""The fleet in plain Python: stand-ins for what compiles it, and for its memory, which check bounds as well.

A copy of sim/fleet with these two files in place of its own needs no compiling, which takes half a minute a time.
"""
