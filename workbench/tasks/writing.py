"""Having the model write: a point, a list, a text, a merger of points, a headline.

What fails a check is asked for again with the evidence in front of the model, and the better of the
two is kept; what is longer than asked is cut to a clause that stands alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.engine.protocol import Done, Request, Sampling
from workbench.grounding.checks import Check, Source, check_facts
from workbench.prompting.template import Size
from workbench.tasks import drafting, prompts, wording
from workbench.tasks.calls import Caller
from workbench.tasks.drafting import Draft
from workbench.tasks.material import Material
from workbench.tasks.plan import Part

GOOD_ENOUGH = 0.9
"""Faults below this leave a draft as it is."""
EVIDENCE_CHARACTERS = 240
_TOKENS_A_CHARACTER = 1.3
_GENEROUS = 1.15
_HEADLINE_SUPPORT = 0.4
_HEADLINE_POINTS = 12
_HOPELESS = 3
_REWRITES = 2
_END_OF_POINT = "\n"
_END_OF_LIST = "\n\n"


class Writer:
    """Writes about one article; ``segment`` is always the material a call is about."""

    def __init__(self, material: Material, caller: Caller, size: Size, sampling: Sampling):
        self.material = material
        self.caller = caller
        self.size = size
        self.sampling = sampling
        self.rewritten = 0

    def first_answers(
        self, segment: str, instructions: Sequence[str], begin: Callable[[], None], *, lists: bool
    ) -> list[Done]:
        """Ask about several stretches side by side; ``lists``: for lines, else for a sentence."""
        characters = self.list_characters() if lists else self.point_characters()
        stop = _END_OF_LIST if lists else _END_OF_POINT
        requests = [self._request(segment, one, characters, stop) for one in instructions]
        return self.caller.ask_all(requests, begin)

    def text(self, segment: str, instruction: str, stretch: Part) -> Draft:
        """Ask for one text; ask again, evidence in front, where it fails."""
        done = self._ask(segment, instruction, self.point_characters())
        return self.point(segment, done, stretch, [])

    def point(self, segment: str, done: Done, stretch: Part, earlier: list[str]) -> Draft:
        """Judge one sentence about a stretch; ask again, evidence in front, where it fails."""
        best = self._read(done, stretch, earlier)
        tried: set[str] = set()
        while best.faults >= GOOD_ENOUGH and len(tried) < _REWRITES:
            evidence = self._evidence(best, earlier, fresh=bool(tried))
            if evidence in tried:
                break
            tried.add(evidence)
            best = min(best, self._rewrite(segment, best, evidence, earlier), key=_faults)
        return best

    def lines(
        self, segment: str, done: Done, stretch: Part, earlier: list[str], most: int
    ) -> list[Draft]:
        """Judge up to ``most`` lines about a stretch; none is an answer too."""
        kept: list[Draft] = []
        lines = done.text.split("\n")
        if done.finish == "length" and len(lines) > 1:
            lines.pop()  # it breaks off
        for line in lines:
            text = wording.tidy(line)
            if wording.is_nothing(text) or len(kept) == most:
                continue
            told = [*earlier, *(draft.text for draft in kept)]
            draft = self._judge(text, stretch, told)
            unsupported = any(check.wrong for check in draft.checks)
            if unsupported and draft.aligned.sentences:
                evidence = self._evidence(draft, told)
                draft = min(draft, self._rewrite(segment, draft, evidence, told), key=_faults)
                unsupported = any(check.wrong for check in draft.checks)
            if draft.faults < _HOPELESS or (unsupported and not drafting.repeats(draft.text, told)):
                kept.append(draft)
        return kept

    def merge(self, drafts: list[Draft], earlier: list[str]) -> Draft:
        """Make one point of several neighbours; where that fails, keep the soundest of them."""
        stretch = Part(drafts[0].stretch.first, drafts[-1].stretch.last)
        segment = prompts.points_segment(self.material.title, [draft.text for draft in drafts])
        merged = self._draft(
            segment, prompts.merge_instruction(self.size.characters), stretch, earlier
        )
        return min(merged, *drafts, key=_faults) if merged.faults >= GOOD_ENOUGH else merged

    def headline(
        self, segment: str | None, points: list[str], room: int
    ) -> tuple[str, tuple[Check, ...]] | None:
        """Write a headline from the article in ``segment``, else from the points; None if unsound.

        Only as many points are laid out as ``room`` tokens hold.
        """
        if segment is not None and (sound := self._headline(segment, prompts.HEADLINE_INSTRUCTION)):
            return sound
        chosen = _spread(points, _HEADLINE_POINTS)
        while len(chosen) > 1 and sum(map(len, chosen)) * _TOKENS_A_CHARACTER > room:
            chosen = _spread(chosen, len(chosen) - 1)
        return self._headline(
            prompts.points_segment(self.material.title, chosen), prompts.HEADLINE_FROM_POINTS
        )

    def _headline(self, segment: str, instruction: str) -> tuple[str, tuple[Check, ...]] | None:
        done = self._ask(segment, instruction, prompts.HEADLINE_CHARACTERS)
        text = self.material.in_own_names(wording.tidy(done.text).strip("《》“”。"))
        aligned = self.material.aligner.align(text)
        cited = Source(
            "\n".join(self.material.sentences[i].text for i in aligned.sentences),
            date=self.material.article.date,
        )
        checks = check_facts(text, cited, self.material.source)
        sound = (
            5 <= len(text) <= 1.5 * prompts.HEADLINE_CHARACTERS
            and done.finish == "stop"
            and not text.endswith(("?", "？"))
            and not any(check.wrong for check in checks)
            and aligned.support >= _HEADLINE_SUPPORT
        )
        return (text, checks) if sound else None

    def point_characters(self) -> int:
        """Return how long one answer may become before it is stopped."""
        return int(self.size.characters * 1.8)

    def list_characters(self) -> int:
        """Return the same for a list."""
        return self.size.characters * min(8, self.size.points + 1)

    def max_tokens(self, characters: int) -> int:
        """Return the tokens that ``characters`` of Chinese take at most, more or less."""
        return int(characters * _TOKENS_A_CHARACTER) + 16

    def _rewrite(self, segment: str, draft: Draft, evidence: str, earlier: list[str]) -> Draft:
        self.rewritten += 1
        instruction = prompts.rewrite_instruction(evidence, self.size.characters)
        # What is written from quoted evidence repeats much of it: prompt lookup may guess it.
        request = self._request(segment, instruction, self.point_characters(), _END_OF_POINT)
        done = self.caller.ask(replace(request, quotes=True))
        return self._read(done, draft.stretch, earlier)

    def _evidence(self, draft: Draft, earlier: list[str], *, fresh: bool = False) -> str:
        """Return what a point shall be written from: what it aligned with, or something better.

        ``fresh`` leaves what it aligned with aside.
        """
        material, stretch = self.material, draft.stretch
        inside = material.sentences_between(stretch.first, stretch.last)
        own = [index for index in draft.aligned.sentences if index in inside]
        if fresh or not own or drafting.is_stale(draft, material, earlier):
            best = drafting.best_evidence(material, stretch, earlier)
            own = [best] if best is not None else list(inside[:2])
        evidence = ""
        for index in own:
            text = drafting.with_context(material, index)
            if evidence and len(evidence) + len(text) > EVIDENCE_CHARACTERS:
                break
            evidence += text
        return evidence[:EVIDENCE_CHARACTERS]

    def _draft(self, segment: str, instruction: str, stretch: Part, earlier: list[str]) -> Draft:
        done = self._ask(segment, instruction, self.point_characters())
        return self._read(done, stretch, earlier)

    def _read(self, done: Done, stretch: Part, earlier: list[str]) -> Draft:
        truncated = done.finish == "length"
        line = wording.tidy(done.text)
        if truncated:
            line = wording.whole_sentences(line)
        return self._judge(line, stretch, earlier, truncated=truncated)

    def _ask(self, segment: str, instruction: str, characters: int) -> Done:
        return self.caller.ask(self._request(segment, instruction, characters, _END_OF_POINT))

    def _request(self, segment: str, instruction: str, characters: int, stop: str) -> Request:
        return prompts.request(
            segment,
            instruction,
            max_tokens=self.max_tokens(characters),
            stop=(stop,),
            sampling=self.sampling,
        )

    def _judge(
        self, line: str, stretch: Part, earlier: list[str], *, truncated: bool = False
    ) -> Draft:
        """Judge what was written, and the same cut to the length asked for; return the better."""
        limit = self.size.characters
        short = wording.shortened(line, int(limit * _GENEROUS)) if len(line) > limit else None
        candidates = [(line, truncated), *([(short, False)] if short else [])]
        drafts = [
            drafting.judge(
                candidate,
                self.material,
                stretch,
                characters=limit,
                earlier=earlier,
                truncated=cut,
            )
            for candidate, cut in candidates
        ]
        return min(drafts, key=_faults)


def _spread(items: list[str], most: int) -> list[str]:
    """Choose ``most`` of the items, evenly from first to last."""
    if len(items) <= most:
        return items
    step = (len(items) - 1) / max(1, most - 1)
    return [items[round(index * step)] for index in range(most)]


def _faults(draft: Draft) -> float:
    return draft.faults
