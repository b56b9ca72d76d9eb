"""Settings of the server that the browser tests start: a SQLite file, real addresses."""

import os

os.environ["TONGZHOU_MODE"] = "test"

from tongzhou.web.settings import *  # noqa: F403 - the mode has to be known before

ROOT_URLCONF = "tongzhou.delivery.tests.urls"
