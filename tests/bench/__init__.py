"""What `make bench` measures: programs that are started whole, as users start them, and never forked of the tests'."""

from __future__ import annotations

import os

os.environ["PARAGONE_TEST_STARTS"] = "1"  # before the fork server is imported, which reads it once
