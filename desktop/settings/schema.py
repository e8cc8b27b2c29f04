"""Declarations of all options, with the names used in the settings file."""

from __future__ import annotations

from desktop.domain.conversation_types import MOST_DAYS
from desktop.settings.option import Form, Option, SettingsPage
from desktop.settings.vote_options import KEEP_VOTES, SHOW_ANSWERS
from desktop.text.phrases import phrase

THEME = Option(
    "appearance.theme",
    "system",
    phrase("Window colors. “System” follows the system setting."),
    choices=("system", "light", "dark", "high-contrast"),
    label=phrase("Theme"),
    page=SettingsPage.APPEARANCE,
    choice_labels=(phrase("System"), phrase("Light"), phrase("Dark"), phrase("High contrast")),
)
SCALE = Option(
    "appearance.scale",
    100,
    phrase("Size of text and controls, in addition to system scaling."),
    choices=(80, 90, 100, 110, 125, 150, 175, 200),
    label=phrase("Size"),
    page=SettingsPage.APPEARANCE,
    unit="%",
    choice_labels=("80 %", "90 %", "100 %", "110 %", "125 %", "150 %", "175 %", "200 %"),
    at_start=True,
)
COLUMN = Option(
    "appearance.column",
    "comfortable",
    phrase("Width of the text in a conversation. Wide and full suit long code and wide tables."),
    choices=("comfortable", "wide", "full"),
    label=phrase("Text width"),
    page=SettingsPage.APPEARANCE,
    choice_labels=(phrase("Comfortable"), phrase("Wide"), phrase("Full")),
)
LANGUAGE = Option(
    "appearance.language",
    "system",
    phrase("Language of the interface. Models respond in whatever language you ask for."),
    choices=("system", "en", "de", "ar"),
    label=phrase("Language"),
    page=SettingsPage.APPEARANCE,
    choice_labels=(phrase("System"), "English", "Deutsch", "العربية"),
    at_start=True,
)
NOTIFY = Option(
    "appearance.notify",
    True,  # noqa: FBT003 - the default of the option
    phrase("Notifies you when a response ends while the window is in the background."),
    label=phrase("Notifications"),
    page=SettingsPage.APPEARANCE,
)
MENU_BAR = Option(
    "appearance.menu_bar",
    False,  # noqa: FBT003 - the default of the option
    phrase("Keeps the menu bar visible. Otherwise, press Alt to show it. macOS always shows it."),
    label=phrase("Menu bar"),
    page=SettingsPage.APPEARANCE,
)
TRAY = Option(
    "appearance.tray",
    False,  # noqa: FBT003 - the default of the option
    phrase("Shows an icon in the system tray. Paragone then keeps running when you close its last window."),
    label=phrase("Tray icon"),
    page=SettingsPage.APPEARANCE,
)
DESKTOP_SHORTCUT = Option(
    "appearance.desktop_shortcut",
    False,  # noqa: FBT003 - the default of the option
    phrase(
        "Shows or minimizes Paragone from any program. Windows uses Ctrl+Alt+P; on Linux, the desktop asks you for a "
        "shortcut. Not on macOS."
    ),
    label=phrase("Desktop shortcut"),
    page=SettingsPage.APPEARANCE,
)
QUITTING = Option(
    "appearance.quitting",
    "ask",
    phrase(
        "What happens to responses that are still arriving when you quit. Stopped responses can be continued later."
    ),
    choices=("ask", "wait", "stop"),
    label=phrase("When quitting"),
    page=SettingsPage.APPEARANCE,
    choice_labels=(phrase("Ask"), phrase("Wait for responses"), phrase("Stop responses")),
)
SPELLING = Option(
    "spelling.check",
    True,  # noqa: FBT003 - the default of the option
    phrase("Underlines misspelled words in prompts. Words are checked on this computer."),
    label=phrase("Check spelling"),
    page=SettingsPage.APPEARANCE,
)
SPELLING_LANGUAGES = Option(
    "spelling.languages",
    "",
    phrase(
        "Languages to check, such as `en_US, de_DE`. If empty: those of the system, and English. For more "
        "languages, copy Hunspell dictionaries (.aff and .dic) to the folder `dictionaries` in the data folder."
    ),
    label=phrase("Spelling languages"),
    page=SettingsPage.APPEARANCE,
)
DEFAULT_MODEL = Option(
    "chat.default_model",
    "embedded/smollm2",
    phrase("The model used when you do not choose one."),
    label=phrase("Model for new chats"),
    page=SettingsPage.MODELS,
    form=Form.MODEL,
)
SYSTEM_PROMPT = Option(
    "chat.system_prompt",
    "",
    phrase("The system prompt for new conversations."),
    label=phrase("System prompt"),
    page=SettingsPage.MODELS,
    form=Form.PROSE,
)
TITLES = Option(
    "chat.titles",
    "",
    phrase(
        "The model that generates titles for new chats. It receives their first prompt and response. If "
        "empty, the first words of the prompt become the title."
    ),
    label=phrase("Title model"),
    page=SettingsPage.MODELS,
    form=Form.MODEL,
)
OWN_TITLES = Option(
    "chat.own_titles",
    False,  # noqa: FBT003 - the default of the option
    phrase(
        "The model of a new chat generates the title in a short extra call with the first prompt and "
        "response. If a title model is set, it is used instead."
    ),
    label=phrase("Titles from the chat's model"),
    page=SettingsPage.MODELS,
)
CONNECT_TIMEOUT = Option(
    "network.connect_timeout_s",
    10.0,
    phrase("Seconds to wait for a connection to a server."),
    minimum=0.1,
    maximum=600.0,
    label=phrase("Connection timeout"),
    page=SettingsPage.NETWORK,
    unit=phrase("s"),
    at_start=True,
)
FIRST_TOKEN_TIMEOUT = Option(
    "network.first_token_timeout_s",
    300.0,
    phrase("Maximum seconds without data before a response begins. Reasoning models can take minutes."),
    minimum=0.1,
    maximum=3600.0,
    label=phrase("TTFT timeout"),
    page=SettingsPage.NETWORK,
    unit=phrase("s"),
    at_start=True,
)
IDLE_TIMEOUT = Option(
    "network.idle_timeout_s",
    60.0,
    phrase("Maximum seconds without data during a response."),
    minimum=0.1,
    maximum=3600.0,
    label=phrase("Idle timeout"),
    page=SettingsPage.NETWORK,
    unit=phrase("s"),
    at_start=True,
)
PROXY = Option(
    "network.proxy",
    "",
    phrase(
        "Proxy URL. Leave empty for the system proxy; `none` for no proxy. Connections to this computer "
        "(localhost) never use a proxy."
    ),
    label=phrase("Proxy"),
    page=SettingsPage.NETWORK,
    at_start=True,
)
CA_FILE = Option(
    "network.ca_file",
    "",
    phrase("A PEM file with root certificates to trust in addition to the system's."),
    label=phrase("Certificate file"),
    page=SettingsPage.NETWORK,
    form=Form.FILE,
    at_start=True,
)
ENTRA_CLIENT = Option(
    "entra.client_id",
    # Public client ID of the Azure CLI, which needs no app registration
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    phrase(
        "The application that Paragone uses to sign in to Entra ID: one registered by your organization, "
        "or Microsoft's own application for developers."
    ),
    label=phrase("Entra ID application"),
    page=SettingsPage.NETWORK,
)
ENTRA_AUTHORITY = Option(
    "entra.authority",
    "https://login.microsoftonline.com",
    phrase("The Entra ID sign-in server. National clouds have their own servers."),
    label=phrase("Sign-in server"),
    page=SettingsPage.NETWORK,
)
EMBEDDED_THREADS = Option(
    "embedded.threads",
    0,
    phrase("Number of threads for the embedded engine. 0: one fewer than the number of processor cores."),
    minimum=0,
    maximum=256,
    label=phrase("Embedded engine threads"),
    at_start=True,
)
KEYRING_TIMEOUT = Option(
    "keyring.timeout_s",
    30.0,
    phrase("Seconds to wait for the keyring, including its unlock prompt."),
    minimum=0.1,
    maximum=600.0,
    label=phrase("Keyring timeout"),
    unit=phrase("s"),
    at_start=True,
)
LOG_LEVEL = Option(
    "log.level",
    "INFO",
    phrase("How much is written to the log."),
    choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    label=phrase("Log level"),
    choice_labels=(phrase("Everything"), phrase("Normal"), phrase("Warnings and errors"), phrase("Errors")),
    at_start=True,
)
MOST_SHOWN_PANES = Option(
    "workspace.most_panes",
    8,
    phrase("Maximum number of panes in a comparison. Many responses at once need a wide screen and a fast computer."),
    minimum=1,
    maximum=16,
    label=phrase("Panes per comparison"),
    page=SettingsPage.APPEARANCE,
)

