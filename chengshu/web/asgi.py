"""ASGI root: `uvicorn chengshu.web.asgi:application` or any other ASGI server."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengshu.web.settings")
application = get_asgi_application()
