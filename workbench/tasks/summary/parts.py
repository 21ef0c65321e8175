"""How an article is laid out before the model: in parts that fit, each with the end of the last."""

from collections.abc import Sequence

from workbench.engine.protocol import Engine
from workbench.errors import EngineError
from workbench.tasks import prompts
from workbench.tasks.material import Material
from workbench.tasks.plan import Part, split_into_parts
from workbench.tasks.summary import fields
from workbench.tasks.summary.asks import MOST_EVIDENCE
from workbench.tasks.summary.instructions import Instructions
from workbench.tasks.writing import Writer

OVERLAP_CHARACTERS = 120
"""Characters of the end of a part that are shown before the next, so that it can be understood."""
_SAFETY_TOKENS = 32


class Layout:
    """The parts of one article; ``room`` is the tokens the context leaves for one."""

    def __init__(
        self, material: Material, engine: Engine, writer: Writer, instructions: Instructions
    ):
        self.material = material
        self.parts: list[Part] = []
        self.room = 0
        self._engine = engine
        self._writer = writer
        self._instructions = instructions
        self._overlaps = False

    def plan(self) -> None:
        """Count the tokens of everything and split the article by what the context leaves.

        EngineError where a passage does not fit.
        """
        counts = self._engine.count_tokens([f"{line}\n" for line in self.material.lines])
        self.room = self._room("")
        path = self.material.article.name
        self.parts = split_into_parts(counts, self.room, path=path)
        if len(self.parts) == 1:
            return
        room = self._room("字" * OVERLAP_CHARACTERS)
        try:
            self.parts = split_into_parts(counts, room, path=path)
        except EngineError:
            return  # a passage fits alone, and only alone
        self.room = room
        self._overlaps = True

    def segment(self, part: Part) -> str:
        """Return the text of a part as put before the model.

        It does not depend on the template, so all of them share its KV cache.
        """
        lines = self.material.lines[part.first - 1 : part.last]
        number = self.parts.index(part) + 1
        before = self._end_of(self.parts[number - 2]) if self._overlaps and number > 1 else ""
        return prompts.article_segment(lines, self.material.title, number, len(self.parts), before)

    def _end_of(self, part: Part) -> str:
        """Return the last whole sentences of a part that find room in the overlap."""
        kept: list[str] = []
        for index in reversed(self.material.sentences_between(part.first, part.last)):
            text = self.material.sentences[index].text
            if sum(map(len, kept)) + len(text) > OVERLAP_CHARACTERS:
                break
            kept.insert(0, text)
        return "".join(kept)

    def _room(self, before: str) -> int:
        """Return the tokens left beside the longest instruction and its answer."""
        answer = self._answer_tokens()
        overhead = max(
            self._engine.prompt_tokens(
                prompts.request(
                    prompts.article_segment((), self.material.title, 99, 99, before),
                    instruction,
                    max_tokens=answer,
                    stop=(),
                    sampling=self._writer.sampling,
                )
            )
            for instruction in self._longest_instructions()
        )
        return self._engine.model.context - overhead - answer - _SAFETY_TOKENS

    def _answer_tokens(self) -> int:
        writer, output = self._writer, self._instructions.template.output
        if output == "fields":
            return fields.answer_tokens(writer.size.points, writer.size.characters)
        listed = writer.list_characters() if output == "list" else 0
        return writer.max_tokens(max(writer.point_characters(), listed))

    def _longest_instructions(self) -> Sequence[str]:
        evidence = "字" * MOST_EVIDENCE
        characters = self._writer.size.characters
        return (
            self._instructions.of_whole(evidence if self._instructions.use_evidence else ""),
            prompts.rewrite_instruction(evidence, characters),
            prompts.headline_instruction(evidence),
        )
