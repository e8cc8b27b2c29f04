"""The window's wording for sentences of desktop/ that name settings keys or command-line options."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.settings.schema import OPTIONS
from desktop.text.phrases import Phrase, phrase

_ENTRA = "Sign in with Entra ID instead: in the connection's settings or with `connections add --auth entra`."
_OTHER_FOLDER = phrase("Check the folder's permissions, or start Paragone with another data folder.")

WORDING: Mapping[str, Phrase] = {
    "--key-env expects the variable's name, not the key itself. To pass the key, use --key-stdin.": phrase(
        "Enter the variable's name, not the key itself."
    ),
    "Enter the key in the key field, or pass it with --key-stdin.": phrase("Enter the key in the key field."),
    "Add the connection, or choose other models with --model connection/model.": phrase(
        "Add the connection, or choose other models."
    ),
    "If you are behind a company proxy, add its root certificate to the system or set `network.ca_file`.": phrase(
        "If you are behind a company proxy, add the proxy's root certificate to the system, or choose it "
        "in Settings › Network › Certificate file."
    ),
    "Check both in `network.proxy`. Write @ as %40, : as %3A and / as %2F.": phrase(
        "Check the user name and password in Settings › Network › Proxy. Write %40 for @, %3A for : and %2F for /."
    ),
    "Check the folder's permissions, or choose another one with --data-dir.": _OTHER_FOLDER,
    "Check the network, VPN and proxy. `network.connect_timeout_s` sets how long to wait.": phrase(
        "Check the network, VPN and proxy. Settings › Network › Connection timeout sets how long to wait."
    ),
    "Check the parameters, then allow them (`--allow-parameters` in a terminal).": phrase(
        "Check the parameters, then allow them."
    ),
    "Compare a successor on your own conversations: paragone successor {new} --of {old}": phrase(
        "Choose Evaluate › Replay to compare a successor on your own conversations."
    ),
    "Correct the `entra.authority` setting.": phrase("Correct the address in Settings › Network › Sign-in server."),
    "Enter the address as http://HOST:PORT in `network.proxy`. SOCKS proxies are not supported.": phrase(
        "Enter http://HOST:PORT in Settings › Network › Proxy. SOCKS proxies are not supported."
    ),
    "Enter the user name and password in `network.proxy` as http://NAME:PASSWORD@HOST:PORT.": phrase(
        "Enter http://NAME:PASSWORD@HOST:PORT in Settings › Network › Proxy."
    ),
    _ENTRA: phrase("Sign in with Entra ID instead, in the connection's settings."),
    "If this is your own server, set `network.ca_file` to its certificate. Otherwise, do not continue.": phrase(
        "If the server is your own, choose its certificate in Settings › Network › Certificate file. Otherwise, do not"
        " continue."
    ),
    "Install and unlock a keyring (GNOME Keyring or KWallet), or pass the key with --key-env VARIABLE.": phrase(
        "Install and unlock a keyring (GNOME Keyring or KWallet)."
    ),
    "Install the newer version, or use another --data-dir. The file was not changed.": phrase(
        "Install the newer version, or start Paragone with another data folder. The file was not changed."
    ),
    "Let the connection choose the API format: `connections add --wire auto`.": phrase(
        "Let the connection choose the API format."
    ),
    "Specify a model with --model or under `contenders`.": phrase("Add a model to the suite."),
    "Paragone only supports Basic authentication. Set `network.proxy` to a local proxy that signs in to "
    "this proxy for you, such as Px or Cntlm, or ask the proxy's administrator for an exception.": phrase(
        "Paragone only supports Basic authentication. In Settings › Network › Proxy, enter a local proxy "
        "that signs in to your company's proxy, such as Px or Cntlm, or ask the proxy's administrator for "
        "an exception."
    ),
    "Rename the file, or choose another folder with --data-dir.": phrase(
        "Rename the file, or start Paragone with another data folder."
    ),
    "Resume the run with --allow-unknown-prices, or add the price to the catalog.": phrase(
        "Add the price to the catalog, or run the suite without a cap."
    ),
    "Run the suite without --batch, or use --only to run only the other cases.": phrase(
        "Run the suite without batches, or without this case."
    ),
    "Enter the key for “{name}” again, or run `connections remove {name}`. Either deletes the old key.": phrase(
        "Enter the key for “{name}” again. This deletes the old key.", name=""
    ),
    "Enter the recovery code in the window, or with `storage recover` in a terminal.": phrase(
        "Enter the recovery code."
    ),
    "Sign in again. `connections remove {name}` deletes the old sign-in.": phrase(
        "Sign in again, or remove the connection “{name}”.", name=""
    ),
    "Sign in: Settings › Connections, or `connections sign-in NAME` in a terminal.": phrase(
        "Sign in under Settings › Connections."
    ),
    "`conversations list` shows the IDs.": phrase("Choose the conversation in the sidebar."),
    "`runs list` shows the IDs.": phrase("Choose the run on the Runs page."),
    "Sign in with a code instead (--device-code).": phrase("Sign in with a code instead."),
    "Continue the run in a terminal: `paragone runs resume`.": phrase("Resume the run in a terminal."),
    "Remove the flagged text, or send the prompt anyway (`--allow-flagged` in a terminal).": phrase(
        "Remove the flagged text, or send the prompt anyway."
    ),
    "Try again. `network.first_token_timeout_s` and `network.idle_timeout_s` set how long to wait.": phrase(
        "Try again. In Settings › Network, TTFT timeout and Idle timeout set how long to wait."
    ),
    "Ask your administrator to configure the application (`entra.client_id`) as a public client with the "
    "redirect URI http://localhost.": phrase(
        "Ask your administrator to configure the Entra ID application as a public client with the "
        "redirect URI http://localhost."
    ),
    "`conversations show ID --receipts` shows the response IDs.": phrase("Choose the response in its conversation."),
    "`network.ca_file` must be set to a PEM file that contains certificates.": phrase(
        "Settings › Network › Certificate file must be a PEM file with certificates."
    ),
    "Set network.ca_file to a readable PEM file, or leave it empty.": phrase(
        "Choose a readable PEM file in Settings › Network › Certificate file, or leave the setting empty."
    ),
}
"""The window's own template for each template of desktop/, with the same placeholders."""

LABELS: Mapping[str, Phrase | str] = {option.key: option.label for option in OPTIONS if option.label}
"""Label of each setting in the window, by the setting's key in the file."""


def reworded(template: str) -> str:
    """Return the window's own template for a sentence, or the original if there is none."""
    found = WORDING.get(template)
    return template if found is None else found.template
