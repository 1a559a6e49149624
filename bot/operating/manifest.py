"""``origami-slack manifest``: what Slack is told about the app."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import manifest as app_manifest
from bot.operating.refusing import OperatingError, refusing


@refusing
def manifest(
    url: Annotated[
        str | None, typer.Option(help="The https:// address of this bot: prints the manifest for HTTP.")
    ] = None,
) -> None:
    """Print the Slack app manifest: for Socket Mode, or with --url for HTTP."""
    try:
        typer.echo(app_manifest.render(app_manifest.manifest(url)), nl=False)
    except ValueError as error:
        raise OperatingError(str(error)) from error
