"""The obvious ways to poll, as short and as fair as they can be written; each runs in a process of its own."""
