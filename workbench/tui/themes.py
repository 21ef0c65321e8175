"""The app's own themes, dark and light: quiet, of high contrast, with names for what is marked."""

from textual.theme import Theme

DARK, LIGHT = "workbench-dark", "workbench-light"
_DARK_MARKS = {
    "supported": "#8fbf7f",
    "differs": "#e6a54a",
    "unsupported": "#f0766d",
    "citation": "#2f4b66",
    "citation-text": "#ffffff",
    "foreground-muted": "#9aa5b1",
    "footer-key-foreground": "#e6c27a",
    "input-selection-background": "#3c5a78",
}
_LIGHT_MARKS = {
    "supported": "#2f6f2a",
    "differs": "#8a5200",
    "unsupported": "#b0241a",
    "citation": "#cfe3f5",
    "citation-text": "#10202e",
    "foreground-muted": "#5a6672",
    "footer-key-foreground": "#7a5200",
    "input-selection-background": "#b9d4ee",
}
THEMES = (
    Theme(
        name=DARK,
        primary="#7fb2d9",
        secondary="#b49ad0",
        accent="#e6c27a",
        foreground="#dfe5ea",
        background="#15191d",
        surface="#1c2126",
        panel="#262d34",
        success="#8fbf7f",
        warning="#e6a54a",
        error="#f0766d",
        dark=True,
        variables=_DARK_MARKS,
    ),
    Theme(
        name=LIGHT,
        primary="#1f5f8f",
        secondary="#6a4a8c",
        accent="#8a5200",
        foreground="#1d2329",
        background="#f7f6f3",
        surface="#efede8",
        panel="#e2dfd8",
        success="#2f6f2a",
        warning="#8a5200",
        error="#b0241a",
        dark=False,
        variables=_LIGHT_MARKS,
    ),
)


def marks_of(dark: bool) -> dict[str, str]:
    """Return the variables of marks, for themes that are not ours."""
    return dict(_DARK_MARKS if dark else _LIGHT_MARKS)
