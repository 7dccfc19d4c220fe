"""The reference implementation on asyncio (DESIGN.md section 8). Nothing here imports another world."""

import logging

# what a scripted outage or a slow reader makes the servers complain about is in the trace; `serve` shows it
logging.getLogger(__name__).addHandler(logging.NullHandler())
