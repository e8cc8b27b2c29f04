<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>Paragone</name>
  <message>
   <source>${price_in} in, ${price_out} out per 1M</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>+ Add pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>--key-env takes the variable's name, not the key itself; --key-stdin reads a key.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A PDF holds at most {most} conversations.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A PEM file of root certificates to trust beside the system's.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A comparison</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A field does not fit: {error}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A kind answer to a customer whose parcel is late</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A message of “{title}” is already part of another conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A message of “{title}” stands before its parent or without it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A message's parent is not part of its conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A model is not written as connection/name.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A preset has at most {variables} variables of at most {choices} choices.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A preset needs a title and a system prompt.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A proxy's URL; empty for the system's, `none` for none. This machine is never proxied.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A system prompt has at most {most} characters.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A title has at most {most} characters.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A word in braces, as {{language}}, becomes a field to fill in.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add connection</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Advanced</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Agreement</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All models are told all answers of each turn, with the names of who gave them.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All models are told the answer that was chosen in each turn, as if it were theirs.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All of it can be carried over.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All turns</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An answer is being made in this conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An error in Paragone itself.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Another program holds the database {path}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Another program holds the file of presets.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Another program holds the settings file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Another run of the program uses these conversations.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Another start of the program holds {folder} for too long.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Appearance</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Apply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As the system</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ask anything, here or side by side</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Attachments: only their names are kept</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Azure AI Foundry</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back to the default: {value}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back to the end</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back to the presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Break the line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Calls and results of tools are left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancel editing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Certificate file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Certificates (*.pem *.crt *.cer)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Charts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ChatGPT, Claude, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, llm (logs.db) or Paragone</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check it letter by letter; it was shown when encryption was turned on.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check the disk; nothing that was saved before is lost.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a new or empty one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose another place, or free some space.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose fewer, or export a web page.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose files…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose other files…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose the file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose this answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose what the model is told beforehand</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose: {option}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close (Esc)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close differences</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close every other run of the program, then start it again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close figures</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close it and try again; nothing was changed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Code: {code}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Colours of the window. The system's are followed as they change.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Command</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Commands</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Commands and conversations</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Comparison</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Connect within</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Content of an unknown kind is left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Context rule</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue the answer, or ask again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Conversation {number}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Conversations</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy address</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy as Markdown</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy as table</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>Copy code ({language}, {n} lines)</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Cost</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cost (USD)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dark</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Description</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Details</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Differences</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Do something, or go to a conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop exports here: .json, .zip or logs.db</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Duplicate pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Duplicate pane without history</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Duration (ms)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Each model is told its own answers.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Each variable needs a name of its own, of small letters and digits.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit the last prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit, remove, import, export</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Editing a prompt; the old one is kept beside it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ended</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Errors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Esc</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything can be done by keyboard.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything there is, with all branches: Paragone can import it again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Explain</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Explain to a ten-year-old why the sky is blue.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export CSV…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export all own…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export everything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export fewer conversations at once.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export figures</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export this conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export to</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Exports (*.json *.zip *.db)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Exports to import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Figures</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Figures and differences are those of several panes: add one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>File</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Find in conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First token (ms)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First token from {model}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First token within</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fold thoughts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For a spreadsheet</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For a text, as Markdown</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For this run only</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Format</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Free some space in the data folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Frequency penalty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From ChatGPT, Claude, Open WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, the llm command, or Paragone itself.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Give an export of {programs}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Give the export's file, or a zip of it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Give the recovery code: `storage recover` in a terminal, or in the window.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go on from chosen answers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go to pane {number}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Grid</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Grok, GPT, Llama and more: an address and a key</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>High contrast</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>History</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>History: {rule}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hit {number} of {total}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How much is written to the log.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How servers are reached.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import conversations</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Importing…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Importing… {done} of {total}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In the variable {variable}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In use: {keyring}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In {keyring}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Install a newer apsw-sqlite3mc.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Install the newer version.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It goes before every prompt of this conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It holds a number that is too long.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It holds no message.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It holds text or a number that cannot be kept.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is nested too deep.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is not JSON.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is not JSON: {error} at character {place}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is not a table.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It must be TOML or JSON.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It takes http://HOST:PORT, `none` or nothing; SOCKS proxies are not supported.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It takes {expected}, not “{typed}”. The last value stays.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It takes {expected}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its text is not Unicode.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Kept. It counts from the next start.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Key accepted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keys</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keys are kept by the system's keyring, each for one connection and one server. They are in no file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Last turn</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Laying out a long text…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Layout</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Light</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest answer with reasoning</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest silence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking for the keyring…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Markdown</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Maximise pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message nobody</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message of {who}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message to pane {number}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message {model}</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>Message {n} models</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Messages that cannot be read are left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Messages that follow only each other, or share an id, are left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Messages that were added since: the conversation here stays as it is</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model of new chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models listed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More for presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More for this conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move pane left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move pane right</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move to trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name a file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New comparison</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next hit (Enter)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No answer from {model}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No connection signs in with a key.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No list of models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No setting holds these words.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No system prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nobody needs to change these.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>None</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Not imported</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Not reached</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Not signed in</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing can be imported.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing here is new.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing is kept yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nowhere</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One below the other</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open link</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open {host} in the browser?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Outline</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PDF</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pages</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pane {number}: {model}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Parameters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Parameters…</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>Pasted text, {n} characters, is sent after what is typed</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Presence penalty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset {number} (“{title}”) cannot be used: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset {number} cannot be used: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset: {title}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Presets (*.toml *.json);;All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous hit (Shift+Enter)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of the export</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of the import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Prompts go to {connection} ({host}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Proxy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reached on this computer, without TLS</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reached over TLS, certificate trusted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Read in step</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Read with a caret</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reading…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reasoning effort</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reasoning tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate in all</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Region</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove key</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove pasted text</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove the key of {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Removing what was imported…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rename</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Request</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reset {option}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Retry</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Retry failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Retry in {left} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Retrying in {left} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>SQLite {version} can damage databases; {wanted} or newer is needed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save as preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save as preset…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search conversations</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search, or type connection/model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Second answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Second answer in full</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seconds of silence allowed before an answer begins; reasoning models think for minutes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seconds of silence allowed within an answer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seconds to wait for a connection to a server.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seconds to wait for the keyring, its question to unlock included.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send to {n}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shared</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shortcuts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shorten</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show or hide the sidebar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Side by side</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Something in Paragone went wrong ({kind}). The program goes on.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Something in the database {path} cannot be read: it is damaged.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start again: it is checked and set aside.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop all</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop at</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop it first, or wait.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop the answer</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>Stopped after {n} conversations</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopped: {conversations} imported</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Storage</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System messages in mid conversation are left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System prompt…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take that line out; nothing was changed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Temperature</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Text of the preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>That is not the name of an environment variable.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The answer broke off before its end.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The answer is marked. Each model still goes on from its own history.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The answer is no longer in the database: its conversation was removed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The answer reached its longest length.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The branch that is shown, as one page for any browser, without scripts.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The branch that is shown, as pages to print or pass on.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The branch that is shown, as text to read and edit.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The connection “{name}” in {source} cannot be used: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The content filter ended the answer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The conversations are encrypted, and their key is not in the keyring.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The conversations are not encrypted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The conversations in {folder} are not encrypted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The current message of “{title}” is not among its messages.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database is damaged: {error}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database of conversations was damaged. It was set aside whole in {place}; a new one was begun.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database of conversations was damaged. It was set aside whole in {place}; a new one was begun. The newest backup is {backup}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database {path} cannot be opened.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database {path} cannot be written.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database {path} is damaged.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The database {path} is damaged: {found}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The disk failed at {place} ({reason}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The disk failed while {path} was read or written ({error}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The disk is full: {path} cannot grow.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The disk is full: {place} cannot be written.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The embedded model answers now, without account or network. Add Azure AI Foundry or another server for the large ones.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The embedded model's connection cannot be removed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The figures are in {path}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The file of presets was broken ({reason}). It was kept as {file}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The file {file} is broken and cannot be set aside: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The host is written with letters that may look like others; really it is {host}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The id “{id}” is taken.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The key of {name} is removed. Edit the connection to give it another.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The key that lies under this code is that of other conversations.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The keyring took the key and did not give it back.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The last answer did not break off.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model that answers when none is named.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The name “embedded” is taken by the bundled model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The newest answers may be missing: llm has them in the file beside it. Import again when it is at rest.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The pane with {model} was closed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The presets in {file} cannot be read: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The presets in {file} cannot be saved: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The prompt is empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The recovery code of the new key is gone: nothing was changed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same, word for word.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The schema of {path} is damaged: {error}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings file was broken ({reason}). It was kept as {aside}; defaults are used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings file {path} cannot be read: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings file {path} cannot be saved: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The settings file {path} is broken and cannot be set aside: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The system prompt of new conversations.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The system prompt of the settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The table is on the clipboard.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The variable {variable} is not set for the connection “{connection}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The way there is not encrypted.</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>The {n} chosen</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>The {n} oldest turns were left out: the conversation no longer fits in the model's context window.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Theme</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no comparison “{id}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no connection named “{name}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no conversation “{id}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no import that could be undone.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no key for the connection “{connection}”.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no prompt to answer again yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is no such file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is nothing to print yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>These answers are too long to be held against each other.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Thinking</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Thinking (ms)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This build of SQLite cannot encrypt: nothing was written.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This conversation has no message {message}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This is not a whole recovery code, or a letter of it is wrong.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This is not the recovery code of these conversations.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This machine has no keyring that keeps keys safely.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This message is not part of the conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This way to the disk cannot encrypt: nothing was written.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Thought</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Thought for {seconds} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Threads of the embedded engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Threads of the embedded engine; 0 is one less than the processor has.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Time</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Title</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens in</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of the answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of thinking</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens per second</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens sent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Top p</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Transcript</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Translate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Translate “Where is the station?” into Italian and Japanese.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trying again in {left} s.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trying again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Turns</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Two answers are needed before they can agree.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Two messages of “{title}” have the same id.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Type below, or begin with an example. {destination}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Undo</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Undo import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unfold thoughts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unpack it, then import what is in it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unset all</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Untitled</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unwrap</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use a key: `connections add` with --auth key.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use up to {number} letters, digits and signs, without a slash or a blank.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use “{model}”</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>View</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Wait for the keyring</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Warnings and errors</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Web page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Welcome</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What happens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is left empty is not sent: the model's own value counts.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What it is for</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What new conversations begin with. Those that are there stay as they are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What stands before the “@” is a user name, not the host.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the model is told</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the model should know and how it should answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was imported is here, but cannot be undone later: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was said last before the program ended cannot be read here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Why is the sky blue, for a ten-year-old?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Winner</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Wrap</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Write a kind answer to a customer whose parcel is late.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>`connections` in the settings file is not a table.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>a number</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>a whole number</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>and</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>answering</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>answering · {s} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>asking what it serves</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>by their words, not by their meaning</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cheapest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>chosen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>connection/model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>does not take part</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>effort</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>embedded, tiny demonstration model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>empty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fastest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>first</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>frequency</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>in use</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>interrupted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>keyring key secret remove this run only</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>loading the model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>longest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>max</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>may need a deployment</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no keys</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not known</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not sent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not sent, {least} to {most}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>of {connection}, as typed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>one of {choices}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>own preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>presence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reading the prompt · {percent}%</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reasons</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>retired</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>retired {day}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>retires {day}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>serves no models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>several</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>stopped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>struck through: only {first}; underlined: only {second}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>takes part</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>temp</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>text</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>thinking</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tied cheapest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tied fastest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tied longest</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tok/s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>top p</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>true or false</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting · {s} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{command}: {keys}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{comparisons} to import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{connection} is no longer connected: choose another model above.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{connection}, no longer connected</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{conversations} and {comparisons} to import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{conversations} imported</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{conversations} to import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{conversations} with {messages}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} cannot be read: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} cannot be written: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} holds no presets that can be used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} holds no presets.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} is larger than a file of presets can be.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{file} · {format} · {conversations}, {new}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{first} and {second}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{first}: {names}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{folder} cannot be written. Conversations can be read, searched and exported; nothing new is kept.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{folder} lies on a network ({kind}): saving is slower there, and only one machine at a time may use it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{key} in {source} takes {expected}, not {found}; the default is used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{key} takes {expected}, not {value}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{kind} from {least} to {most}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{kind} of at least {least}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{message} {hint}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{min} min {s} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{model} ({number})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{model} does not take part</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>{model} reads {window} tokens at once: the oldest {n} turns will not be sent. Shorten goes on in a new chat with the newest turns.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>{model} takes part</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{model}: {ending}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{ms} ms</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{names}: no answer in this turn yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} cannot be imported. {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} does not answer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} holds more than {most} JSON files.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} holds more than {most} files.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} holds no JSON file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} holds no conversation.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is a database, but not the log of llm.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is a folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is encrypted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is larger than {most} MB.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is not a database that can be read: {error}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is not a zip that can be read: {error}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is not an export that Paragone knows.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} is packed so densely that it looks like a trap; it was not unpacked.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name} was written by a newer version of Paragone ({schema}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name}, {hint}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{name}: {value}.</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>{n} already here</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} answers</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} answers were cut off when Paragone last ended. What had come is kept.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} cannot be read</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} comparisons</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations removed again</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} conversations written to {path}</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} differences</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} files not understood</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} in the trash</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} messages</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} new</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} presets added.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} presets written to {file}.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} prompts waiting</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} sentences that all say, underlined</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} stay: they were gone on with since, or removed before.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>{n} that some say, dotted</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>{n} tokens</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message numerus="yes">
   <source>{n} without a message</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>{path} cannot be read: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} cannot be written: nothing new is kept.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} cannot be written: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} could not be copied whole.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} is a folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} is encrypted with a key that is not at hand.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} is not a backup.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} is not a database.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} is of an older version and must be changed to be read.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} was written by a newer version of the program (schema {schema}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{percent}% of the words the same</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{place} cannot be written ({reason}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{place}, for {origin} alone</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{problem} It stays in {file}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{problem} It was not kept.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{problem} Until then a key is held for this run only.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{reason} ({count})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{retired}, successor {model}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{rule}. {meaning}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{rule}: {meaning}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{sentence} Details are in {folder}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{s} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{target} is not an empty folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{target} is the present place, or one lies within the other.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{title}: {text}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{tokens} context</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{what} {hint}</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>~{n} tokens</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>“Where is the station?” into Italian and Japanese</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{connection}” signs in with Entra ID, which this version cannot do.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{name}” cannot name a connection.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{name}” is not a parameter that a preset can set.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{title}” is in the trash.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{title}” is removed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>“{title}” is saved.</source>
   <translation type="unfinished" />
  </message>
  <message numerus="yes">
   <source>… and {n} more notes</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
 </context>
</TS>
