"""How well made-up keywords are told in continued news: `hallucinations.py UHGEVAL.jsonl [N]`.

UHGEVAL.jsonl holds the beginnings of news, a continuation that a model made up, and for each
keyword of it a judgement, 合理 or 不合理 (UHGEval, Liang et al. 2023). The source is the beginning
and the true remainder. A keyword is called false

- by the checks, where one of the checks of the continuation that is wrong lies on the keyword;
- by the baseline, where the keyword is no substring of the source.

Precision and recall of 不合理 are given by kind of keyword: what it holds, told by the rules of
this file. Many judgements are of things no checker of facts sees (an adverb, a cause), and some
hold a keyword false that the source has.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import Check, Source, check_facts
from workbench.grounding.ngrams import split_sentences

DIGIT = "[0-9０-９一二两三四五六七八九十百千万亿]"
KINDS = (
    (
        "date",
        re.compile(
            rf"{DIGIT}+[年月日号](?![个间])|[去今前明昨]年|[昨今明]日|[昨今明]天|上月|本月|周[一二三四五六日]"
        ),
    ),
    ("percent", re.compile(rf"[%％]|百分之|{DIGIT}成|个百分点")),
    ("amount", re.compile(rf"{DIGIT}[多余]?(?:万|亿)?(?:元|美元|欧元|英镑|日元|港元|人民币)")),
    ("number", re.compile(rf"[0-9０-９]|{DIGIT}{{2,}}|{DIGIT}[个名位人家岁次项件条所种]")),
    (
        "name",
        re.compile(
            "《|“|·|[A-Za-z]{2}|(?:省|市|县|区|镇|村|州|国|公司|集团|大学|学院|医院|银行|部|局|厅|委|会|院|所|报|社|队)$"
            "|(?:先生|女士|教授|博士|部长|主席|总统|总理|主任|局长|书记|院长|校长|发言人|记者|导演)"
        ),
    ),
)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵万覃武钱戴严莫孔"
)
PERSON = re.compile(rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}")


@dataclass(frozen=True)
class Case:
    """A continuation and its source; each keyword with whether it was judged false."""

    source: str
    published: str | None
    continuation: str
    keywords: tuple[tuple[str, bool], ...]


def read_case(row: dict[str, Any]) -> Case:
    """Read one line of the data set."""
    keywords = []
    for annotation in row["annotations"]:
        keyword, _separator, judgement = annotation.partition("<sep>")
        keywords.append((keyword.strip(), judgement.startswith("不合理")))
    return Case(
        source=f"{row['headLine']}\n{row['newsBeginning']}{row['newsRemainder']}",
        published=(row.get("broadcastDate") or "")[:10] or None,
        continuation=row["hallucinatedContinuation"].strip(),
        keywords=tuple(keywords),
    )


def kind_of(keyword: str) -> str:
    """Return what a keyword holds."""
    for kind, pattern in KINDS:
        if pattern.search(keyword):
            return kind
    return "name" if PERSON.fullmatch(keyword) else "other"


def wrong_spans(case: Case) -> list[Check]:
    """Check the continuation against the source as the points of a summary are checked."""
    sentences = split_sentences(case.source)
    aligner = Aligner(sentences)
    source = Source(case.source, date=case.published)
    wrong = []
    for match in re.finditer(r"[^。！？\n]+[。！？]?", case.continuation):
        aligned = aligner.align(match.group())
        cited = Source("\n".join(sentences[i] for i in aligned.sentences), date=case.published)
        for check in check_facts(match.group(), cited, source):
            if check.wrong:
                start = match.start() + check.start
                wrong.append(
                    Check(check.kind, check.text, start, start + len(check.text), check.status)
                )
    return wrong


def called_false(keyword: str, case: Case, wrong: Sequence[Check]) -> bool:
    """Say whether a check marks something in a keyword, wherever it stands."""
    for match in re.finditer(re.escape(keyword), case.continuation):
        for check in wrong:
            # A check of a whole name may be longer than the keyword, and a keyword than its figure.
            if check.start < match.end() and check.end > match.start():
                return True
    return False


def plain(text: str) -> str:
    """Leave out blanks, so that a line end hides no keyword."""
    return re.sub(r"\s+", "", text)


def main() -> None:
    """Judge every keyword both ways and print precision and recall by kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("rows", type=int, nargs="?", default=0, help="how many rows (all)")
    chosen = parser.parse_args()
    rows = [
        json.loads(line) for line in chosen.data.read_text("utf-8").splitlines() if line.strip()
    ]
    count: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows[: chosen.rows or None]:
        case = read_case(row)
        wrong, text = wrong_spans(case), plain(case.source)
        for keyword, false in case.keywords:
            kind = kind_of(keyword)
            checks, baseline = called_false(keyword, case, wrong), plain(keyword) not in text
            for group in (kind, "all"):
                count[group]["false"] += false
                count[group]["true"] += not false
                for way, called in (("checks", checks), ("baseline", baseline)):
                    count[group][f"{way} called"] += called
                    count[group][f"{way} right"] += called and false
            if checks is not false and kind != "other":
                state = "false, passed" if false else "true, marked"
                print(f"{state} {kind}: {keyword} in {case.continuation}", file=sys.stderr)
    print(f"{'kind':9}{'true':>6}{'false':>6}{'checks: precision':>19}{'recall':>8}", end="")
    print(f"{'baseline: precision':>21}{'recall':>8}")
    for kind in ("number", "date", "amount", "percent", "name", "other", "all"):
        found = count[kind]
        cells = [f"{kind:9}{found['true']:>6}{found['false']:>6}"]
        for way, width in (("checks", 19), ("baseline", 21)):
            called, right = found[f"{way} called"], found[f"{way} right"]
            precision = f"{100 * right / called:.1f}%" if called else "-"
            recall = f"{100 * right / found['false']:.1f}%" if found["false"] else "-"
            cells.append(f"{precision:>{width}}{recall:>8}")
        print("".join(cells))


if __name__ == "__main__":
    main()
