"""One line that says how far a piece of work is: reading, writing, checking, and what is left."""

from workbench.i18n import N_, _

PHASES = {
    "loading": N_("loading the model"),
    "reading": N_("reading"),
    "writing": N_("writing"),
    "checking": N_("checking"),
}
SPINNER = "|/-\\"


def progress_line(
    phase: str,
    done: int = 0,
    total: int = 0,
    rate: float | None = None,
    seconds_left: float | None = None,
    step: int = 0,
    steps: int = 0,
) -> str:
    """Say how far a job is; counts are tokens, of loading hundredths, of checking points."""
    said = [_(PHASES[phase]) if phase in PHASES else phase]
    if steps > 1 and phase in ("reading", "writing"):
        said[0] = _("{phase} {step} of {steps}").format(phase=said[0], step=step, steps=steps)
    if phase == "writing":
        if done:
            said.append(_("{count:,} tokens").format(count=done))
    elif total:
        said.append(_counted(phase, done, total))
    if rate:
        said.append(_("{rate:.1f}/s").format(rate=rate))
    if seconds_left:
        said.append(_("{time} left").format(time=duration(seconds_left)))
    return " · ".join(said)


def _counted(phase: str, done: int, total: int) -> str:
    if phase == "reading":
        return _("{done:,} of {total:,} tokens").format(done=done, total=total)
    if phase == "loading":
        return f"{done / total:.0%}"
    return _("{done} of {total}").format(done=done, total=total)


def duration(seconds: float) -> str:
    """Return a time as a person says it, not more exact than it is known."""
    if seconds < 60:
        return _("{seconds:.0f} s").format(seconds=max(1, seconds))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
