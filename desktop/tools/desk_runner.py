"""Tools of one response: each call is checked, approved, recorded, run, and its result looked at."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import msgspec
from msgspec.structs import replace

from desktop.domain.events import Notice, ToolRequested
from desktop.domain.message_parts import FilePart, ImagePart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.tool_types import BUILT_IN, ToolImage, ToolInfo, ToolOutput, ToolSpec
from desktop.errors import AttachmentRefused, AuditFailed, ParagoneError, StoreError, ToolSignInRequired
from desktop.guards.patterns import Action, Finding
from desktop.providers.provider import AttachedPart
from desktop.settings.policy import TOOLS
from desktop.settings.schema import SHARE_RESULTS, TOOL_RESULT, TOOL_ROUNDS, TOOL_TIMEOUT
from desktop.text.phrases import Phrase, english, phrase
from desktop.text.token_estimate import estimate_tokens
from desktop.tools.approvals import Approval, Asked, Choice, JointCall
from desktop.tools.built_in_tools import built_in_tools, run_built_in
from desktop.tools.call_record import CallRecord, canonical
from desktop.tools.consent import CallStanding, Permission, ToolChange, is_open_world, verdict
from desktop.tools.tool_desk import OpenServer, ToolDesk
from desktop.tools.tool_names import api_names
from desktop.tools.tool_runner import NOT_RECORDED, ApprovalWait, SharedCalls, ToolOutcome, ToolRunner, ToolUse
from desktop.tools.tool_search import SEARCH, SEARCH_NAME, found_tools, search_text

_SHARE_OF_WINDOW = 0.02
"""Share of the context window above which tools are searched for instead of offered."""

DENIED = english("The user did not allow this call. Do not repeat it; continue without it or ask the user.")
_FORBIDDEN = english("A policy of the user's organization does not allow this call.")
NOBODY = english("This call was not allowed in advance, and there is nobody to ask.")
_WITHHELD = english("The result was withheld: it contains data that must not be sent to a model.")


class DeskRunner:
    """See ToolRunner. `opened` are the servers of the conversation."""

    def __init__(self, desk: ToolDesk, use: ToolUse, opened: Sequence[OpenServer]) -> None:
        self._desk = desk
        self._use = use
        self._opened = {each.name: each for each in opened}
        self._named = api_names(info for each in opened for info in each.tools)
        self._specs = {name: _spec(name, info) for name, info in self._named.items()}
        self._offered = set(self._specs)
        size = sum(estimate_tokens(msgspec.json.encode(each).decode()) for each in self._specs.values())
        self._searches = use.window is not None and size > _SHARE_OF_WINDOW * use.window and len(self._specs) > 1
        if self._searches:
            self._offered.clear()
        self._tainted_by = use.tainted_by
        self._recordings = _recordings_of(use)
        self._record = self._recordings or desk.record

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """See ToolRunner."""
        if not self._specs:
            return ()
        offered = [spec for name, spec in self._specs.items() if name in self._offered]
        return (SEARCH, *offered) if self._searches else offered

    @property
    def most_rounds(self) -> int:
        """See ToolRunner."""
        return self._desk.settings().get(TOOL_ROUNDS)

    def resolve(self, request: ToolRequested) -> ToolCallPart:
        """See ToolRunner."""
        info = self._named.get(request.name)
        if info is None:
            server = BUILT_IN if self._searches and request.name == SEARCH_NAME else "?"
            return ToolCallPart(id=request.id, name=request.name, arguments=request.arguments, server=server)
        return ToolCallPart(
            id=request.id, name=request.name, arguments=request.arguments, server=info.server, tool=info.tool
        )

    async def run(self, call: ToolCallPart, waiting: ApprovalWait) -> ToolOutcome:
        """See ToolRunner."""
        info = self._named.get(call.name)
        if info is None:
            return self._search(call) if call.server == BUILT_IN else _failed(call, self._unknown())
        use = self._use
        if use.frozen is not None:
            return await self._record.run(use.turn, use.conversation, call, partial(_unrecorded, call))
        is_shared = self._desk.settings().get(SHARE_RESULTS) and info.server != BUILT_IN
        if not is_shared and self._recordings is None:
            joint = JointCall()
            joint.join((use.conversation, None if use.is_unnamed else use.model), waiting)
            outcome = await self._work(call, info, joint)
        else:
            outcome = await self._shared(call, info, waiting)
        if outcome.result.open_world:
            self._tainted_by |= {info.server}
        return outcome

    async def _shared(self, call: ToolCallPart, info: ToolInfo, waiting: ApprovalWait) -> ToolOutcome:
        """Run a call, or wait for the same call of another pane."""
        use = self._use
        key = f"{use.turn} {info.server} {info.tool} {canonical(call.arguments)}"
        joint = self._desk.joint(key)
        pane = (use.conversation, None if use.is_unnamed else use.model)
        joint.join(pane, waiting)
        self._desk.approvals.tell()
        try:
            return await self._record.run(use.turn, use.conversation, call, lambda: self._work(call, info, joint))
        finally:
            joint.leave(pane, waiting)
            self._desk.forget_joint(key)

    async def _work(self, call: ToolCallPart, info: ToolInfo, joint: JointCall) -> ToolOutcome:
        desk = self._desk
        try:
            opened = await desk.current(self._opened[info.server])
            if (problem := await self._problem(info, call.arguments)) is not None:
                return _failed(call, problem)
            findings = await desk.gate.findings([call.arguments], desk.settings())
            if any(each.action is Action.BLOCK for each in findings):
                return _failed(call, _guarded(findings), ToolStatus.DENIED)
            approved = await self._approved(call, info, opened, findings, joint)
            if isinstance(approved, ToolOutcome):
                return approved
            await self._note(approved, info, {"decision": "allowed"}, [approved.arguments])
        except (ParagoneError, AuditFailed) as error:
            self._offer_sign_in(error)
            return _failed(call, f"{error.message} {error.hint}".strip())
        return await self._called(approved, info, joint)

    async def _problem(self, info: ToolInfo, arguments: str) -> str | None:
        """Return why the arguments are invalid, for the model; None if they match the tool's schema."""
        try:
            value: object = msgspec.json.decode(arguments or "{}")
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            return f"The arguments are not valid JSON: {error}."
        if not isinstance(value, dict):
            return "The arguments must be a JSON object."
        if info.server == BUILT_IN:
            return None
        return await self._desk.host.check(msgspec.json.encode(info.schema).decode(), arguments or "{}")

    async def _approved(
        self,
        call: ToolCallPart,
        info: ToolInfo,
        opened: OpenServer,
        findings: Sequence[Finding],
        joint: JointCall,
    ) -> ToolCallPart | ToolOutcome:
        """Return the call with the arguments to use, or its result if it is not allowed."""
        desk, use = self._desk, self._use
        standing = await self._standing(info, opened, use.conversation, findings)
        decided = verdict(standing)
        if decided is Permission.DENY:
            reason = _FORBIDDEN if standing.policy is Permission.DENY else DENIED
            await self._note(call, info, {"decision": "denied"}, [])
            return _failed(call, reason, ToolStatus.DENIED)
        if decided is Permission.ALLOW:
            return call
        change = await desk.difference(opened) if standing.is_changed else None

        async def is_allowed() -> bool:
            standings = [await self._standing(info, opened, pane, findings) for pane, _ in joint.panes]
            return all(verdict(each) is Permission.ALLOW for each in standings)

        asked = Asked(
            id=desk.approvals.new_id(),
            server=opened.server,
            info=info,
            arguments=call.arguments or "{}",
            is_allowed=is_allowed,
            reasons=tuple(_reasons(change, findings, is_risky=standing.is_risky_here)),
            change=change,
            panes=joint.panes,
        )
        approval = await self._ask(asked, joint)
        if approval is None or approval.choice is Choice.DENY:
            await self._note(call, info, {"decision": "denied"}, [])
            return _failed(call, NOBODY if approval is None else DENIED, ToolStatus.DENIED)
        if approval.choice in (Choice.CONVERSATION, Choice.ALWAYS):
            for conversation in (*(pane for pane, _ in asked.panes), *approval.also):
                desk.allow_here(opened, info, conversation, tainted_by=self._tainted_by)
        if approval.choice is Choice.ALWAYS:
            await desk.allow_always(opened, info)
        if approval.choice in (Choice.CONVERSATION, Choice.ALWAYS):
            await desk.approvals.answer_allowed(info)
        edited = approval.arguments is not None and canonical(approval.arguments) != canonical(call.arguments)
        if not edited or approval.arguments is None:
            return call
        if (problem := await self._problem(info, approval.arguments)) is not None:
            return _failed(call, problem)
        return replace(call, arguments=approval.arguments, edited=True)

    async def _standing(
        self, info: ToolInfo, opened: OpenServer, conversation: str, findings: Sequence[Finding]
    ) -> CallStanding:
        """Return what is known about a call of a conversation."""
        allowed = self._use.unattended.allowed if self._use.unattended is not None else None
        standing = await self._desk.standing(opened, info, conversation, tainted_by=self._tainted_by, allowed=allowed)
        return replace(standing, has_findings=bool(findings))

    async def _ask(self, asked: Asked, joint: JointCall) -> Approval | None:
        if self._use.unattended is not None:
            return None
        joint.wait(is_waiting=True)
        try:
            return await self._desk.approvals.ask(asked)
        finally:
            joint.wait(is_waiting=False)

    async def _called(self, call: ToolCallPart, info: ToolInfo, joint: JointCall) -> ToolOutcome:
        """Run a call that is allowed."""
        began = time.monotonic()
        try:
            output = await self._output(call, info)
        except ParagoneError as error:
            self._offer_sign_in(error)
            output = ToolOutput(text=f"{error.message} {error.hint}".strip(), is_error=True)
        duration_ms = round((time.monotonic() - began) * 1000, 1)
        text, structured = str(self._desk.hide(output.text)), str(self._desk.hide(output.structured))
        status = ToolStatus.ERROR if output.is_error else ToolStatus.CUT if output.cut else ToolStatus.OK
        result = ToolResultPart(
            call=call.id,
            status=status,
            text=text,
            structured="" if structured == text else structured,
            duration_ms=duration_ms,
            open_world=is_open_world(info),
        )
        if (withheld := await self._withheld(call, info, result, joint)) is not None:
            return withheld
        images, sent, lost = await self._images(output.images, info)
        if lost:
            result = replace(result, text="\n".join(filter(None, (result.text, *lost))))
        await self._note_result(call, info, result)
        return ToolOutcome(call=call, result=result, images=images, sent=sent)

    async def _output(self, call: ToolCallPart, info: ToolInfo) -> ToolOutput:
        desk, settings = self._desk, self._desk.settings()
        if info.server == BUILT_IN:
            values = msgspec.json.decode(call.arguments or "{}", type=dict[str, object])  # was checked before
            return await run_built_in(info.tool, values, self._use.files, self._text_of)
        opened = self._opened[info.server].server
        timeout_s = (opened.timeout_s if opened is not None else None) or settings.get(TOOL_TIMEOUT)
        with desk.unattended(info.server) if self._use.unattended is not None else nullcontext():
            return await desk.host.call(
                info.server,
                info.tool,
                call.arguments or "{}",
                timeout_s=timeout_s,
                most_bytes=settings.get(TOOL_RESULT) << 10,
            )

    def _offer_sign_in(self, error: ParagoneError) -> None:
        if isinstance(error, ToolSignInRequired) and self._use.unattended is None:
            self._desk.approvals.offer_sign_in(error.server, self._use.conversation)

    async def _text_of(self, part: ImagePart | FilePart) -> str | None:
        found = await self._desk.attachments().find(part)
        return found.decoded.text if found is not None and found.decoded.text else None

    async def _withheld(
        self, call: ToolCallPart, info: ToolInfo, result: ToolResultPart, joint: JointCall
    ) -> ToolOutcome | None:
        """Return the result to use instead if guards found something in it and it may not be sent."""
        findings = await self._desk.gate.findings([result.text], self._desk.settings())
        if not findings:
            return None
        if not any(each.action is Action.BLOCK for each in findings):
            asked = Asked(
                id=self._desk.approvals.new_id(),
                server=self._opened[info.server].server,
                info=info,
                arguments=call.arguments,
                result=result.text,
                reasons=(phrase("The result seems to contain {what}.", what=_names(findings)),),
                panes=joint.panes,
            )
            approval = await self._ask(asked, joint)
            if approval is not None and approval.choice is not Choice.DENY:
                return None
        withheld = replace(result, status=ToolStatus.DENIED, text=str(_WITHHELD), structured="")
        await self._note_result(call, info, withheld)
        return ToolOutcome(call=call, result=withheld)

    async def _images(
        self, images: Sequence[ToolImage], info: ToolInfo
    ) -> tuple[tuple[ImagePart, ...], tuple[AttachedPart, ...], list[str]]:
        """Decode and store the images of a result. Returns them as stored and as sent, and notes about lost ones."""
        parts: list[ImagePart] = []
        sent: list[AttachedPart] = []
        lost: list[str] = []
        for number, image in enumerate(images, 1):
            try:
                data = await asyncio.to_thread(base64.b64decode, image.data, validate=True)
                name = f"{info.tool}-{number}.{image.media_type.partition('/')[2][:8] or 'png'}"
                found = await self._desk.attachments().take(data, name, keep=self._use.keeps)
            except (ValueError, AttachmentRefused, StoreError) as error:
                lost.append(f"[An image could not be read: {error}]")
                continue
            if not isinstance(part := found.part, ImagePart):
                lost.append("[The tool returned an image that is none.]")
                continue
            parts.append(part)
            for drawn in found.decoded.pictures[:1] if self._use.sees else ():
                encoded = await asyncio.to_thread(base64.b64encode, drawn.data)
                sent.append(AttachedPart(name=part.name, media_type=drawn.media_type, data=encoded.decode()))
        if parts and not sent:
            lost.append("[The tool returned an image that cannot be shown to this model.]")
        return tuple(parts), tuple(sent), lost

    async def _note(self, call: ToolCallPart, info: ToolInfo, more: dict[str, object], texts: Sequence[str]) -> None:
        entry = {
            "server": info.server,
            "tool": info.tool,
            "conversation": self._use.conversation,
            "characters": len(call.arguments),
            **more,
        }
        await self._desk.gate.note_tool(entry, texts, self._desk.settings())

    async def _note_result(self, call: ToolCallPart, info: ToolInfo, result: ToolResultPart) -> None:
        more: dict[str, object] = {"status": result.status.value, "result_characters": len(result.text)}
        if result.duration_ms is not None:
            more["duration_ms"] = result.duration_ms
        try:
            await self._note(call, info, more, [])
        except AuditFailed:
            return  # the call itself is in the log, without which it would not have been made

    def _search(self, call: ToolCallPart) -> ToolOutcome:
        """Look for tools, and offer those found from the next request on."""
        names = found_tools(call.arguments, self._specs.values())
        self._offered |= {each.name for each in names}
        result = ToolResultPart(call=call.id, status=ToolStatus.OK, text=search_text(names), duration_ms=0.0)
        return ToolOutcome(call=call, result=result)

    def _unknown(self) -> str:
        names = ", ".join(sorted(self._offered)[:50])
        return f"There is no tool of this name. Tools: {names}"


