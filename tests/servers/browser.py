"""A browser for the real program: shows a page of the stand-in for the authority and sends its form back.

BROWSER="python -m tests.servers.browser CA_FILE %s"
"""

from __future__ import annotations

import ssl
import sys
import urllib.request

from tests.servers.authority import as_form, browse


def main(ca_file: str, page: str) -> None:
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(page, context=context) as shown:
        target, fields = browse(shown.read().decode())
    with urllib.request.urlopen(target, as_form(fields)):
        pass


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
