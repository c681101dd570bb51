"""How long the server takes for pages, in a process of its own: `python -m benchmarks.page_times USER PATH...`.

Prints JSON: for each path, milliseconds of every request after the first, and the number of queries.
"""

from __future__ import annotations

import json
import sys
import time

from chengshu.web.django_start import start_django

REQUESTS = 7


def main() -> int:
    """Ask for each page as a person who is signed in."""
    start_django()
    from django.conf import settings  # noqa: PLC0415 - only after the start
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from chengshu.accounts.models import User  # noqa: PLC0415
    from chengshu.web.serving import collect_static  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["*"]
    collect_static()
    username, *paths = sys.argv[1:]
    client = Client()
    client.force_login(User.objects.get(username=username), settings.AUTHENTICATION_BACKENDS[0])
    found = {}
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            status = client.get(path).status_code
        asked = len(queries)  # now: the next request empties the log
        times = []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            answer = client.get(path)
            _ = answer.content
            times.append(1000 * (time.perf_counter() - began))
        found[path] = {"status": status, "queries": asked, "milliseconds": times}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