class DeskToolbox:
    """See Toolbox."""

    def __init__(self, desk: ToolDesk) -> None:
        self._desk = desk

    async def runner(self, use: ToolUse, tell: Callable[[Notice], None]) -> ToolRunner | None:
        """See Toolbox."""
        if use.unattended is not None:  # responses without their tools could not be compared with others
            self._desk.settings().policy.require(TOOLS)
        if not self._desk.settings().policy.get(TOOLS):
            tell(Notice(code="tools_forbidden", message=phrase("Your organization does not allow tools.")))
            return None
        opened: list[OpenServer] = []
        for name, result in zip(use.choice.servers, await self._open_all(use), strict=True):
            if isinstance(result, OpenServer):
                opened.append(result)
                continue
            if use.unattended is not None:
                raise result
            said = phrase(
                "The tools of {name} are not available: {reason} {hint}",
                name=name,
                reason=result.message,
                hint=result.hint,
            )
            tell(Notice(code=result.code, message=said))
        runner = DeskRunner(self._desk, use, opened)
        return runner if runner.specs else None

    async def _open_all(self, use: ToolUse) -> list[OpenServer | ParagoneError]:
        async def opened(name: str) -> OpenServer | ParagoneError:
            if name == BUILT_IN:
                return OpenServer(server=None, name=BUILT_IN, tools=built_in_tools(has_files=bool(use.files)))
            if use.frozen is not None:  # nothing is started: the tools last seen are offered
                seen = (await self._desk.load()).seen.get(name)
                return OpenServer(server=None, name=name, tools=seen.tools if seen is not None else ())
            try:
                return await self._desk.open(name)
            except ToolSignInRequired as error:
                if use.unattended is None:
                    self._desk.approvals.offer_sign_in(name, use.conversation)
                return error
            except ParagoneError as error:
                return error

        return list(await asyncio.gather(*map(opened, use.choice.servers)))


