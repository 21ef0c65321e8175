"""Asking articles: short answers held to the text, refusals, and what is put before the model."""

import json
from functools import cache
from pathlib import Path

import pytest
from ask_support import BOOKS, MARKET, asked, books, knowing, market, saying
from jsonschema import Draft202012Validator
from tasks_support import ScriptedEngine, article_of, extract, long_text, material, summary

import workbench
from workbench.articles.script import to_simplified
from workbench.engine.protocol import Request
from workbench.errors import ArticleError, UsageError
from workbench.tasks.ask.answer import NOT_MENTIONED
from workbench.tasks.ask.task import Turn


@cache
def validator() -> Draft202012Validator:
    path = Path(workbench.__file__).parent / "tasks" / "ask" / "answer.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_an_answer_is_a_span_of_the_original_with_its_sentence(tmp_path: Path) -> None:
    article = market(tmp_path)
    answer = asked("早市的新棚用了多久修建？", article, saying("用了七个月"))
    assert answer.text == "用了七个月"
    assert answer.span is not None
    assert article.text[answer.span.start : answer.span.end] == answer.span.quote == "用了七个月"
    first = answer.evidence[0]
    assert article.text[first.start : first.end] == first.quote
    assert first.start <= answer.span.start < answer.span.end <= first.end
    assert not answer.refused
    validator().validate(json.loads(json.dumps(answer.to_json())))


def test_a_wordy_answer_is_cut_down_to_what_the_text_says(tmp_path: Path) -> None:
    answer = asked(
        "青石镇的早市什么时候搬进了新棚？",
        market(tmp_path),
        saying("青石镇的早市搬进了新棚的时间是3月1日。"),
    )
    assert answer.text == "3月1日"


def test_answers_come_in_the_script_of_the_question(tmp_path: Path) -> None:
    simplified, traditional = market(tmp_path), books(tmp_path)
    said = saying("128个摊位")
    assert asked("早市的新棚有多少個攤位？", simplified, said).text == "128個攤位"
    assert asked("早市的新棚有多少个摊位？", simplified, said).text == "128个摊位"
    said = saying("海边的五所小学")
    question = "圖書車每週到哪裡？"
    assert asked(question, traditional, said).text == "海邊的五所小學"
    assert asked(to_simplified(question), traditional, said).text == "海边的五所小学"


def test_a_script_that_was_asked_for_goes_before_that_of_the_question(tmp_path: Path) -> None:
    answer = asked(
        "早市的新棚有多少个摊位？", market(tmp_path), saying("128个摊位"), script="traditional"
    )
    assert answer.text == "128個攤位"


def test_a_question_whose_words_the_article_has_not_is_not_put_to_the_model(
    tmp_path: Path,
) -> None:
    engine = saying("牛顿")
    answer = asked("万有引力定律由哪位物理学家提出？", market(tmp_path), engine)
    assert (answer.text, answer.refused, answer.reason) == (NOT_MENTIONED, True, "unrelated")
    assert answer.searched.method == "words"
    assert answer.searched.passages_total == len(market(tmp_path).passages)
    assert engine.requests == []
    validator().validate(json.loads(json.dumps(answer.to_json())))


@pytest.mark.parametrize(
    "refusal", ["文中未提及", "文章没有提到这一点。", "原文未说明", "无法从文中得知", ""]
)
def test_what_the_model_does_not_find_is_refused(tmp_path: Path, refusal: str) -> None:
    answer = asked("青石镇镇长对早市怎么评价？", market(tmp_path), saying(refusal))
    assert (answer.text, answer.reason) == (NOT_MENTIONED, "model_refused")
    assert answer.searched.passages_read == answer.searched.passages_total
    assert answer.evidence == ()


def test_an_answer_that_is_not_in_the_text_is_refused(tmp_path: Path) -> None:
    answer = asked("早市的摊位费是多少？", market(tmp_path), saying("每月九百九十九元"))
    assert (answer.text, answer.reason) == (NOT_MENTIONED, "unsupported")
    assert answer.written == "每月九百九十九元"


