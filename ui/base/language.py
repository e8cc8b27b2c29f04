"""Language of the window: Paragone's translations, Qt's own translations and the layout direction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtGui import QGuiApplication

from desktop.system.log import logger
from desktop.system.paths import resources

SYSTEM, ENGLISH = "system", "en"

_FORMS = {"ar": "ar_AE"}
"""Locale used for the formats of a language. Digits stay 0 to 9, as in code, because mixed digits are hard to read."""

_log = logger("ui.base.language")


class Language(QObject):
    """Loads the window's translations. `folder` contains one file per language, paragone_CODE.qm."""

    def __init__(self, app: QGuiApplication, folder: Path | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._folder = folder or resources() / "i18n"
        self._translators: list[QTranslator] = []
        self.code = ENGLISH
        """The language that is shown."""

    def use(self, wanted: str) -> None:
        """Switch to a language. SYSTEM selects the first available of the system's languages, or else English."""
        self.leave()
        self.code = self._first(QLocale.system().uiLanguages() if wanted == SYSTEM else [wanted])
        QLocale.setDefault(_locale(self.code))
        if self.code == ENGLISH:
            return
        qts = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        self._install(qts / f"qtbase_{self.code}.qm")
        self._install(self._folder / f"paragone_{self.code}.qm")
        self._app.setLayoutDirection(QLocale(self.code).textDirection())

    def leave(self) -> None:
        """Remove all translators and return to English."""
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()
        self._translators.clear()
        if self.code != ENGLISH:
            self.code = ENGLISH
            QLocale.setDefault(QLocale.system())
            self._app.setLayoutDirection(QLocale(ENGLISH).textDirection())

    def _first(self, wanted: Sequence[str]) -> str:
        for name in wanted:
            code = name.replace("_", "-").partition("-")[0]
            if code == ENGLISH or (self._folder / f"paragone_{code}.qm").is_file():
                return code
        return ENGLISH

    def _install(self, path: Path) -> None:
        translator = QTranslator(self)
        if not translator.load(str(path)) or not QCoreApplication.installTranslator(translator):
            _log.warning("The translation %s cannot be used.", path.name)
            return
        self._translators.append(translator)


def _locale(code: str) -> QLocale:
    """Return the locale for numbers and dates: the system's own if it has this language, otherwise a default one."""
    system = QLocale.system()
    if system.name().startswith(code) or (code == ENGLISH and system.language() is QLocale.Language.C):
        return system
    if code == ENGLISH:
        return QLocale(QLocale.Language.English, system.territory())
    return QLocale(_FORMS.get(code, code))
