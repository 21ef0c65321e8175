"""Having the model write: a point, a list, a text, a merger of points, a headline.

What fails a check is asked for again with the evidence in front of the model, and the better of the
two is kept; where neither is sound, the evidence itself, shortened by its clauses, takes its place.
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
from workbench.tasks.summary.asks import MOST_EVIDENCE, Ask
from workbench.tasks.summary.clauses import (
    compressed,
    without_asides,
    without_echoes,
    worth_of,
)
from workbench.tasks.summary.concise import concise
from workbench.tasks.summary.enriching import additions
from workbench.tasks.summary.merging import side_by_side

GOOD_ENOUGH = 0.9
"""Faults below this leave a draft as it is."""
EVIDENCE_CHARACTERS = MOST_EVIDENCE
_TOKENS_A_CHARACTER = 1.3
_GENEROUS = 1.15
_HEADLINE_SUPPORT = 0.4
_HEADLINE_POINTS = 12
_HOPELESS = 3
_EXTRACT = 0.3
_ADDITIONS = 3
_TRIES = 3
_FULL = 1.08
_ADDED_FAULTS = 0.3
_SENTENCE = ("\n", "。")
_LINE = ("\n",)
_LIST = ("\n\n",)


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
        stop = _LIST if lists else _SENTENCE
        shared = prompts.common_beginning(instructions)
        requests = [
            self._request(segment, one.removeprefix(shared), characters, stop, shared)
            for one in instructions
        ]
        return self.caller.ask_all(requests, begin)

    def as_written(
        self, answers: Sequence[Done], asks: Sequence[Ask], earlier: Sequence[str], *, lists: bool
    ) -> list[Draft]:
        """Judge the first answers to some of the asks without having anything written again."""
        drafts: list[Draft] = []
        for ask, done in zip(asks, answers, strict=False):
            lines = (
                [replace(done, text=line) for line in done.text.split("\n")] if lists else [done]
            )
            for line in lines:
                if wording.is_nothing(wording.tidy(line.text)):
                    continue
                told = [*earlier, *(draft.text for draft in drafts)]
                draft = self._read(line, ask.stretch, told)
                if draft.faults < _HOPELESS:
                    drafts.append(draft)
        return drafts

    def text(self, segment: str, instruction: str, stretch: Part) -> Draft:
        """Ask for one text; ask again, evidence in front, where it fails."""
        done = self._ask(segment, instruction, self.point_characters(), _LINE)
        return self.points(segment, [done], [Ask(stretch, (), "")], [], lambda _number: None)[0]

    def points(
        self,
        segment: str,
        answers: Sequence[Done],
        asks: Sequence[Ask],
        earlier: Sequence[str],
        checking: Callable[[int], None],
    ) -> list[Draft]:
        """Judge a sentence for each ask; have those that fail written again, side by side.

        ``earlier`` is what points before have told; ``checking`` hears the number of each, from 1.
        """
        drafts: list[Draft] = []
        for number, (ask, done) in enumerate(zip(asks, answers, strict=True), start=1):
            checking(number)
            told = [*earlier, *(draft.text for draft in drafts)]
            drafts.append(self._read(done, ask.stretch, told))
        failed = [i for i, draft in enumerate(drafts) if draft.faults >= GOOD_ENOUGH]
        evidence = {
            index: asks[index].text
            or self._evidence(drafts[index], [*earlier, *_texts(drafts[:index])])
            for index in failed
        }
        requests = [self._rewriting(segment, evidence[index]) for index in failed]
        self.rewritten += len(failed)
        for index, done in zip(failed, self._ask_all(requests), strict=True):
            told = [*earlier, *_texts(drafts[:index])]
            again = self._read(done, drafts[index].stretch, told)
            drafts[index] = min(drafts[index], again, key=_faults)
            if drafts[index].faults >= GOOD_ENOUGH:
                drafts[index] = self._or_extract(drafts[index], evidence[index], told)
        for index, ask in enumerate(asks):
            told = [*earlier, *_texts(drafts[:index]), *_texts(drafts[index + 1 :])]
            drafts[index] = self.enriched(drafts[index], ask.sentences, told)
        return drafts

    def enriched(
        self,
        draft: Draft,
        sentences: Sequence[int],
        earlier: Sequence[str],
        characters: int | None = None,
    ) -> Draft:
        """Add what the sentences state besides, where ``characters`` leave room for it."""
        limit = characters or self.size.characters
        for _round in range(_ADDITIONS):
            room = int(limit * _FULL) - len(draft.text)
            for text in additions(draft, sentences, earlier, room, self.material)[:_TRIES]:
                longer = self._judge(text, draft.stretch, earlier, as_it_is=True, limit=limit)
                if longer.faults <= draft.faults + _ADDED_FAULTS and len(longer.text) > len(
                    draft.text
                ):
                    draft = longer
                    break
            else:
                break
        return draft

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
            draft = self._judge(text, stretch, told, as_it_is=True)
            unsupported = any(check.wrong for check in draft.checks)
            if unsupported and draft.aligned.sentences:
                evidence = self._evidence(draft, told)
                self.rewritten += 1
                again = self.caller.ask(self._rewriting(segment, evidence))
                draft = min(draft, self._read(again, stretch, told), key=_faults)
                unsupported = any(check.wrong for check in draft.checks)
            if draft.faults < _HOPELESS or (unsupported and not drafting.repeats(draft.text, told)):
                kept.append(draft)
        return kept

    def merge(self, drafts: Sequence[Draft], earlier: Sequence[str]) -> Draft:
        """Make one point of several neighbours: the model's, or their clauses side by side.

        What holds more of the facts of all is taken, where it is sound.
        """
        stretch = Part(drafts[0].stretch.first, drafts[-1].stretch.last)
        texts = _texts(drafts)
        segment = prompts.points_segment(self.material.title, texts)
        instruction = prompts.merge_instruction(self.size.characters)
        done = self._ask(segment, instruction, self.point_characters())
        candidates = [self._read(done, stretch, earlier)]
        limit = int(self.size.characters * _GENEROUS)
        joined = side_by_side(texts, limit, earlier, self.material.title)
        if joined:
            candidates.append(self._judge(joined, stretch, earlier, as_it_is=True))
        sound = [draft for draft in candidates if draft.faults < GOOD_ENOUGH]
        facts = {check.text for draft in drafts for check in draft.checks if not check.wrong}
        if sound:
            return max(sound, key=lambda draft: sum(fact in draft.text for fact in facts))
        return min(*candidates, *drafts, key=_faults)

    def headline(
        self, segment: str | None, points: list[str], evidence: str, room: int
    ) -> tuple[str, tuple[Check, ...]] | None:
        """Write a headline from the article in ``segment``, else from the points; None if unsound.

        ``evidence`` is the sentence most worth reporting. Only as many points are laid out as
        ``room`` tokens hold.
        """
        if segment is not None:
            instruction = prompts.headline_instruction(evidence)
            if sound := self._headline(segment, instruction):
                return sound
        chosen = _spread(points, _HEADLINE_POINTS)
        while len(chosen) > 1 and sum(map(len, chosen)) * _TOKENS_A_CHARACTER > room:
            chosen = _spread(chosen, len(chosen) - 1)
        return self._headline(
            prompts.points_segment(self.material.title, chosen), prompts.HEADLINE_FROM_POINTS
        )

    def _headline(self, segment: str, instruction: str) -> tuple[str, tuple[Check, ...]] | None:
        request = self._request(segment, instruction, prompts.HEADLINE_CHARACTERS, _SENTENCE)
        done = self.caller.ask(request)
        text = self.material.in_own_names(wording.tidy(done.text).strip("《》“”。"))
        text = concise(text, date=self.material.article.date)
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

    def judged(
        self, text: str, like: Draft, earlier: Sequence[str], limit: int | None = None
    ) -> Draft:
        """Judge another wording of a draft as it is, of up to ``limit`` characters uncut."""
        return self._judge(text, like.stretch, earlier, as_it_is=True, limit=limit)

    def _or_extract(self, draft: Draft, evidence: str, earlier: Sequence[str]) -> Draft:
        """Return the draft, or its evidence shortened by clauses where that is sounder by far."""
        plain = without_asides(concise(evidence, date=self.material.article.date))
        limit = int(self.size.characters * _GENEROUS)
        short = compressed(plain, limit, worth_of(earlier, self.material.title))
        if short is None:
            return draft
        extract = self._judge(short, draft.stretch, earlier, as_it_is=True)
        return extract if extract.faults + _EXTRACT < draft.faults else draft

    def _rewriting(self, segment: str, evidence: str) -> Request:
        instruction = prompts.rewrite_instruction(evidence, self.size.characters)
        # What is written from quoted evidence repeats much of it: prompt lookup may guess it.
        request = self._request(segment, instruction, self.point_characters(), _SENTENCE)
        return replace(request, quotes=True)

    def _evidence(self, draft: Draft, earlier: Sequence[str]) -> str:
        """Return what a point shall be written from: what it aligned with, or something better."""
        material, stretch = self.material, draft.stretch
        inside = material.sentences_between(stretch.first, stretch.last)
        own = [index for index in draft.aligned.sentences if index in inside]
        if not own or drafting.is_stale(draft, material, earlier):
            best = drafting.best_evidence(material, stretch, earlier)
            own = [best] if best is not None else list(inside[:2])
        evidence = ""
        for index in own:
            text = drafting.with_context(material, index)
            if evidence and len(evidence) + len(text) > EVIDENCE_CHARACTERS:
                break
            evidence += text
        return evidence[:EVIDENCE_CHARACTERS]

    def _read(self, done: Done, stretch: Part, earlier: Sequence[str]) -> Draft:
        truncated = done.finish == "length"
        line = wording.tidy(done.text)
        line = wording.whole_sentences(line) if truncated else wording.closed(line)
        return self._judge(line, stretch, earlier, truncated=truncated)

    def _ask(
        self, segment: str, instruction: str, characters: int, stop: tuple[str, ...] = _SENTENCE
    ) -> Done:
        return self.caller.ask(self._request(segment, instruction, characters, stop))

    def _ask_all(self, requests: Sequence[Request]) -> list[Done]:
        return self.caller.ask_all(requests, lambda: None) if requests else []

    def _request(
        self,
        segment: str,
        instruction: str,
        characters: int,
        stop: tuple[str, ...],
        shared: str = "",
    ) -> Request:
        return prompts.request(
            segment,
            instruction,
            max_tokens=self.max_tokens(characters),
            stop=stop,
            sampling=self.sampling,
            shared=shared,
        )

    def _judge(
        self,
        line: str,
        stretch: Part,
        earlier: Sequence[str],
        *,
        truncated: bool = False,
        as_it_is: bool = False,
        limit: int | None = None,
    ) -> Draft:
        """Judge what was written, and the same cut to the length asked for; return the better.

        ``as_it_is`` leaves out putting it in fewer words.
        """
        limit = limit or self.size.characters
        line = without_echoes(line)
        if not as_it_is:
            line = concise(line, date=self.material.article.date)
        candidates = [(line, truncated)]
        if len(line) > limit:
            room = int(limit * _GENEROUS)
            worth = worth_of(earlier, self.material.title)
            cuts = (wording.shortened(line, room), compressed(line, room, worth))
            candidates += [(cut, False) for cut in dict.fromkeys(cuts) if cut]
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


def _texts(drafts: Sequence[Draft]) -> list[str]:
    return [draft.text for draft in drafts]


def _spread(items: list[str], most: int) -> list[str]:
    """Choose ``most`` of the items, evenly from first to last."""
    if len(items) <= most:
        return items
    step = (len(items) - 1) / max(1, most - 1)
    return [items[round(index * step)] for index in range(most)]


def _faults(draft: Draft) -> float:
    return draft.faults
