"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

from .bodies import limited

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongzhou.web.settings")
application = limited(get_asgi_application())