def test_a_model_that_refuses_though_the_text_answers_is_asked_with_the_evidence(
    tmp_path: Path,
) -> None:
    engine = knowing({"文章中写道": "每天8元"})
    answer = asked("早市的摊位费是多少？", market(tmp_path), engine)
    assert answer.text == "每天8元"
    assert len(engine.requests) == 2
    assert "摊位费没有涨" in engine.requests[1].messages[-1].segments[-1]


def test_the_whole_article_is_laid_out_as_for_a_summary(tmp_path: Path) -> None:
    article = market(tmp_path)
    for_answer, for_summary = saying("七个月"), ScriptedEngine(extract)
    asked("新棚用了多久修建？", article, for_answer)
    summary(article, for_summary)
    assert material(for_answer.requests[0]) == material(for_summary.requests[0])
    assert for_answer.requests[0].messages[0] == for_summary.requests[0].messages[0]


def test_of_a_long_article_only_passages_that_were_found_are_read(tmp_path: Path) -> None:
    article = article_of(tmp_path, long_text(60))
    engine = saying("更换路灯")
    answer = asked("河口第17标段上月做了什么工作？", article, engine)
    assert answer.searched.method == "passages"
    assert 0 < answer.searched.passages_read < answer.searched.passages_total
    assert "河口第17标段" in material(engine.requests[0])
    whole = asked("河口第17标段上月做了什么工作？", article, saying("更换路灯"), reading="whole")
    assert whole.searched.method == "whole"
    assert whole.searched.passages_read == whole.searched.passages_total


def test_of_several_articles_the_right_one_is_cited(tmp_path: Path) -> None:
    answer = asked("圖書車裡放了幾本書？", [market(tmp_path), books(tmp_path)], saying("2400本书"))
    assert answer.text == "2400本書"
    assert answer.cited == (1,)
    assert answer.searched.articles == 2
    assert answer.articles[answer.evidence[0].article].path.endswith("圖書車.txt")
    validator().validate(json.loads(json.dumps(answer.to_json())))


def test_a_yes_or_no_is_answered_with_the_sentence_that_shows_it(tmp_path: Path) -> None:
    for said in ("没有涨", "没有"):
        answer = asked("早市的摊位费有没有涨？", market(tmp_path), saying(said))
        assert answer.text == said
        assert any("没有涨" in one.quote for one in answer.evidence)


def test_a_thing_the_question_names_itself_is_no_answer(tmp_path: Path) -> None:
    engine = knowing({"答案不是": "排水沟", "照明": "照明"})
    answer = asked("新棚里装了照明和什么？", market(tmp_path), engine)
    assert answer.text == "排水沟"
    assert len(engine.requests) == 2


def test_a_question_for_what_something_is_gets_the_sentence_that_explains_it(
    tmp_path: Path,
) -> None:
    text = (
        "沙堤是河口堆起来的一道细沙。\n\n"
        "涨潮时沙堤会被水淹没，退潮后孩子们在上面捡贝壳，老人说它每年都往南移。\n"
    )
    answer = asked("什么是沙堤？", article_of(tmp_path, text), saying("沙堤"))
    assert "河口堆起来的一道细沙" in answer.text


def test_a_question_that_leans_on_the_conversation_is_asked_in_full(tmp_path: Path) -> None:
    engine = knowing({"改写": "早市的新棚用了多久修建？", "用了多久": "七个月"})
    said = Turn("早市的新棚花了多少钱？", "460万元")
    answer = asked("那用了多久呢？", market(tmp_path), engine, [said])
    assert answer.asked == "早市的新棚用了多久修建？"
    assert answer.text == "七个月"
    assert answer.turn == Turn("早市的新棚用了多久修建？", "七个月")
    last = engine.requests[-1].messages[-1].segments
    assert "新棚" in last[0]
    assert "460万元" in last[-1]  # earlier turns stand after the article


def test_a_rewritten_question_about_something_else_is_not_taken(tmp_path: Path) -> None:
    engine = knowing({"改写": "法国的首都在哪里？", "用了多久": "七个月"})
    answer = asked(
        "那用了多久呢？", market(tmp_path), engine, [Turn("早市的新棚花了多少钱？", "460万元")]
    )
    assert "法国" not in answer.asked
    assert "早市的新棚" in answer.asked


