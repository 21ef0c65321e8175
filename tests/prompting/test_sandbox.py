import tracemalloc
from pathlib import Path

import pytest

from workbench.errors import TemplateError
from workbench.prompting.render import check, check_variables, render
from workbench.prompting.template import Template, parse_template

PATH = Path("own.md")
VALUES = {"first": 1, "last": 3, "opening": "开头", "characters": 60, "lines": 2}
VALUES |= {"title": "标题", "date": "", "length": "short"}


def template(body: str, variables: str = "{}") -> Template:
    front = f"name: own\ntitle: Own\ndescription: Test.\nvariables: {variables}"
    return parse_template(f"---\n{front}\n---\n{body}", PATH)


def rendered(body: str, variables: str = "{}", **given: str) -> str:
    return render(template(body, variables), VALUES, given)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("第{{ first }}到{{ last }}段", "第1到3段"),
        ("{% if title %}《{{ title }}》{% else %}无题{% endif %}", "《标题》"),
        ("{{ '有' if date else '无' }}", "无"),
        ("{% for word in ['甲', '乙'] %}{{ loop.index }}{{ word }}{% endfor %}", "1甲2乙"),
        ("{% for word in '甲乙' if word != '甲' %}{{ word }}{% endfor %}", "乙"),
        ("{% for a, b in [(1, 2)] %}{{ a + b }}{% endfor %}", "3"),
        ("{% set size = characters * 2 - 1 %}{{ size }}", "119"),
        ("{{ title ~ first ~ '段' }}", "标题1段"),
        ("{{ title + '甲' }}{{ 7 // 2 }}{{ 7 % 4 }}", "标题甲33"),
        ("{{ title|length }}{{ ' A '|trim|lower }}{{ '3'|int }}", "2a3"),
        ("{{ own|default('默认') }}", "默认"),
        ("{{ 'x' in 'xy' and not first is even }}", "True"),
        ("{% raw %}{{ first }}{% endraw %}{# comment #}", "{{ first }}"),
        ("写给{{ reader }}", "写给学生"),
    ],
)
def test_what_prompts_need_is_there(body: str, text: str) -> None:
    assert rendered(body, "{reader: 学生}") == text


def test_a_given_value_replaces_the_default_but_not_what_the_workbench_gives() -> None:
    assert (
        rendered("{{ reader }}{{ first }}", "{reader: 学生}", reader="老师", first="9") == "老师1"
    )
    with pytest.raises(TemplateError, match="no variable 'colour'"):
        check_variables(template("好"), {"colour": "red"})


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__ }}",
        "{{ first.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ title.format(first) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '%s' % title }}",
        "{{ self.__init__ }}",
        "{{ loop.__class__ }}",
        "{% for x in 'a' %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in 'a' %}{{ loop._iterable }}{% endfor %}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ [].append(1) }}",
        "{{ ['a']|map(attribute='__class__')|join }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{{ _rounds }}",
        "{% set _rounds = 0 %}好",
        "{{ lipsum() }}",
        "{{ namespace() }}",
        "{{ dict() }}",
        "{{ first|_counted }}",
    ],
)
def test_nothing_leads_out_of_the_sandbox(body: str) -> None:
    for attempt in (lambda: rendered(body), lambda: check(template(body))):
        with pytest.raises(TemplateError, match=r"^own\.md: line 7: ") as caught:
            attempt()
        assert "/bin" not in str(caught.value)


NESTED = "".join(f"{{% for a{n} in 'abcdefghij' %}}" for n in range(12)) + "{% endfor %}" * 12


@pytest.mark.parametrize(
    "body",
    [
        "{{ 'x' * 10**9 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 10**10**10 }}",
        "{{ 999999999 * 999999999 }}",
        "{{ 1e308 * 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ 'x'|replace('x', 'y' * 9) }}",
        "{{ 1.5|round(1000000000) }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% for x in 'ab' recursive %}{{ loop('ab') }}{% endfor %}",
        "{% set x %}{{ title }}{{ title }}{% endset %}{{ x }}",
        "{% set a = [1, 2] %}{% set a = [a, a] %}{{ a }}",
        "{% set x = 'xxxxxxxx' %}" + "{% set x = x ~ x %}" * 30 + "{{ x }}",
        "{% set x = 'xxxxxxxx' %}" + "{% set x = x + x %}" * 30 + "{{ x }}",
        "{% for x in 'abcdefghij' %}" * 4 + "字" * 9 + "{% endfor %}" * 4,
        "{% for x in 'abcdefghij' %}" * 2 + "字" * 900 + "{% endfor %}" * 2,
        NESTED,
        "好{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}",
        "好{{ " + "-" * 4000 + "1 }}",
        "好" + "{% if first %}" * 1500 + "{% endif %}" * 1500,
        "好{{ 1" + "+1" * 5000 + " }}",
        "好" + "{% for x in 'a' %}" * 30 + "{% endfor %}" * 30,
        "好{{ " + "9" * 5000 + " }}",
    ],
)
def test_nothing_runs_away(body: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError, match=r"^own\.md: line 7: "):
            rendered(body)
        with pytest.raises(TemplateError, match=r"^own\.md: line 7: "):
            check(template(body))
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()