LARGEST_ATTACHMENT = Option(
    "attachments.largest_mb",
    50,
    phrase("Larger files cannot be attached."),
    minimum=1,
    maximum=50,
    label=phrase("Maximum file size"),
    page=SettingsPage.FILES,
    unit="MB",
)
MOST_ATTACHMENTS = Option(
    "attachments.most_files",
    100,
    phrase("Maximum number of files in a prompt."),
    minimum=1,
    maximum=100,
    label=phrase("Files per prompt"),
    page=SettingsPage.FILES,
)
MOST_ATTACHED = Option(
    "attachments.most_mb",
    512,
    phrase("Maximum total size of the files in a prompt."),
    minimum=1,
    maximum=512,
    label=phrase("Total size per prompt"),
    page=SettingsPage.FILES,
    unit="MB",
)
LONGEST_PICTURE_SIDE = Option(
    "attachments.longest_side",
    2048,
    phrase(
        "Images are scaled down to this size before they are sent to models. Smaller images cost fewer "
        "tokens; larger images keep fine print readable. Applies to files attached from now on."
    ),
    minimum=512,
    maximum=4096,
    label=phrase("Longest image side"),
    page=SettingsPage.FILES,
    unit=phrase("pixels"),
)
ENCRYPTION = Option(
    "store.encryption",
    default=False,
    description=phrase(
        "Encrypts the database, its search index and its backups on the disk. The key is stored in the "
        "keyring. If the key is lost, you can open your conversations with a recovery code."
    ),
    label=phrase("Encrypt conversations"),
    page=SettingsPage.STORAGE,
)
RETENTION = Option(
    "store.retention",
    "all",
    phrase(
        "Older conversations are deleted permanently when Paragone starts and once a day. Pinned "
        "conversations are kept unless a policy sets this option. After a crash, conversations kept only "
        "until Paragone quits are deleted at the next start."
    ),
    choices=("all", "days", "run"),
    label=phrase("Keep conversations"),
    page=SettingsPage.STORAGE,
    choice_labels=(phrase("Forever"), phrase("For a number of days"), phrase("Until Paragone quits")),
)
RETENTION_DAYS = Option(
    "store.retention_days",
    90,
    phrase("Counted from the last message. Applies if conversations are kept for a number of days."),
    minimum=1,
    maximum=MOST_DAYS,
    label=phrase("Days to keep"),
    page=SettingsPage.STORAGE,
    unit=phrase("days"),
)
EXPORT_HTML = Option(
    "export.keep_html",
    default=False,
    description=phrase(
        "Chats exported as Markdown keep the HTML tags and image links in responses. Other programs may "
        "load those images from the internet. If this setting is off, tags and links are exported as "
        "plain text."
    ),
    label=phrase("Keep HTML in Markdown exports"),
    page=SettingsPage.STORAGE,
    lockable=False,
)
TRASH_DAYS = Option(
    "storage.trash_days",
    30,
    phrase("Days that conversations stay in the trash before they are deleted permanently."),
    minimum=1,
    maximum=3650,
    label=phrase("Empty the trash after"),
    page=SettingsPage.STORAGE,
    unit=phrase("days"),
)


