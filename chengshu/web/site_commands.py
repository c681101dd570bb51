"""`chengshu serve` and `chengshu worker`."""

from typing import Annotated

import typer

from chengshu.web import options

SERVE_HELP = "在本机提供网站与后台作业。\n\nServe the site, and its background jobs."
WORKER_HELP = "只做后台作业。\n\nDo background jobs alone."


def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址。\nAddress to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="监听端口。\nPort to listen on.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="同时做后台作业。\nWith background jobs.")
    ] = True,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Serve the site, and its background jobs."""
    from chengshu.web import serving
    from chengshu.web.django_start import usable_database

    options.check_whole("port", port, 1, 65535)
    with usable_database():
        serving.collect_static()
    serving.serve(host, port, has_worker=worker)


def work(
    batch: Annotated[bool, typer.Option("--batch", help="做完即止。\nEnd when there are no jobs left.")] = False,
    lang: options.Lang = None,
    debug: options.Debug = False,
) -> None:
    """Do background jobs alone."""
    from chengshu.web import worker
    from chengshu.web.django_start import usable_database

    with usable_database():
        worker.work(batch=batch)
