import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from reports_support import HOSTILE, hostile_row, many_rows

from workbench.batch.reports import Row, write_reports
from workbench.batch.reports.page import writing
from workbench.batch.reports.page.context import contexts
from workbench.batch.reports.page.view import marked
from workbench.batch.reports.told import Quote, clean
from workbench.grounding.checks import Check

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TEXT = "第一段话。\n" + "这一段很长。" * 60 + "要点在这里。" + "后面也很长。" * 60 + "\n最后一段。"


def page_of(folder: Path, rows: list[Row], title: str = "") -> html.HtmlElement:
    write_reports(folder / "out", rows, ["html"], title=title)
    return html.document_fromstring((folder / "out" / "report.html").read_bytes())


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_page_asks_for_nothing_and_allows_one_script(tmp_path: Path, rows: list[Row]) -> None:
    page = page_of(tmp_path, rows)
    links = page.xpath("//@href | //@src | //@srcset | //@action | //@data")
    assert links
    assert all(link.startswith("#") for link in links)
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    (script,) = page.xpath("//script")
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|@import|url\(", text)


def test_every_link_of_the_page_leads_somewhere(tmp_path: Path, rows: list[Row]) -> None:
    page = page_of(tmp_path, rows)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//@href")} <= set(ids)


def test_wrong_facts_come_first_with_what_the_article_says(tmp_path: Path, rows: list[Row]) -> None:
    page = page_of(tmp_path, rows)
    assert page.xpath("//section/@id") == ["flagged", "failures", "charts", "list", "results"]
    (flag,) = page.xpath("//section[@id='flagged']//tbody/tr")
    assert "99億元" in said(flag)
    assert "38萬元" in said(flag)
    first = page.xpath("//section[@id='results']/article")[0]
    assert first.get("id") == flag.xpath(".//a/@href")[0].removeprefix("#")
    assert first.xpath(".//li[contains(@class, 'wrong')]//mark[@class='wrong']/text()") == [
        "99億元"
    ]


def test_failures_say_why(tmp_path: Path, rows: list[Row]) -> None:
    (failure,) = page_of(tmp_path, rows).xpath("//section[@id='failures']//tbody/tr")
    assert "坏.pdf" in said(failure)
    assert "is damaged. Save it again." in said(failure)


def test_a_citation_opens_its_passage_in_context(tmp_path: Path, rows: list[Row]) -> None:
    page = page_of(tmp_path, rows)
    (article,) = [
        one for one in page.xpath("//article") if said(one).startswith("青石镇的早市搬进了新棚")
    ]
    evidence = article.xpath(".//details")[0]
    assert evidence.get("open") is None
    assert "[2]" in said(evidence.find("summary"))
    (passage,) = evidence.xpath("./blockquote")
    (quote,) = passage.xpath("./mark[@class='found']/text()")
    assert quote == rows[0].result["points"][0]["citations"][0]["quote"]
    assert "菜农只能撑着油布卖菜" in said(passage), "what stands around it is shown"
    assert passage.get("lang") == "zh-Hans"


def test_a_comparison_is_a_table_with_a_column_for_each_article(
    tmp_path: Path, rows: list[Row]
) -> None:
    page = page_of(tmp_path, rows[2:3])
    differing = page.xpath("//table[contains(@class, 'differ')]")[0]
    assert [said(one) for one in differing.xpath("./thead//th")] == ["subject", "[1]", "[2]"]
    cells = [said(one) for one in differing.xpath("./tbody[1]/tr[1]/td")]
    assert cells[0].startswith("460万元")
    assert cells[1].startswith("520万元")
    marks = differing.xpath("./tbody[1]/tr[2]//blockquote/mark/text()")
    assert any("460万元" in mark for mark in marks)
    assert any("520万元" in mark for mark in marks)


def test_an_answer_shows_its_evidence_at_once(tmp_path: Path, rows: list[Row]) -> None:
    (article,) = page_of(tmp_path, rows[3:4]).xpath("//article")
    assert said(article.find("h3")) == "摊位费每天多少元？"
    assert "8元" in said(article.xpath(".//li/p")[0])
    (evidence,) = article.xpath(".//details")
    assert evidence.get("open") is not None


def test_the_table_and_the_charts_hold_every_result(tmp_path: Path, rows: list[Row]) -> None:
    page = page_of(tmp_path, rows)
    lines = page.xpath("//table[@id='articles']/tbody/tr")
    assert sorted(line.get("data-id") for line in lines) == sorted(page.xpath("//article/@id"))
    titles = [said(one) for one in page.xpath("//section[@id='charts']//h4")]
    assert titles[:4] == ["Length of the articles", "Length of the results", "Support", "Time"]
    counted = page.xpath("//section[@id='charts']//svg[1]")[0].xpath(".//rect/title/text()")
    assert sum(int(one.rpartition(": ")[2]) for one in counted) == 4


def test_hostile_texts_are_shown_as_they_are(tmp_path: Path, rows: list[Row]) -> None:
    hostile = [hostile_row(row) for row in rows[:2]]
    failed = Row({"path": HOSTILE}, {"task": "summarize", "template": "x"}, None, HOSTILE)
    page = page_of(tmp_path, [*hostile, failed], HOSTILE)
    assert len(page.xpath("//script")) == 1
    assert len(page.xpath("//style")) == 1
    assert not page.xpath("//h3//b | //td//b")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", text)
    assert "<script>alert('x')</script>" in page.xpath("//article/h3")[0].text_content()


def test_many_results_go_on_on_other_pages_the_wrong_ones_first(
    tmp_path: Path, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_RESULTS", 4)
    write_reports(tmp_path / "out", many_rows(rows[:2], 10), ["html"])
    names = sorted(path.name for path in (tmp_path / "out").glob("*.html"))
    assert names == ["report-2.html", "report-3.html", "report.html"]
    pages = [
        html.document_fromstring((tmp_path / "out" / name).read_bytes())
        for name in ("report.html", "report-2.html", "report-3.html")
    ]
    wrong = [[int(x) for x in page.xpath("//table[@id='articles']//@data-wrong")] for page in pages]
    assert wrong == [[1, 1, 1, 1], [1, 0, 0, 0], [0, 0]]
    assert pages[0].xpath("//nav[contains(@class, 'pages')]/a/@href") == names[:2]
    ids = [name for page in pages for name in page.xpath("//article/@id")]
    assert len(set(ids)) == 10


def test_a_page_says_its_language(
    tmp_path: Path, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, named in (("C", "en"), ("zh_CN.UTF-8", "zh-CN"), ("zh_HK", "zh-TW")):
        monkeypatch.setenv("WORKBENCH_LANGUAGE", language)
        page = page_of(tmp_path, rows[:2])
        assert page.get("lang") == named
        assert set(page.xpath("//article/@lang")) == {"zh-Hans", "zh-Hant"}


def test_a_long_paragraph_is_shown_around_the_citation() -> None:
    start = TEXT.index("要点")
    quote = Quote(0, 2, start, start + 6, "要点在这里。")
    (found,) = contexts([quote], [{"text": TEXT}])
    texts = [piece["text"] for piece in found["pieces"]]
    assert texts[0] == texts[-1] == "…"
    assert [piece["text"] for piece in found["pieces"] if piece["found"]] == ["要点在这里。"]
    assert len("".join(texts)) < 300


def test_citations_that_touch_share_their_context() -> None:
    one, two = Quote(0, 1, 0, 2, TEXT[:2]), Quote(0, 1, 3, 5, TEXT[3:5])
    (found,) = contexts([two, one], [{"text": TEXT}])
    assert [piece["found"] for piece in found["pieces"]] == [True, False, True]


def test_where_the_text_is_another_one_by_now_the_quote_stands_alone() -> None:
    quote = Quote(0, 1, 0, 4, "别的文字")
    for articles in ([{"text": TEXT}], [{}], []):
        (found,) = contexts([quote], articles)
        assert found["pieces"] == [{"text": "别的文字", "found": True}]


@given(
    text=st.text(max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=4),
)
def test_context_shows_the_article_and_marks_what_is_cited(
    text: str, spans: list[tuple[int, int]]
) -> None:
    quotes = [
        Quote(0, 1, start, end, clean(text[start:end]))
        for start, size in spans
        if (end := min(start + size, len(text))) > start
    ]
    for found in contexts(quotes, [{"text": text}]):
        assert any(piece["found"] for piece in found["pieces"])
        assert "".join(p["text"] for p in found["pieces"]).strip("…") in clean(text)


@given(
    text=st.text("甲乙丙0123。", max_size=20),
    checks=st.lists(
        st.builds(
            Check,
            st.just("number"),
            st.text("甲0123", max_size=3),
            st.integers(0, 25),
            st.integers(0, 25),
            st.sampled_from(["supported", "elsewhere", "differs", "unsupported"]),
        ),
        max_size=4,
    ),
)
def test_marking_facts_loses_no_character(text: str, checks: list[Check]) -> None:
    found = marked(text, checks)
    assert "".join(piece["text"] for piece in found) == text
    wanted = {check.text for check in checks if check.status != "supported"}
    assert {piece["text"] for piece in found if piece["mark"]} <= wanted


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, to run the script of the page")
def test_searching_and_sorting_work_in_a_browser(tmp_path: Path, rows: list[Row]) -> None:
    write_reports(tmp_path / "out", rows, ["html"])
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    # The page's policy refuses every script but its own, this one too.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    tried = """<script>
        const shown = () => [...document.querySelectorAll("#articles tbody tr")]
          .filter((row) => !row.hidden).map((row) => row.querySelector("a").textContent).join("|");
        const heads = document.querySelectorAll("#articles th button");
        const only = document.getElementById("only");
        const search = document.getElementById("search");
        const said = [];
        heads[2].click(); said.push(shown());
        search.value = "图书车 2400"; only.dispatchEvent(new Event("change")); said.push(shown());
        search.value = "火箭"; only.dispatchEvent(new Event("change")); said.push(shown());
        search.value = ""; only.value = "wrong"; only.dispatchEvent(new Event("change"));
        said.push(document.getElementById("count").textContent);
        document.body.dataset.said = JSON.stringify(said);
        </script></body>"""
    page = tmp_path / "page.html"
    page.write_text(text.replace("</body>", tried), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    options = ["--headless", "--no-sandbox", "--disable-gpu", profile, "--dump-dom"]
    ended = subprocess.run(
        [str(CHROMIUM), *options, page.as_uri()], capture_output=True, timeout=120, check=True
    )
    (found,) = html.document_fromstring(ended.stdout).xpath("//body/@data-said")
    by_date, searched, nothing, counted = json.loads(found)
    assert by_date.split("|")[-1] == "海邊小學的圖書車", "the latest comes last"
    assert searched == "海邊小學的圖書車", "found in the other script"
    assert nothing == ""
    assert counted == "1 of 4"