def _keys(command: str) -> Option[str]:
    """Return a command's shortcut option: a text such as “Ctrl+N”, `none` for no shortcut, or empty for the default."""
    described = phrase("Keyboard shortcut for a command. Leave empty for the default; `none` for no shortcut.")
    return Option(f"shortcuts.{command}", "", described, page=SettingsPage.SHORTCUTS, lockable=False)


SHORTCUTS = {
    command: _keys(command)
    for command in (
        *("new_chat", "temporary_chat", "new_comparison", "add_pane", "blind_round", "ranking", "figures"),
        *("differences", "fields", "tool_calls", "response_schema"),
        *("best_of_this_turn", "merge_answers", "ask_several_times", "prompts_only", "latency_and_cost"),
        *("runs", "new_run", "replay", "tools", "answer_tool_calls"),
        *("choose_this_answer", "commands", "search_conversations", "rename", "move_to_trash", "import_conversations"),
        *("export_this_conversation", "export_everything", "show_or_hide_the_sidebar", "add_connection", "settings"),
        *("keyboard_shortcuts", "doctor", "about_paragone", "quit", "print"),
        *("undo_the_last_step", "next_chat", "previous_chat", "go_to_the_message_field", "full_screen"),
        *("go_to_start_of_response", "go_to_end_of_response"),
        *("new_window", "move_to_new_window"),
        "correct_spelling",
        *("larger_text", "smaller_text", "usual_text_size"),
        *(f"go_to_pane_{number}" for number in range(1, 9)),
    )
}
"""Shortcut options of window commands, by command name."""
_GUARD_LABELS = (phrase("Allow"), phrase("Ask"), phrase("Block"))
GUARD_SECRETS = Option(
    "guards.secrets",
    "flag",
    phrase("Prompts that seem to contain an API key or a private key. Checked only on this computer."),
    choices=("off", "flag", "block"),
    label=phrase("Keys"),
    page=SettingsPage.GUARDS,
    choice_labels=_GUARD_LABELS,
)
GUARD_CARDS = Option(
    "guards.cards",
    "flag",
    phrase("Prompts that seem to contain a payment card number."),
    choices=("off", "flag", "block"),
    label=phrase("Card numbers"),
    page=SettingsPage.GUARDS,
    choice_labels=_GUARD_LABELS,
)
GUARD_PATTERNS = Option(
    "guards.patterns",
    "",
    phrase(
        "Your own regular expressions, one per line: `flag NAME: EXPRESSION` asks before sending, `block "
        "NAME: EXPRESSION` prevents sending. A pattern that times out counts as a match."
    ),
    label=phrase("Custom patterns"),
    page=SettingsPage.GUARDS,
    form=Form.PROSE,
)
GUARD_EMBEDDED = Option(
    "guards.embedded",
    default=False,
    description=phrase(
        "Prompts to the embedded model stay on this computer and are not checked unless this setting is on."
    ),
    label=phrase("Check prompts to the embedded model"),
    page=SettingsPage.GUARDS,
)
BUDGET = Option(
    "budget.monthly_usd",
    0.0,
    phrase(
        "Maximum cost of responses per calendar month, at list prices. Paragone warns you at 80%. At "
        "100%, nothing more is sent to models that cost money. 0: no budget."
    ),
    minimum=0,
    maximum=1_000_000,
    label=phrase("Monthly budget"),
    page=SettingsPage.GUARDS,
    unit="USD",
)
AUDIT_LOG = Option(
    "audit.log",
    default=False,
    description=phrase(
        "A file in the log folder records when data was sent, to which model and server, and how much, "
        "but not its contents. If the log cannot be written, nothing is sent."
    ),
    label=phrase("Keep an audit log"),
    page=SettingsPage.GUARDS,
)