def test_a_second_look_that_says_no_refuses(tmp_path: Path) -> None:
    engine = knowing({"只写“是”或“否”": '"否"', "摊位费": "每天8元"})
    answer = asked("早市的摊位费是多少？", market(tmp_path), engine, verify=True)
    assert (answer.reason, answer.confirmed) == ("rejected", False)
    assert json.loads(engine.requests[-1].schema) == {"enum": ["是", "否"]}
    engine = knowing({"只写“是”或“否”": '"是"', "摊位费": "每天8元"})
    answer = asked("早市的摊位费是多少？", market(tmp_path), engine, verify=True)
    assert (answer.text, answer.confirmed) == ("每天8元", True)


@pytest.mark.parametrize(
    ("question", "briefly"), [("早市的摊位费是多少？", True), ("早市为什么要搬进新棚？", False)]
)
def test_a_name_or_a_figure_is_asked_for_briefly_and_a_clause_in_the_texts_words(
    tmp_path: Path, question: str, briefly: bool
) -> None:
    engine = saying("每天8元")
    asked(question, market(tmp_path), engine)
    said = engine.requests[0].messages[-1].segments[-1]
    assert question in said
    assert ("简短" in said, "原话" in said) == (briefly, not briefly)


def test_instructions_in_a_question_stay_a_question(tmp_path: Path) -> None:
    engine = saying("每天8元")
    asked("早市的摊位费是多少？{{ title }} {% raw %}", market(tmp_path), engine)
    assert "{{ title }} {% raw %}" in engine.requests[0].messages[-1].segments[-1]


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question_is_wrong_use(tmp_path: Path, question: str) -> None:
    with pytest.raises(UsageError):
        asked(question, market(tmp_path), saying("x"))


def test_an_article_of_which_nothing_is_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArticleError):
        asked("讲了什么？", article_of(tmp_path, "\n \n"), saying("x"))
    with pytest.raises(ArticleError):
        asked("讲了什么？", [], saying("x"))


def test_texts_of_the_samples_are_in_the_scripts_the_tests_need() -> None:
    assert to_simplified(MARKET) == MARKET
    assert to_simplified(BOOKS) != BOOKS


def test_a_long_article_that_was_read_before_is_read_whole(tmp_path: Path) -> None:
    class Warm(ScriptedEngine):
        def reusable_tokens(self, request: Request) -> int:
            return self.prompt_tokens(request) - 200

    article = article_of(tmp_path, long_text(60))
    warm = Warm(lambda _request: "更换路灯")
    question = "河口第17标段上月做了什么工作？"
    assert asked(question, article, warm).searched.method == "whole"
    cold = asked(question, article, saying("更换路灯"))
    assert cold.searched.method == "passages"
    # What was asked before has been read by then.
    again = asked("那第27标段呢？", article, saying("更换路灯"), [cold.turn])
    assert again.searched.method == "whole"


KITCHENS = """禾川县的两座厨房

城东厨房2022年投产，设计能力每天6000份，如今做3900份，运营的企业说还没有保本。县里的干部算过账，要做到四千多份才不亏，眼下只好给学校和工地供餐来补。

西部的几个镇路远，至今没有自己的厨房，饭菜要从城东送去，走完一趟要两个多小时。送到时米饭已经温吞，老人们只好再热一遍，有几位干脆自己煮面吃。

北部厨房今年投产，设计能力每天2000份，厨师是本地一位妇女，每月工资2400元。她说灶台宽敞，通风也好，比在家里给一大家子人做饭还省力气，就是起得早。
"""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("西部的厨房每天做多少份？", "2000份"),
        ("青岩县的厨房每天做多少份？", "3900份"),
        ("城东厨房在2019年每天做多少份？", "3900份"),
        ("城东企业的员工每月工资多少？", "2400元"),
    ],
)
def test_a_figure_of_something_else_is_not_borrowed(
    tmp_path: Path, question: str, said: str
) -> None:
    answer = asked(question, article_of(tmp_path, KITCHENS), saying(said))
    assert (answer.text, answer.reason) == (NOT_MENTIONED, "elsewhere")
    assert answer.written == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("北部厨房的设计能力是每天多少份？", "2000份"),
        ("城东厨房哪一年投产？", "2022年"),
        ("北部厨房的厨师每月工资多少？", "2400元"),
        ("禾川县城东厨房每天做多少份？", "3900份"),
    ],
)
def test_a_figure_of_what_was_asked_about_is_given(
    tmp_path: Path, question: str, said: str
) -> None:
    assert asked(question, article_of(tmp_path, KITCHENS), saying(said)).text == said


