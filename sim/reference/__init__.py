"""The reference implementation on asyncio (DESIGN.md section 8). Nothing here imports another world."""
