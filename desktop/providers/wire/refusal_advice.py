"""Refusals whose own words say what is wrong, whatever their status, with what helps then; pure."""

from __future__ import annotations

from desktop.errors import (
    ContentFiltered,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    RequestRejected,
    ServerFailed,
)
from desktop.providers.wire.account_advice import ACCOUNT_ADVICE
from desktop.providers.wire.advice_entry import ACCESS, MODEL_NOT_ALLOWED, NOBODY, NOT_TAKEN, REFUSED, Advice, words
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.request_target import RequestTarget
from desktop.text.phrases import Phrase, phrase

_ADVICE = (
    *ACCOUNT_ADVICE,
    Advice(
        words(
            r"not a chat model|not supported in the v1/chat/completions"
            r"|does(?: not|n['’]t) support (?:the )?(?:chat|generate)\b"
            r"|operation does not work with the specified model"
        ),
        REFUSED,
        RequestRejected,
        phrase("This API of {host} does not serve chats with the model ({status}){said}"),
        phrase("Choose another model: this one needs another API."),
    ),
    Advice(
        words(r"(?:data|guardrail|privacy) (?:policy|settings|restrictions)"),
        frozenset({403, 404}),
        PermissionDenied,
        phrase("{host} has no provider for this model that the account allows ({status}){said}"),
        phrase("Allow more providers in the account's privacy settings, or choose another model."),
    ),
    Advice(
        words(
            r"not supported by any provider|\bmodel_not_supported\b|no allowed providers"
            r"|all providers have been ignored"
        ),
        REFUSED,
        DeploymentNotFound,
        NOBODY,
        phrase("Choose another model, or allow a provider of this one in the account's settings."),
    ),
    Advice(
        words(r"no (?:endpoints|providers?) (?:were |are )?(?:found|available)"),
        REFUSED,
        RequestRejected,
        NOBODY,
        phrase("Choose another model, or remove parameters that few providers accept."),
    ),
    Advice(
        words(
            r"requires moderation|(?:input|prompt) was flagged|content exists risk|\bdata_?inspection_?failed\b"
            r"|result of our safety system|\bcontent_policy_violation\b|敏感内容|内容安全"
            r"|content safety policy|may contain (?:inappropriate|sensitive)\b"
        ),
        frozenset({400, 403, 422, 451}),
        ContentFiltered,
        phrase("The content filter rejected the prompt{said}"),
    ),
    Advice(
        words(
            r"\bunsupported image\b|\bvalid image\b|\bimage formats?\b|\bimages? up to \d"
            r"|\bmore than \d{1,4} images?\b|\bimage exceeds \d|\binvalid image\b"
            r"|\bimage dimensions exceed|\bunsupported mime type: image|\bimage urls? (?:are|is) not supported"
        ),
        frozenset({400, 413, 415, 422}),
        RequestRejected,
        phrase("{host} did not accept the image ({status}){said}"),
        phrase("Send another image, as PNG or JPEG, or fewer images."),
    ),
    Advice(
        words(r"requires terms acceptance|\bmodel_terms_required\b"),
        ACCESS,
        DeploymentNotFound,
        MODEL_NOT_ALLOWED,
        phrase("Accept the model's terms at the service that issued the key, or choose another model."),
    ),
    Advice(
        words(r"\brequires an? (?:\w{1,20} )?subscription\b"),
        frozenset({402, 403}),
        DeploymentNotFound,
        MODEL_NOT_ALLOWED,
        phrase("Subscribe at the service, or choose another model."),
    ),
    Advice(
        words(r"\bnon-serverless model\b"),
        ACCESS,
        DeploymentNotFound,
        NOBODY,
        phrase("Choose another model, or deploy this one to an endpoint of your own."),
    ),
    Advice(
        words(
            r"\bnot allowed to (?:access|use) (?:the |this )?model\b|_model_access_denied\b"
            r"|(?:not|n['’]t|no) (?:have )?access to (?:the |this )?(?:requested )?model\b"
            r"|\baccess to (?:the |this )?model\b.{0,200}\b(?:restricted|denied|gated|blocked)\b"
            r"|\bmodel use case details\b|\bacls? that do(?:es)? not allow\b"
            r"|\bblocked at the (?:project|organi[sz]ation) level"
            r"|\bnot allowed for (?:this|the) model\b|\bdoes not include (?:access to )?(?:this|the) model\b"
            r"|\bmodel (?:is )?disabled\b|无权(?:访问|使用).{0,10}模型"
        ),
        ACCESS,
        DeploymentNotFound,
        MODEL_NOT_ALLOWED,
        phrase("Choose a model that you are allowed to use, or ask for access to this one."),
    ),
    Advice(
        words(r"requires a newer version"),
        frozenset({400, 412, 500}),
        RequestRejected,
        NOT_TAKEN,
        phrase("Update the server, or choose another model."),
    ),
    Advice(
        words(
            r"\bno models? (?:is |are )?(?:currently )?loaded"
            r"|\Amodel (?:is |was |has )?(?:unloaded|not (?:been )?loaded)"
        ),
        frozenset({400, 404, 500, 503}),
        DeploymentNotFound,
        phrase("No model is loaded at {host} ({status}){said}"),
        phrase("Load a model there, then try again."),
    ),
    Advice(
        words(
            r"requires more system memory|more memory than (?:is )?available"
            r"|insufficient (?:system )?(?:resources|memory)|\bout of memory\b|\bmemory allocation failed\b"
        ),
        frozenset({400, 404, 500, 503}),
        ServerFailed,
        phrase("{host} has not enough memory for the model ({status}){said}"),
        phrase("Choose a smaller model, or give the server more memory."),
    ),
    Advice(
        words(
            r"(?:failed|unable) to load (?:the )?model\b|\bmodel failed to load\b|error loading model\b"
            r"|\bmodel has crashed\b"
        ),
        frozenset({400, 404, 500, 503}),
        ServerFailed,
        phrase("{host} could not load the model ({status}){said}"),
        phrase("Check the server's log, or choose another model."),
    ),
    Advice(
        words(
            r"\bmodel\b.{0,120}(?:decommissioned|been (?:deprecated|discontinued|retired|sunset|shut down)"
            r"|no longer (?:available|supported|served)|marked by provider as legacy|\bend of its life"
            r"|was removed (?:on|from)\b)"
            r"|\b(?:model|deployment)deprecated\b"
        ),
        REFUSED,
        DeploymentNotFound,
        phrase("{host} no longer has this model ({status}){said}"),
        phrase("Choose a model that the server lists, in the model picker or with `models`."),
    ),
    Advice(
        words(r"\bon-demand throughput isn['’]t supported|\binference profile that contains\b"),
        frozenset({400, 404}),
        DeploymentNotFound,
        phrase("{host} does not serve the model under this name ({status}){said}"),
        phrase(
            "Enter the name of an inference profile that contains the model. It begins with a region, such as “us.”."
        ),
    ),
    Advice(
        words(r"\benabled only for api[ -]versions?\b"),
        frozenset({400, 404}),
        RequestRejected,
        NOT_TAKEN,
        phrase("Enter a later api-version with the address, or use the v1 address, which needs none."),
    ),
    Advice(
        words(r"\bchat template\b|\bjinja template\b|\bchat_template is not set\b"),
        frozenset({400, 422, 500}),
        ServerFailed,
        phrase("{host} cannot format a chat for the model ({status}){said}"),
        phrase("Ask the server's administrator to give the model a suitable chat template, or choose another model."),
    ),
)


def advised(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError | None:
    """The error with advice that fits a service's words; None where they are none that are known."""
    whole = "\n".join((complaint.message, *complaint.codes))
    for each in _ADVICE:
        if status in each.statuses and not (each.of_key and asked.by_token) and each.words.search(whole):
            values = {"host": asked.host, "status": status, "said": said}
            wanted = {name: value for name, value in values.items() if f"{{{name}}}" in each.sentence}
            error = each.kind(Phrase(each.sentence.format(**wanted), each.sentence.template, wanted))
            if each.hint is not None:
                error.hint = each.hint
            return error
    return None
