"""``python -m bot`` is ``origami-slack``."""

from bot.cli import main

if __name__ == "__main__":
    main()
