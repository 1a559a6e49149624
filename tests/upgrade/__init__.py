"""From the database of each earlier release to this one, with runs in flight."""
