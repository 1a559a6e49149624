"""The obvious ways to poll, as short and as fair as we can write them; each in a process of its own."""
