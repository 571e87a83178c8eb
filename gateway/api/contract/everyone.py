"""What anybody may ask, without a token."""

from typing import Final

from gateway.api.contract.messages import ref
from gateway.api.contract.operation import Answer, Media, Operation, Text
from gateway.api.contract.steps import EVERY

_JWKS: Final = Operation(
    id="readKeys",
    method="GET",
    path="/.well-known/jwks.json",
    group="everyone",
    signed=False,
    title=Text(en="Keys of this gateway", zh="本网关公钥"),
    about=Text(
        en="The public keys (RFC 7517) that this gateway's receipts and tokens verify with. Fetch them once, register "
        "them, and fetch again when a receipt names a `kid` you do not know.",
        zh="用于验证本网关回执与令牌的公钥（RFC 7517）。首次获取后登记；回执出现未知 `kid` 时重新获取。",
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="The keys.", zh="公钥集合。"),
            media=(
                Media(
                    type="application/jwk-set+json",
                    schema=ref("Jwks"),
                    example={
                        "keys": [
                            {
                                "kty": "OKP",
                                "crv": "Ed25519",
                                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                                "kid": "kPrK_qmxVWaYVA9w",
                                "alg": "EdDSA",
                                "use": "sig",
                            }
                        ]
                    },
                ),
            ),
        ),
    ),
    codes=EVERY,
)

_OPENAPI: Final = Operation(
    id="readDescription",
    method="GET",
    path="/openapi.json",
    group="everyone",
    signed=False,
    title=Text(en="This description", zh="接口描述"),
    about=Text(en="The interface as an OpenAPI 3.1 document.", zh="本接口的 OpenAPI 3.1 描述文件。"),
    answers=(
        Answer(
            status=200,
            about=Text(en="The description.", zh="描述文件。"),
            media=(Media(type="application/json", schema={"type": "object", "required": ["openapi", "paths"]}),),
        ),
    ),
    codes=EVERY,
)

_DOCS: Final = Operation(
    id="readPage",
    method="GET",
    path="/docs",
    group="everyone",
    signed=False,
    title=Text(en="The description for people", zh="接口文档页面"),
    about=Text(en="The page that you may be reading now.", zh="即本页面。"),
    answers=(Answer(status=200, about=Text(en="One HTML page.", zh="HTML 页面。"), media=(Media(type="text/html"),)),),
    codes=EVERY,
)

_HEALTH: Final = Operation(
    id="checkHealth",
    method="GET",
    path="/healthz",
    group="everyone",
    signed=False,
    title=Text(en="Is it alive?", zh="存活检查"),
    about=Text(
        en="Answers as long as the process runs. Restart the gateway when this fails, not when `/readyz` does.",
        zh="进程运行即应答。仅当此接口失败时才重启网关，`/readyz` 失败时不要重启。",
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="Alive.", zh="存活。"),
            media=(Media(type="application/json", schema=ref("Health"), example={"status": "alive"}),),
        ),
    ),
    codes=EVERY,
)

_READY: Final = Operation(
    id="checkReadiness",
    method="GET",
    path="/readyz",
    group="everyone",
    signed=False,
    title=Text(en="Can it serve?", zh="就绪检查"),
    about=Text(
        en="Checks whatever the gateway cannot serve without, and lists each check. Send no traffic while this is 503.",
        zh="逐项检查网关提供服务所必需的条件。返回 503 期间请勿转发流量。",
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="Every check passed.", zh="全部检查通过。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("Readiness"),
                    example={"status": "ready", "checks": [{"name": "store", "ok": True}]},
                ),
            ),
        ),
        Answer(
            status=503,
            about=Text(en="A check failed; `code` says which way.", zh="有检查项未通过，原因见 `code`。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("Readiness"),
                    example={
                        "status": "not_ready",
                        "checks": [{"name": "store", "ok": False, "code": "store_unavailable"}],
                    },
                ),
            ),
        ),
    ),
    codes=EVERY,
)

EVERYONE: Final = (_JWKS, _OPENAPI, _DOCS, _HEALTH, _READY)
