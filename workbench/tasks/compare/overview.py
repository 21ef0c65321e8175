"""One sentence about all the articles by the model, shown only where the articles bear it out."""

from collections.abc import Iterable, Sequence

from workbench.engine.protocol import Sampling
from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import Source, check_facts
from workbench.grounding.differences import AGREE, Finding
from workbench.grounding.facts import Fact, extract_facts
from workbench.tasks import prompts, wording
from workbench.tasks.calls import Caller
from workbench.tasks.compare.comparison import Overview
from workbench.tasks.compare.digests import Digest
from workbench.tasks.material import Material
from workbench.tasks.summary.clauses import split_clauses

_CHARACTERS = 80
_TOKENS_A_CHARACTER = 1.3
_LEAST_SUPPORT = 0.4
_MOST_CLAIMS = 24
_INSTRUCTION = (
    "上面是几篇文章各自的要点。用一句话概括这些文章共同讲的是什么，不超过{characters}个字，"
    "不提文章的编号，不添加要点里没有的内容。只写这一句话。"
)


def write_overview(
    digests: Sequence[Digest],
    materials: Sequence[Material],
    caller: Caller,
    sampling: Sampling,
    findings: Sequence[Finding] = (),
) -> Overview | None:
    """Ask for one sentence; None where it is unsound or there is nothing to write it from.

    A figure that differs between articles, by the ``findings``, is nothing they say together: the
    clause that has it is left out.
    """
    claims = _chosen(digests)
    if not claims:
        return None
    request = prompts.request(
        _segment(claims, materials),
        _INSTRUCTION.format(characters=_CHARACTERS),
        max_tokens=int(_CHARACTERS * 1.8 * _TOKENS_A_CHARACTER) + 16,
        stop=("\n",),
        sampling=sampling,
    )
    if caller.engine.prompt_tokens(request) + request.max_tokens > caller.engine.model.context:
        return None
    done = caller.ask(request)
    text = wording.tidy(done.text)
    if done.finish == "length":
        text = wording.whole_sentences(text)
    if len(text) > _CHARACTERS * 1.25:
        text = wording.shortened(text, int(_CHARACTERS * 1.25)) or ""
    text = undisputed(text, findings)
    if len(text) < wording.LEAST_CHARACTERS:
        return None
    sentences = [sentence.text for material in materials for sentence in material.sentences]
    aligned = Aligner(sentences).align(text)
    cited = Source("\n".join(sentences[index] for index in aligned.sentences))
    everything = Source("\n".join(f"{one.title}\n{one.plain_text}" for one in materials))
    checks = check_facts(text, cited, everything)
    sound = aligned.support >= _LEAST_SUPPORT and not any(check.wrong for check in checks)
    return Overview(text, checks, aligned.support) if sound else None


def undisputed(text: str, findings: Iterable[Finding]) -> str:
    """Leave out the clauses with a value that differs; empty where the first one has it."""
    disputed = {
        _identity(fact)
        for finding in findings
        if finding.verdict != AGREE
        for value in finding.values
        for fact in extract_facts(value)
    }
    clauses = split_clauses(text)
    kept = [
        clause
        for clause in clauses
        if not any(_identity(fact) in disputed for fact in extract_facts(clause))
    ]
    if kept == clauses:
        return text
    if not kept or kept[0] != clauses[0]:
        return ""
    return "".join(kept).rstrip("，；。") + "。"


def _identity(fact: Fact) -> tuple[str, str]:
    return fact.kind, repr(fact.value)


def _chosen(digests: Sequence[Digest]) -> list[list[str]]:
    """Return the first claims of every digest, as many of each as all together may be."""
    each = max(1, _MOST_CLAIMS // max(1, len(digests)))
    return [[claim.text for claim in digest.claims[:each]] for digest in digests if digest.claims]


def _segment(claims: Sequence[Sequence[str]], materials: Sequence[Material]) -> str:
    lines = []
    for number, (listed, material) in enumerate(zip(claims, materials, strict=False), start=1):
        named = f"《{material.title}》" if material.title else ""
        lines.append(f"文章{number}{named}：")
        lines += [f"- {claim}" for claim in listed]
    return "\n".join(lines) + "\n\n"
