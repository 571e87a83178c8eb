"""A conformance report as one page for people: Chinese and English, no script, nothing fetched from elsewhere.

Whatever an adapter says is escaped by the template engine, which has no way to leave it out, and the page forbids
scripts to the browser as well: a hostile name stays a name.
"""

from functools import cache
from typing import Final

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from gateway.core.conversion.conformance.report import Report

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a2330; --quiet: #5c6878; --line: #d9dfe7; --paper: #fff; --tint: #f5f7fa;
  --good: #0b6b4f; --bad: #a3221b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --line: #323c4a; --paper: #12171e;
  --tint: #1a212b; --good: #6cc9a8; --bad: #f0918b; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 2px solid var(--ink); font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .35rem 0; } .quiet { color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
code { font: .875em/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ul { margin: .25rem 0; padding-left: 1.25rem; } li { margin: .2rem 0; }
.row { display: block; color: var(--quiet); }
details { background: var(--tint); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .75rem;
  margin: .5rem 0; }
summary { cursor: pointer; }
"""

_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ report.adapter }} {{ report.version }} · 适配器检查报告 · Conformance report</title>
<style>{{ style }}</style>
</head>
<body><main>
{%- macro listing(zh, en, entries) %}{% if entries %}
<details><summary>{{ zh }} <span class="quiet">{{ en }}</span>: {{ entries | length }}</summary>
<ul>{% for one in entries %}<li>{{ caller(one) }}</li>{% endfor %}</ul></details>
{%- endif %}{% endmacro %}
{%- macro rows(found) %}{% for row in found %}<code class="row">{{ row }}</code>{% endfor %}{% endmacro %}
<h1>{{ report.adapter }} {{ report.version }}</h1>
<p class="quiet">适配器检查报告 · Conformance report<br><code>{{ report.digest }}</code></p>
<p class="{{ 'good' if report.passed else 'bad' }}">
{{ '通过 Passed' if report.passed else '未通过 Failed' }}</p>
<h2>示例 Examples</h2>
{% for verdict in report.verdicts %}
<h3><span class="{{ 'good' if verdict.passed else 'bad' }}">{{ '通过 ok' if verdict.passed else '未通过 FAIL' }}</span>
 {{ verdict.kind }} {{ verdict.variant or '?' }}: {{ verdict.name }}</h3>
{% if verdict.faults %}<ul>{% for one in verdict.faults %}<li><code>{{ one.pointer or '(document)' }}</code>
 <code>{{ one.code }}</code> {{ one.message_zh }} {{ one.message }}
 {% if one.expected %}<span class="quiet">→ {{ one.expected }}</span>{% endif %}
 {{ rows(verdict.rows_behind(one.pointer)) }}</li>{% endfor %}</ul>{% endif %}
{% for zh, en, found in [
  ('与预期的规范结果不同', 'differs in canonical form', verdict.canonical_differs),
  ('转回后与原文不同', 'does not come back', verdict.regional_differs),
  ('往返后改变', 'changes on a round trip', verdict.returned_differs)] %}
{%- call(at) listing(zh, en, found) %}<code>{{ at }}</code>{{ rows(verdict.rows_behind(at)) }}{% endcall %}
{% endfor %}
{% for zh, en, found in [
  ('按声明规范化', 'comes back in another spelling, as its row says', verdict.normalised),
  ('转入有损', 'lost on the way to canonical', verdict.losses_to_canonical),
  ('转出有损', 'lost on the way to regional', verdict.losses_to_regional)] %}
{%- call(at) listing(zh, en, found) %}<code>{{ at }}</code>{% endcall %}
{% endfor %}
{% endfor %}
{% for message in report.unexemplified %}<p><span class="bad">未通过 FAIL</span> {{ message }}:
缺少示例 no example</p>{% endfor %}
{% if report.generated %}<h2>生成的文档 Generated documents</h2>
<p class="quiet">按区域格式定义生成；能转换的须能转回，否则须列明损失。
Drawn from the regional schemas; what converts comes back, or every loss is named.</p>
{% for one in report.generated %}
<h3><span class="{{ 'good' if one.passed else 'bad' }}">{{ '通过 ok' if one.passed else '未通过 FAIL' }}</span>
 {{ one.kind }} {{ one.variant }}</h3>
<p>生成 drawn: {{ one.drawn }} · 转换 converted: {{ one.converted }}
{% if one.refusals_only %}<br>{{ refusals_only }}{% endif %}
{% if one.ended %}<br>{{ ended[one.ended] }}{% endif %}</p>
{% for failure in one.failures %}<p><span class="bad">{{ broken[failure.breach] }}</span> {{ failure.detail }}</p>
<ul>{% for at in failure.pointers %}<li><code>{{ at or '(document)' }}</code></li>{% endfor %}</ul>
{{ rows(failure.rows) }}
{%- call(at) listing('最小的失败文档（不含值）', 'smallest document that fails, without its values', failure.shape) %}
<code>{{ at }}</code>{% endcall %}
{% endfor %}
{% endfor %}{% endif %}
<h2>对照表 Tables</h2>
{% for one in report.coverage %}
<h3>{{ one.kind }} {{ one.variant }}</h3><p class="quiet"><code>{{ one.table }}</code></p>
{% for zh, en, found in [
  ('未填充的规范字段', 'canonical fields never filled', one.never_filled),
  ('未读取的区域字段', 'regional fields never read', one.never_read)] %}
{%- call(at) listing(zh, en, found) %}<code>{{ at }}</code>{% endcall %}
{% endfor %}
{% for zh, en, found in [
  ('示例未覆盖的行', 'rows that no example reaches', one.unexercised),
  ('转入有损的行', 'rows lossy to canonical', one.lossy_to_canonical),
  ('转出有损的行', 'rows lossy to regional', one.lossy_to_regional)] %}
{%- call(row) listing(zh, en, found) %}<code>{{ row.path or '(element)' }}</code>{{ rows([row]) }}{% endcall %}
{% endfor %}
{% endfor %}
{% if report.collisions %}<h2>冲突与合并 Collisions</h2>
<p class="quiet">转换前不同、转换后相同的内容 What is different before a conversion and the same after it</p>
<ul>{% for one in report.collisions %}<li>
{% if not one.declared %}<span class="bad">未声明 undeclared</span> {% endif %}
{{ sorts[one.sort] }} → {{ one.to }}: <code>{{ one.place or '(element)' }}</code>
<span class="quiet">{{ one.met | join(' · ') }}</span>{{ rows(one.rows) }}</li>{% endfor %}</ul>{% endif %}
{% if report.partnerless %}<h2>无对应的代码 Codes without a partner</h2>
{% for table, codes in report.partnerless.items() %}<p><code>codes/{{ table }}.toml</code>: {{ codes | join(', ') }}</p>
{% endfor %}{% endif %}
</main></body></html>
"""

SORTS: Final = {
    "rows": "多行写入同一处 rows that write one place",
    "fields": "多字段并入一处 fields that feed one",
    "codes": "多代码并为一个 codes that become one",
    "values": "多个取值变为一个 values that became one",
}

# How a generated document broke the law of the round trip, and why there were fewer of them than asked for.
BROKEN: Final = {
    "lost": "未能转回 does not come back, and no loss is named",
    "changed": "往返后改变 changes on a round trip, and no loss is named",
    "respelled": "转回后不同 comes back otherwise, and no row says so",
    "refused": "转回被拒绝 is refused on the way back",
    "raised": "转换出错 ends in an error without a code",
}
ENDED: Final = {
    "no_schema": "无格式定义，未生成 no schema to draw from",
    "undrawable": "格式定义无法生成文档 nothing can be drawn from this schema",
    "out_of_time": "时限已到 the time for drawing ran out",
}
REFUSALS_ONLY: Final = "生成的文档均被拒绝 held of refusals only: nothing drawn converts"


def page_of(report: Report) -> str:
    """Return a report as one self-contained HTML page."""
    return _template().render(
        report=report, style=_STYLE, sorts=SORTS, broken=BROKEN, ended=ENDED, refusals_only=REFUSALS_ONLY
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=DictLoader({"page": _PAGE}), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page")