def _recordings_of(use: ToolUse) -> SharedCalls | None:
    """Return the record that answers all calls: that of a run, or earlier results, each of which is used once."""
    recordings = use.unattended.recordings if use.unattended is not None else None
    if recordings is not None or use.frozen is None:
        return recordings
    record = CallRecord()
    record.add(use.turn, use.frozen)
    return record


async def _unrecorded(call: ToolCallPart) -> ToolOutcome:
    return _failed(call, NOT_RECORDED)


def _spec(name: str, info: ToolInfo) -> ToolSpec:
    return ToolSpec(name=name, description=info.description or info.title, schema=info.schema)


def _failed(call: ToolCallPart, text: str, status: ToolStatus = ToolStatus.ERROR) -> ToolOutcome:
    return ToolOutcome(call=call, result=ToolResultPart(call=call.id, status=status, text=str(text)))


def _names(findings: Sequence[Finding]) -> str:
    return ", ".join(dict.fromkeys(str(each.what) for each in findings))


def _guarded(findings: Sequence[Finding]) -> str:
    return f"The call was not made: its arguments contain {_names(findings)}."


def _reasons(change: ToolChange | None, findings: Sequence[Finding], *, is_risky: bool) -> list[Phrase]:
    said: list[Phrase] = []
    if findings:
        said.append(phrase("The arguments seem to contain {what}.", what=_names(findings)))
    if is_risky:
        said.append(
            phrase(
                "This conversation contains text from outside (web, mail or files of others), which may try to misuse "
                "this tool."
            )
        )
    if change is not None:
        said.append(phrase("The server has changed since you allowed this tool."))
    return said
