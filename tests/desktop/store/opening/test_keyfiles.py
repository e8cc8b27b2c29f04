"""Keys under their codes, as the program itself keeps them: other tests make it cheap to try a code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop.errors import RecoveryCodeWrong
from desktop.store.opening import keyfiles, recovery_codes
from desktop.store.sqlite.cipher import Key

_SEAL = """
import sys
from pathlib import Path
from desktop.store.opening import keyfiles
from desktop.store.sqlite.cipher import Key
key = Key.from_text(sys.argv[2])
assert key is not None
keyfiles.seal(Path(sys.argv[1]), key, sys.argv[3])
print(keyfiles.SCRYPT_N)
"""


def test_a_code_costs_the_program_a_tenth_of_a_second_and_opens_what_it_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, code = Key.make(), recovery_codes.make()
    told = subprocess.check_output([sys.executable, "-c", _SEAL, tmp_path, key.text, code], text=True)
    assert told.split() == ["32768"]
    with pytest.raises(RecoveryCodeWrong):  # at the price of other tests another key is derived
        keyfiles.unseal(tmp_path, key.id, code)
    monkeypatch.setattr(keyfiles, "SCRYPT_N", 1 << 15)
    assert keyfiles.unseal(tmp_path, key.id, code) == key
