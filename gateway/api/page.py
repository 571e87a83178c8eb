"""The contract as one page for people: English and Chinese, no script, nothing fetched from elsewhere."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from gateway.api.codes import Meaning, meanings
from gateway.api.contract import OPERATIONS
from gateway.api.contract.messages import MESSAGES
from gateway.api.contract.operation import Answer, Media, Operation, Parameter, Text
from gateway.api.openapi import codes_by_status, groups
from gateway.api.problems import statuses_of

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a2330; --quiet: #5c6878; --line: #d9dfe7; --paper: #fff; --tint: #f5f7fa;
  --mark: #0b5cad; --get: #0b6b4f; --post: #8a4b08; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --line: #323c4a; --paper: #12171e;
  --tint: #1a212b; --mark: #7db7f5; --get: #6cc9a8; --post: #e5a765; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main, header, nav { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { margin: 3.5rem 0 0; padding-top: 1rem; border-top: 2px solid var(--ink); }
h3 { margin: 2.5rem 0 .25rem; font-size: 1.15rem; }
h4 { margin: 1.25rem 0 .35rem; font-size: .85rem; color: var(--quiet); }
p { margin: .35rem 0; max-width: 46rem; }
a { color: var(--mark); }
.zh { color: var(--quiet); }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { margin: 0; padding: .85rem 1rem; overflow-x: auto; background: var(--tint); border: 1px solid var(--line);
  border-radius: .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); font-size: .85rem; }
.path { font-weight: 600; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 3.2em; font: 700 .8em ui-monospace, Menlo, Consolas, monospace; }
.get { color: var(--get); } .post { color: var(--post); }
nav ul { list-style: none; padding: 0; columns: 2 22rem; } nav li { break-inside: avoid; padding: .1rem 0; }
summary { cursor: pointer; color: var(--mark); margin: .5rem 0; }
footer { max-width: 60rem; margin: 4rem auto 2rem; padding: 1rem 1.25rem; color: var(--quiet); font-size: .875rem; }
:target { outline: 2px solid var(--mark); outline-offset: .35rem; }
"""

