"""Bringing a result back into the script that is wanted, in the article's own spelling."""

from workbench.articles.model import Article, Script, Wording
from workbench.articles.script import (
    Conversion,
    convert,
    convert_by,
    convert_with_map,
    is_simplified_only,
    to_simplified_with_map,
)

_LEAST_RUN = 2
_MOSTLY_TRADITIONAL = 0.12
# The characters of the place without its words: those of the article are there already.
_KEEPING = {Wording.TAIWAN: "s2tw", Wording.HONG_KONG: "s2hk", None: "s2t"}


def target_script(article: Article, wanted: str) -> str:
    """Name the script a result takes: the one asked for, or with ``keep`` the article's own."""
    if wanted != "keep":
        return wanted
    if article.script is Script.TRADITIONAL:
        return "traditional"
    if article.script is Script.MIXED:
        simplified = convert(article.text, "simplified")
        changed = sum(a != b for a, b in zip(article.text, simplified, strict=False))
        mostly = changed > _MOSTLY_TRADITIONAL * len(article.text)
        return "traditional" if mostly else "simplified"
    return "simplified"


class Rescripter:
    """Turns Simplified texts into the wanted script."""

    def __init__(self, article: Article, wanted: str):
        self.target = target_script(article, wanted)
        self._names = article.names
        self._keeping = _KEEPING[article.wording]
        self._original = article.text if wanted == "keep" and self.target == "traditional" else ""
        # A stretch of a mixed article may be Simplified itself: no spelling to take over.
        self._own_throughout = article.script is Script.TRADITIONAL
        self._plain = to_simplified_with_map(self._original, names=self._names)

    def __call__(self, text: str) -> str:
        """Convert one text.

        Where the article is Traditional and its script is kept, runs the article has are spelt as
        it spells them: 裡 or 裏, 台風 or 颱風, and names whose characters a converter cannot know.
        """
        return self.with_map(text).text

    def with_map(self, text: str) -> Conversion:
        """Convert one text as a call does, and say where each character came from."""
        if not self._original:
            return convert_with_map(text, self.target, names=self._names)
        conversion = convert_by(text, self._keeping, names=self._names)
        if conversion.edits:
            return conversion
        characters = list(conversion.text)
        start = 0
        while start < len(text):
            length, at = self._longest_run(text, start)
            for offset in range(length):
                origin = self._plain.original_span(at + offset, at + offset + 1)
                own = self._original[origin.start : origin.end]
                if self._may_take(own, text[start + offset]):
                    characters[start + offset] = own
            start += max(1, length)
        return Conversion("".join(characters))

    def _may_take(self, own: str, simplified: str) -> bool:
        """Say whether the article's character may stand for a Simplified one."""
        if len(own) != 1 or simplified.isascii():
            return False
        if own == simplified:
            # Traditional pages have stray Simplified characters; those are not taken over.
            return self._own_throughout and not is_simplified_only(own)
        return convert(own, "simplified") == simplified

    def _longest_run(self, text: str, start: int) -> tuple[int, int]:
        length, at = 0, -1
        end = start + _LEAST_RUN
        while end <= len(text):
            found = self._plain.text.find(text[start:end], max(0, at))
            if found < 0:
                break
            length, at = end - start, found
            end += 1
        return length, at