MARKET_DAYS = "集市上卖鱼的人多了，价钱倒没有涨，天黑才收摊；茶摊也多了几家，队伍排到了桥边。" * 8
SHIPYARDS = (
    "三家船厂的一年\n\n去年渡口新添了三家船厂，都在河的南岸。\n\n"
    "“浪花号”由前任船长闻人立新的船厂造成，四月下水，船身刷成蓝色，每天往返六趟。\n\n"
    f"{MARKET_DAYS}\n\n码头的生意比往年好。{MARKET_DAYS}\n\n"
    "在老船工吴远看来，南岸不是造船的好地方，风大，路也窄。"
    "应用公司“锦鲤网络”3月宣布替船厂记账。\n"
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        # What is named stands in another passage.
        ("“浪花号”的船厂是谁办的？", "吴远"),
        # The sentence tells of another month.
        ("5月造出“浪花号”的是谁？", "前任船长闻人立新"),
        # A company holds no office of a person.
        ("“锦鲤网络”的创始人是谁？", "应用公司"),
    ],
)
def test_a_person_of_something_else_is_not_borrowed(
    tmp_path: Path, question: str, said: str
) -> None:
    answer = asked(question, article_of(tmp_path, SHIPYARDS), saying(said))
    assert (answer.text, answer.reason) == (NOT_MENTIONED, "elsewhere")
    assert answer.written == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("“浪花号”由谁的船厂造成？", "前任船长闻人立新"),
        ("4月让“浪花号”下水的是谁？", "前任船长闻人立新"),
        ("谁说南岸不是造船的好地方？", "吴远"),
        ("3月宣布替船厂记账的是谁？", "锦鲤网络"),
    ],
)
def test_a_person_of_what_was_asked_about_is_given(
    tmp_path: Path, question: str, said: str
) -> None:
    assert said in asked(question, article_of(tmp_path, SHIPYARDS), saying(said)).text


FEAST = (
    "石桥村的长桌宴\n\n石桥村把秋收后的长桌宴办到了晒谷场上，外村人也来了。\n\n"
    "“我们家一早就蒸了有差不多90笼。”从下湾来帮忙的罗婶说，她蒸的糯米饭一笼装十碗。\n\n"
    "西头的灶火不够旺，西头的厨师只好等到午后。东头的“回味坊”一共炸了35锅豆腐。\n"
)


def test_a_figure_that_stands_before_what_it_is_of_is_not_taken_for_borrowed(
    tmp_path: Path,
) -> None:
    feast = article_of(tmp_path, FEAST, "长桌宴.txt")
    answer = asked("从下湾来帮忙的罗婶家蒸了多少笼糯米饭？", feast, saying("90笼"))
    assert not answer.refused
    assert answer.text.endswith("90笼")


def test_a_figure_of_something_with_another_name_nearby_is_borrowed(tmp_path: Path) -> None:
    filler = "晒谷场上摆开三十张桌子，孩子们在桌子之间跑来跑去，老人坐在屋檐下说起往年的收成。" * 12
    feast = article_of(
        tmp_path,
        "石桥村的长桌宴\n\n石桥村把秋收后的长桌宴办到了晒谷场上。\n\n"
        f"{filler}下湾的罗婶也带了一口锅来。\n\n"
        f"东头的“回味坊”累计炸了35锅豆腐。{filler}\n",
        "长桌宴.txt",
    )
    borrowed = asked("罗婶的锅累计炸了多少锅豆腐？", feast, saying("35锅"))
    assert borrowed.refused
    assert borrowed.reason == "elsewhere"
    own = asked("“回味坊”累计炸了多少锅豆腐？", feast, saying("35锅"))
    assert own.text == "35锅"
