"""Writes docs/errors.md from the table of codes: `python -m tests.api.errors_page`."""

from collections.abc import Iterable
from pathlib import Path

from gateway.api.codes import Meaning, meanings
from gateway.api.problems import statuses_of

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

_HEAD = """\
# Codes / 错误代码

Every failure is a problem document (RFC 9457, `application/problem+json`) with one `code` and one `diagnostic` id;
`errors` lists every fault found, each with a pointer and a code of its own.
Codes are a promise: they are added, never changed.
4xx: change the request. 503: repeat it after `Retry-After` with the same exchange id. 500: tell the operator the
diagnostic id.

所有失败均以问题文档（RFC 9457）应答，含唯一 `code` 与诊断编号 `diagnostic`；
`errors` 一次性列出全部问题，逐项给出位置与代码。代码只增不改。
4xx：更正请求；503：按 `Retry-After` 以相同交换编号重试；500：将诊断编号告知运维。

This page is made from `schemas/api/codes.json`; a test holds both against the source.
"""


def errors_page() -> str:
    """Return the page."""
    problems = [each for each in meanings().values() if statuses_of(each.code)]
    faults = [each for each in meanings().values() if not statuses_of(each.code)]
    return "\n".join(
        (
            _HEAD,
            "## Codes of a problem / 问题代码\n",
            "| Code | Status | Meaning 含义 | What to do 处理办法 |",
            "|---|---|---|---|",
            *(f"| `{each.code}` | {_statuses(each)} | {_meaning(each)} | {_action(each)} |" for each in problems),
            "",
            "## Codes of a fault within `errors`, of a report or of a check / 明细代码\n",
            "| Code | Meaning 含义 | What to do 处理办法 |",
            "|---|---|---|",
            *(f"| `{each.code}` | {_meaning(each)} | {_action(each)} |" for each in faults),
            "",
        )
    )


def _statuses(meaning: Meaning) -> str:
    return ", ".join(_numbers(statuses_of(meaning.code)))


def _numbers(statuses: Iterable[int]) -> list[str]:
    return [str(int(status)) for status in statuses]


def _meaning(meaning: Meaning) -> str:
    return f"{meaning.title}<br>{meaning.title_zh}"


def _action(meaning: Meaning) -> str:
    return f"{meaning.action}<br>{meaning.action_zh}"


if __name__ == "__main__":
    PAGE.write_text(errors_page(), encoding="utf-8")
