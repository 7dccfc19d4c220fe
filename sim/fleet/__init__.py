"""World `fleet`: millions of clients in compiled code (DESIGN.md section 10)."""