_CALLING: Final = (
    Text(
        en="Sign every request marked “token” with a key that the operator has registered for you, and send the result "
        "in the Exchange-Token header: a compact JWS with typ exchange+jwt, alg and kid in its header, and the claims "
        "iss, aud, iat, exp (at most 300 s later), jti (new each time), htm, htu (this gateway's public address below, "
        "with path and query), digest (RFC 9530, over the exact bytes of the body) and exchange (a UUIDv7).",
        zh="凡标注 token 的请求，须用已登记的密钥签名，并置于 Exchange-Token 请求头：紧凑格式 JWS，"
        "头部含 typ（exchange+jwt）、alg、kid；声明含 iss、aud、iat、exp（至多晚 300 秒）、jti（每次更新）、htm、"
        "htu（下列公开地址加路径与查询串）、digest（RFC 9530，对报文实际字节计算）、exchange（UUIDv7）。",
    ),
    Text(
        en="Repeating a request is harmless: the same exchange id with the same bytes gets the first receipt again, "
        "byte for byte, and has one effect. Sign a fresh token for each attempt and keep the exchange id.",
        zh="重复发送是安全的：交换编号与报文均相同，则逐字节返回首次回执，且只生效一次。每次发送重新签发令牌，交换编号保持不变。",
    ),
    Text(
        en="Every refusal is a problem document (RFC 9457) that names all faults at once, each with a pointer and a "
        "code of the table below. 4xx: change the request. 503: repeat it after Retry-After. 500: tell the operator "
        "the diagnostic id.",
        zh="所有拒绝均为问题文档（RFC 9457），一次性告知全部错误，逐项给出位置与代码（见下表）。4xx：更正请求；"
        "503：按 Retry-After 重试；500：将诊断编号告知运维。",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The page, and the hash by which a content security policy allows its one style sheet."""

    html: str
    style_hash: str


@cache
def docs_page(public_url: str) -> Page:
    """Return the page of a gateway at this address; made once."""
    calling = "".join(map(_said, _CALLING))
    sections = "".join(_group(name, text) for name, text in groups().items())
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tongban 通办: interface</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>tongban 通办</h1>
<p>The interface of this gateway. <span class="zh" lang="zh">本网关接口文档。</span></p>
<p><code>{escape(public_url)}</code> · <a href="/openapi.json">OpenAPI 3.1</a> ·
<a href="/.well-known/jwks.json">JWKS</a></p>
</header>
<nav aria-label="Operations 接口"><ul>{"".join(map(_link, OPERATIONS))}</ul></nav>
<main>
<h2 id="calling">Calling <span lang="zh">调用方式</span></h2>
{calling}
{sections}
<h2 id="messages">Messages <span lang="zh">报文结构</span></h2>
{"".join(_message(name) for name in MESSAGES)}
<h2 id="codes">Codes <span lang="zh">错误代码</span></h2>
{_codes(meanings().values())}
</main>
<footer>Made from the same description as <a href="/openapi.json">/openapi.json</a>.
<span lang="zh">与 /openapi.json 同源生成。</span></footer>
</body>
</html>
"""
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    return Page(html=html, style_hash=f"sha256-{digest}")


def _group(name: str, text: Text) -> str:
    operations = "".join(_operation(each) for each in OPERATIONS if each.group == name)
    title = f'{escape(text.en)} <span lang="zh">{escape(text.zh)}</span>'
    return f'<h2 id="{name}">{title}</h2>{operations}' if operations else ""


def _operation(operation: Operation) -> str:
    title = f'{escape(operation.title.en)} <span class="zh" lang="zh">{escape(operation.title.zh)}</span>'
    token = " · token" if operation.signed else ""
    return "".join(
        (
            f'<section id="{operation.id}"><h3>{title}</h3>',
            f'<p>{_method(operation)} <code class="path">{escape(operation.path)}</code>{token}</p>',
            _said(operation.about),
            _parameters(operation.parameters),
            _request(operation),
            _bodies(operation),
            "".join(map(_answer, operation.answers)),
            _problems(operation),
            "</section>",
        )
    )


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    rows = [
        (
            f"<code>{escape(each.name)}</code>",
            f"{each.place}{', required 必填' if each.required else ''}",
            _said(each.about),
            f"<code>{escape(each.example)}</code>",
        )
        for each in parameters
    ]
    heads = ("Parameter 参数", "In 位置", "Meaning 含义", "Example 示例")
    return f"<h4>Parameters 参数</h4>{_table(heads, rows)}" if rows else ""


def worked_path(operation: Operation) -> str:
    """Return the path and query of a worked request, every parameter with its example."""
    path = operation.path
    for each in operation.parameters:
        path = path.replace(f"{{{each.name}}}", each.example)
    query = {each.name: each.example for each in operation.parameters if each.place == "query"}
    return f"{path}?{urlencode(query)}" if query else path


def _request(operation: Operation) -> str:
    lines = [f"{operation.method} {worked_path(operation)} HTTP/1.1"]
    lines += ["Exchange-Token: eyJhbGciOiJFZERTQSIsInR5cCI6ImV4Y2hhbmdlK2p3dCIsImtpZCI6Ii4uLiJ9…"] * operation.signed
    if operation.body:
        lines += [f"Content-Type: {operation.body[0].type}", "", "…"]
    return f"<h4>Request 请求</h4>{_example(chr(10).join(lines))}"


def _bodies(operation: Operation) -> str:
    return "".join(f"<h4>Body 报文: <code>{escape(each.type)}</code></h4>{_media(each)}" for each in operation.body)


def _answer(answer: Answer) -> str:
    headers = [(f"<code>{escape(name)}</code>", _said(text)) for name, text in answer.headers.items()]
    media = "".join(
        f"<h4>{answer.status} · <code>{escape(each.type)}</code></h4>{_said(answer.about)}{_media(each)}"
        for each in answer.media
    )
    return media + (_table(("Header 响应头", "Meaning 含义"), headers) if headers else "")


def _media(media: Media) -> str:
    named = str((media.schema or {}).get("$ref", "")).rpartition("/")[2]
    link = f'<p><a href="#message-{named}">{named}</a></p>' if named else ""
    return link + (_example(media.example) if media.example is not None else "")


def _problems(operation: Operation) -> str:
    by_status = codes_by_status(operation)
    rows = [(str(int(status)), ", ".join(map(_code_link, codes))) for status, codes in by_status.items()]
    table = _table(("Status 状态", "Codes 代码"), rows)
    return f"<details><summary>Refusals 可能的拒绝 ({sum(map(len, by_status.values()))})</summary>{table}</details>"


def _codes(rows: Iterable[Meaning]) -> str:
    told = [
        (
            f'<code id="code-{each.code}">{each.code}</code>',
            ", ".join(str(int(status)) for status in statuses_of(each.code)) or "–",
            _said(Text(en=each.title, zh=each.title_zh)),
            _said(Text(en=each.action, zh=each.action_zh)),
        )
        for each in rows
    ]
    return _table(("Code 代码", "Status 状态", "Meaning 含义", "What to do 处理办法"), told)


def _message(name: str) -> str:
    return f'<details id="message-{name}"><summary>{name}</summary>{_example(MESSAGES[name])}</details>'


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _said(text: Text) -> str:
    return f'<p>{escape(text.en)}</p><p class="zh" lang="zh">{escape(text.zh)}</p>'


def _example(value: Any) -> str:
    shown = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return f"<pre>{escape(shown)}</pre>"


def _link(operation: Operation) -> str:
    return f'<li>{_method(operation)} <a href="#{operation.id}">{escape(operation.path)}</a></li>'


def _method(operation: Operation) -> str:
    return f'<span class="method {operation.method.lower()}">{operation.method}</span>'


def _code_link(code: str) -> str:
    return f'<a href="#code-{code}"><code>{code}</code></a>'
