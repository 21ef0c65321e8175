"""What an output cost: seconds, and tokens a second read and written.

Tokens that were reused from the KV cache were not read; the seconds of reading and of writing are
the engine's own (``workbench.engine.protocol.Usage``).
"""

from workbench.evaluation.metrics.case import Case, Ratio


def seconds(case: Case) -> Ratio | None:
    """Return the seconds that an item took."""
    return Ratio(case.output.seconds)


def read_speed(case: Case) -> Ratio | None:
    """Return how many prompt tokens were read, in how many seconds."""
    read = case.output.prompt_tokens - case.output.reused_tokens
    return Ratio(read, case.output.read_seconds) if case.output.read_seconds > 0 else None


def write_speed(case: Case) -> Ratio | None:
    """Return how many tokens were written, in how many seconds."""
    if case.output.write_seconds <= 0:
        return None
    return Ratio(case.output.generated_tokens, case.output.write_seconds)


def tokens_read(case: Case) -> Ratio | None:
    """Return how many tokens were read for an item."""
    return Ratio(case.output.prompt_tokens - case.output.reused_tokens)
