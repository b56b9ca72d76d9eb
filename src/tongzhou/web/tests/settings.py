"""Settings of the tests: SQLite in memory, or a real PostgreSQL (TONGZHOU_TEST_DATABASE=postgres).

The first process of a run starts the PostgreSQL cluster and names it in DATABASE_URL; the workers
it starts inherit that, and pytest-django gives each a database of its own.
"""

import os

from .cluster import start_cluster

os.environ["TONGZHOU_MODE"] = "test"
if os.environ.get("TONGZHOU_TEST_DATABASE", "sqlite") == "sqlite":
    os.environ["DATABASE_URL"] = "sqlite://"
elif "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATABASE_URL"] = start_cluster()

from tongzhou.web.settings import *  # noqa: F403 - the mode has to be known before

# Argon2 takes 0.1 s a hash on purpose; a test that signs in should not pay for it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
