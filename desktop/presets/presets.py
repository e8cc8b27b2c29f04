"""All presets: bundled ones, the organization's, and the user's own, which are saved atomically in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec

from desktop.domain.conversation_types import new_id
from desktop.errors import ParagoneError, SettingsError, StoreReadOnly, TransferError, UsageError
from desktop.presets.preset import Applied, Preset, recognised
from desktop.presets.preset_files import PresetFile, checked, from_text, from_toml, to_json, to_toml
from desktop.system.paths import make_private_folder
from desktop.system.plain_files import TooLarge, read_plain
from desktop.system.private_files import private_lock, set_aside, write_private
from desktop.text import toml_text
from desktop.text.phrases import NOTHING, phrase

MOST_BYTES = 4 << 20
"""Maximum size of a presets file."""
MOST_PRESETS = 1_000
"""Maximum number of the user's own presets, because all of them are read at each start."""
_LOCK_TIMEOUT_S = 10.0


class Presets:
    """All presets, the bundled ones first. Without a file, the user's own presets only last as long as the process.

    Methods that change presets write immediately and may block, so call them on a thread.
    """

    def __init__(
        self,
        shipped: Callable[[], Iterable[Preset]] = tuple,
        file: Path | None = None,
        *,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._shipped = shipped
        self.require: Callable[[], None] = lambda: None
        """Raises PolicyForbids where none may be brought in from a file."""
        self.own: tuple[Preset, ...] = ()
        self.notices: tuple[str, ...] = ()
        self._file = file
        self._clock = clock
        self._found = PresetFile()

    @classmethod
    def load(cls, shipped: Path, file: Path | None = None, given: Path | None = None) -> Presets:
        """Load the bundled presets, those in the administrator's `given` file, and the user's own.

        Problems are in `notices`.
        """
        organisation, slips = _given(given)
        loaded = cls(lambda: (*from_toml(shipped.read_text("utf-8")).presets, *organisation), file)
        try:
            loaded._read()
        except SettingsError as error:
            loaded.notices = (error.message,)
        loaded.notices = (*slips, *loaded.notices)
        return loaded

    @cached_property
    def shipped(self) -> tuple[Preset, ...]:
        """Bundled and organization presets. Read on first use, after the window has been painted."""
        return tuple(self._shipped())

    def follow(self, file: Path) -> None:
        """Store the user's own presets in `file` from now on.

        The file is a copy of the previous one. Presets created since it was copied are added.

        Raises:
            SettingsError: If the file cannot be read or written.
        """
        known, self._file = self.own, file
        self._read(at_start=False)
        held = {each.id for each in self.own}
        if not held.issuperset(each.id for each in known):
            self._update(lambda: (*self.own, *(each for each in known if each.id not in held)))

    @property
    def all(self) -> tuple[Preset, ...]:
        """All presets. One of the user's own replaces a bundled preset with the same ID."""
        own = {preset.id: preset for preset in self.own}
        return (*(own.pop(preset.id, preset) for preset in self.shipped), *own.values())

    def is_own(self, preset: Preset) -> bool:
        """Whether a preset is the user's own, and can therefore be renamed and removed."""
        return any(each.id == preset.id for each in self.own)

    def applied(self, system: str) -> Applied | None:
        """Return the preset from which a system prompt was made, or None."""
        return recognised(self.all, system) if system.strip() else None

    def title_of(self, system: str) -> str:
        """Return the title of the preset from which a system prompt was made, or an empty string."""
        found = self.applied(system)
        return "" if found is None else found.preset.title

    def add(self, preset: Preset) -> Preset:
        """Store a new preset of the user with a unique title and ID, and return it.

        Raises:
            UsageError: If the preset is invalid.
            SettingsError: If the file cannot be read or written.
        """
        return self.add_all([preset])[0]

    def add_all(self, presets: Sequence[Preset]) -> tuple[Preset, ...]:
        """Store new presets of the user, and return them. Duplicate titles get a number.

        Raises:
            UsageError: If any preset is invalid; none is stored then.
            SettingsError: If the file cannot be read or written.
        """
        added: list[Preset] = []

        def change() -> tuple[Preset, ...]:
            """Return the existing presets, and the new ones with unique titles."""
            if len(self.own) + len(presets) > MOST_PRESETS:
                raise UsageError(
                    phrase("There can be at most {most} presets.", most=f"{MOST_PRESETS:,}"),
                    hint=phrase("Remove some presets. Nothing was changed."),
                )
            titles = _FreeTitles(each.title for each in self.all)
            for preset in presets:
                tidy = checked(preset)
                added.append(msgspec.structs.replace(tidy, id=new_id(), title=titles.free(tidy.title)))
            return (*self.own, *added)

        self._update(change)
        return tuple(added)

    def put(self, preset: Preset) -> None:
        """Replace the user's own preset with the same ID, or restore one that was removed.

        Raises:
            UsageError: If the preset is invalid.
            SettingsError: If the file cannot be read or written.
        """
        tidy = checked(preset)

        def change() -> tuple[Preset, ...]:
            """Return the presets with this one in its previous position, or at the end."""
            if all(each.id != tidy.id for each in self.own):
                return (*self.own, tidy)
            return tuple(tidy if each.id == tidy.id else each for each in self.own)

        self._update(change)

    def remove(self, preset: Preset) -> None:
        """Remove one of the user's own presets.

        Raises:
            SettingsError: If the file cannot be saved.
        """
        self._update(lambda: tuple(each for each in self.own if each.id != preset.id))

    def import_file(self, path: Path) -> tuple[tuple[Preset, ...], tuple[str, ...]]:
        """Add the presets in a TOML or JSON file. Returns the added ones, and sentences about the others.

        Raises:
            TransferError: If the file contains no preset.
            PolicyForbids: If a policy does not allow it.
            SettingsError: If the presets cannot be saved.
        """
        self.require()
        try:
            preset_file = from_text(read_plain(path, MOST_BYTES).decode("utf-8-sig"))
        except TooLarge as error:
            raise TransferError(phrase("{file} is too large for a presets file.", file=path.name)) from error
        except OSError as error:
            raise TransferError(
                phrase("{file} could not be read: {reason}.", file=path.name, reason=error.strerror or error)
            ) from error
        except (ValueError, RecursionError) as error:
            raise TransferError(
                phrase("{file} contains no presets.", file=path.name), hint=phrase("The file must be TOML or JSON.")
            ) from error
        if not preset_file.presets:
            said = phrase("{file} contains no usable presets.", file=path.name)
            raise TransferError(said, hint=preset_file.notices[0] if preset_file.notices else NOTHING)
        return self.add_all(preset_file.presets), preset_file.notices

    def export_file(self, path: Path, presets: Sequence[Preset]) -> None:
        """Write presets to a file: JSON if its name ends with `.json`, otherwise TOML.

        Raises:
            TransferError: If the file cannot be written.
        """
        text = to_json(presets) if path.suffix.lower() == ".json" else to_toml(presets)
        try:
            write_private(path, text)
        except OSError as error:
            raise TransferError(
                phrase("{file} could not be written: {reason}.", file=path, reason=error.strerror or error)
            ) from error

    def _read(self, *, at_start: bool = True) -> None:
        """Read the user's file. An invalid file is renamed, but only `at_start`.

        Raises:
            SettingsError: If the file cannot be read.
        """
        found, notices = PresetFile(), ()
        if self._file is not None:
            found, notices = self._read_file(self._file, at_start=at_start)
        self._found, self.own, self.notices = found, found.presets, notices

    def _read_file(self, file: Path, *, at_start: bool) -> tuple[PresetFile, tuple[str, ...]]:
        """Return the content of a file, and sentences about unusable parts."""
        try:
            content = from_toml(read_plain(file).decode("utf-8-sig"))
        except FileNotFoundError:
            return PresetFile(), ()
        except (TooLarge, ValueError, RecursionError) as error:
            reason = error.strerror if isinstance(error, TooLarge) else str(error).rstrip(".")
            if not at_start:  # someone may be editing it, and nothing may be lost
                raise SettingsError(
                    phrase("The presets file {file} is invalid: {reason}.", file=file, reason=reason),
                    hint=phrase("Correct the file manually. Nothing was changed."),
                ) from error
            said = phrase(
                "The presets file was invalid ({reason}). Paragone moved it to {file}.",
                reason=reason,
                file=self._set_aside(file),
            )
            return PresetFile(), (said,)
        except OSError as error:
            raise SettingsError(
                phrase("The presets in {file} could not be read: {reason}.", file=file, reason=error.strerror)
            ) from error
        return content, tuple(
            phrase("{problem} The preset stays in {file}.", problem=each, file=file) for each in content.notices
        )

    def _update(self, change: Callable[[], tuple[Preset, ...]]) -> None:
        """Read, change and save the user's presets while no other process can change them."""
        if self._file is None:
            self.own = change()
            return
        from filelock import Timeout

        try:
            make_private_folder(self._file.parent)
            with private_lock(self._file.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                self._read(at_start=False)
                changed = change()
                text = to_toml(changed, self._found.broken)
                if len(text) > toml_text.MOST_CHARACTERS:
                    raise SettingsError(
                        toml_text.too_large(self._file), hint=phrase("Shorten the preset. Nothing was changed.")
                    )
                write_private(self._file, text)
                self.own = changed
        except Timeout as error:
            raise SettingsError(
                phrase("Another program is using the presets file."),
                hint=phrase("Close that program and try again. Nothing was changed."),
            ) from error
        except (OSError, StoreReadOnly) as error:
            reason = error.message if isinstance(error, ParagoneError) else error.strerror or error
            raise SettingsError(
                phrase("The presets in {file} could not be saved: {reason}.", file=self._file, reason=reason)
            ) from error

    def _set_aside(self, file: Path) -> Path:
        try:
            return set_aside(file, self._clock().strftime("%Y%m%d-%H%M%S"))
        except OSError as error:
            raise SettingsError(
                phrase(
                    "The file {file} is invalid and could not be moved: {reason}.",
                    file=file,
                    reason=error.strerror,
                )
            ) from error


class _FreeTitles:
    """Provides titles that are not used yet. Each title is provided once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def free(self, title: str) -> str:
        """Return the title, with a number added if it is already used."""
        number, candidate = self._numbers.get(title, 1), title
        while candidate in self._taken:
            number += 1
            candidate = f"{title} ({number})"
        self._numbers[title] = number
        self._taken.add(candidate)
        return candidate


def _given(file: Path | None) -> tuple[tuple[Preset, ...], tuple[str, ...]]:
    """Return the presets in the administrator's file, and sentences about problems."""
    if file is None:
        return (), ()
    try:
        found = from_toml(read_plain(file)[:MOST_BYTES].decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        return (), (phrase("The presets in {file} could not be used: {reason}.", file=file, reason=reason),)
    return found.presets, found.notices