TOOL_ROUNDS = Option(
    "tools.most_rounds",
    25,
    phrase("A response is ended after this many rounds of tool calls."),
    minimum=1,
    maximum=200,
    label=phrase("Rounds per response"),
    page=SettingsPage.TOOLS,
)
TOOL_TIMEOUT = Option(
    "tools.timeout_s",
    60.0,
    phrase("Time limit of a tool call. The wait for your approval does not count."),
    minimum=1.0,
    maximum=3600.0,
    label=phrase("Tool call timeout"),
    page=SettingsPage.TOOLS,
    unit=phrase("s"),
)
TOOL_RESULT = Option(
    "tools.largest_result_kb",
    1024,
    phrase("Longer results are truncated before they are sent to the model."),
    minimum=1,
    maximum=4096,
    label=phrase("Maximum result size"),
    page=SettingsPage.TOOLS,
    unit="KB",
)
SHARE_RESULTS = Option(
    "tools.share_results",
    default=True,
    description=phrase(
        "In a comparison, a call that another pane already made with the same arguments is answered with the same "
        "result, so that all models are compared on the same data."
    ),
    label=phrase("Share results between panes"),
    page=SettingsPage.TOOLS,
)

AnyOption = Option[str] | Option[int] | Option[float] | Option[bool]
TOOLS_IN_DIFFERENCES = Option(
    "tools.in_differences",
    default=False,
    description=phrase("The differences between responses also compare their tool calls and results."),
    label=phrase("Include tool calls in differences"),
    page=SettingsPage.TOOLS,
    lockable=False,
)

OPTIONS: tuple[AnyOption, ...] = (
    THEME,
    SCALE,
    COLUMN,
    LANGUAGE,
    NOTIFY,
    MENU_BAR,
    TRAY,
    DESKTOP_SHORTCUT,
    QUITTING,
    SPELLING,
    SPELLING_LANGUAGES,
    DEFAULT_MODEL,
    SYSTEM_PROMPT,
    TITLES,
    OWN_TITLES,
    CONNECT_TIMEOUT,
    FIRST_TOKEN_TIMEOUT,
    IDLE_TIMEOUT,
    PROXY,
    CA_FILE,
    ENTRA_CLIENT,
    ENTRA_AUTHORITY,
    EMBEDDED_THREADS,
    KEYRING_TIMEOUT,
    LOG_LEVEL,
    MOST_SHOWN_PANES,
    LARGEST_ATTACHMENT,
    MOST_ATTACHMENTS,
    MOST_ATTACHED,
    LONGEST_PICTURE_SIDE,
    ENCRYPTION,
    RETENTION,
    RETENTION_DAYS,
    EXPORT_HTML,
    TRASH_DAYS,
    KEEP_VOTES,
    SHOW_ANSWERS,
    GUARD_SECRETS,
    GUARD_CARDS,
    GUARD_PATTERNS,
    GUARD_EMBEDDED,
    BUDGET,
    AUDIT_LOG,
    TOOL_ROUNDS,
    TOOL_TIMEOUT,
    TOOL_RESULT,
    SHARE_RESULTS,
    TOOLS_IN_DIFFERENCES,
    *SHORTCUTS.values(),
)
