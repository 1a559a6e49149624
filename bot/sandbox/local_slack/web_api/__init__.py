"""The Web API: methods by family, and their dispatch over HTTP."""
