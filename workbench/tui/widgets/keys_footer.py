"""The footer: the few keys that matter here, in the user's language."""

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from workbench.i18n import _


class KeysFooter(Footer):
    """Textual's footer, with descriptions translated where they are shown."""

    DEFAULT_CSS = """
    KeysFooter { background: $panel; }
    """

    def compose(self) -> ComposeResult:
        """One key for each action that is to be shown, the nearest to the focus first."""
        if not self._bindings_ready:
            return
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.action in seen or not binding.description:
                continue
            seen.add(binding.action)
            yield FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                _(binding.description),
                binding.action,
                disabled=not active.enabled,
                tooltip=_(binding.tooltip) if binding.tooltip else "",
                # Docked: there is always room for the way to all the others.
                classes="-command-palette" if binding.id == "app.help" else "",
            ).data_bind(compact=Footer.compact)
