"""The tree beside the table: what the library can be gone through by, with numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from workbench.desk.shelves import STATUSES, Filters, Folder, Shelf
from workbench.desk.shelves import Tree as LibraryTree
from workbench.filenames import readable
from workbench.i18n import N_, _
from workbench.tui.typeset.cells import shown

_GROUPS = {
    "status": N_("Status"),
    "folder": N_("Folders"),
    "collection": N_("Collections"),
    "tag": N_("Tags"),
    "source": N_("Sources"),
}

_MOST_SOURCES = 200


@dataclass(frozen=True, slots=True)
class Branch:
    """What a line of the tree stands for: ``kind`` is a key of the groups, or ``all``."""

    kind: str
    name: str = ""

    def shelf(self, order: str) -> Shelf | None:
        """Return the shelf of this branch; None for the heading of a group."""
        if self.kind == "all":
            return Shelf(order=order)
        if not self.name:
            return None
        if self.kind == "status":
            return Shelf(status=self.name, order=order)
        if self.kind == "folder":
            return Shelf(folder=self.name, order=order)
        if self.kind == "collection":
            return Shelf(Filters(collection=self.name), order=order)
        if self.kind == "tag":
            return Shelf(Filters(tags=(self.name,)), order=order)
        return Shelf(Filters(source=self.name), order=order)


class FolderTree(Tree[Branch]):
    """Shows a library's tree; tells which branch is to be gone through."""

    HELP = N_("Enter shows the articles of a line; space opens and closes it.")
    DEFAULT_CSS = """
    FolderTree {
        height: 1fr;
        background: $surface;
        padding: 0;
        scrollbar-size-vertical: 1;
        & > .tree--cursor { background: $panel; color: $foreground; text-style: none; }
        &:focus > .tree--cursor { background: $citation; color: $citation-text; }
        & > .tree--highlight-line { background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", N_("Up"), show=False, id="folders.up"),
        Binding("down,j", "cursor_down", N_("Down"), show=False, id="folders.down"),
        Binding("enter", "select_cursor", N_("Show these"), id="folders.show"),
        Binding("space", "toggle_node", N_("Open or close"), id="folders.toggle"),
        Binding("right", "unfold", N_("Open"), show=False, id="folders.open"),
        Binding("left", "fold", N_("Close"), show=False, id="folders.close"),
    ]

    @dataclass
    class Picked(Message):
        """The articles of a branch are to be shown."""

        branch: Branch

    def __init__(self, id: str | None = None) -> None:
        super().__init__("", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False

    def set_tree(self, tree: LibraryTree, sources: Sequence[tuple[str, int]] = ()) -> None:
        """Show the tree as it is now; what was open stays open."""
        opened = {node.data for node in self._all(self.root) if node.is_expanded}
        opened.add(Branch("folder"))
        at = self.cursor_node.data if self.cursor_node is not None else None
        self.clear()
        _leaf(self.root, _("All articles"), tree.articles, Branch("all"))
        statuses = [(name, _(STATUSES[name]), number) for name, number in tree.statuses]
        self._group("status", statuses, opened)
        if tree.folders:
            node = self.root.add(
                _(_GROUPS["folder"]), Branch("folder"), expand=Branch("folder") in opened
            )
            for folder in tree.folders:
                _folder(node, folder, opened)
        self._group("collection", _named(tree.collections), opened)
        self._group("tag", _named(tree.tags), opened)
        self._group("source", _named(sources[:_MOST_SOURCES]), opened)
        self.call_after_refresh(self._go_back, at)

    def _group(
        self, kind: str, lines: Iterable[tuple[str, str, int]], opened: set[Branch | None]
    ) -> None:
        lines = list(lines)
        if lines:
            node = self.root.add(_(_GROUPS[kind]), Branch(kind), expand=Branch(kind) in opened)
            for name, said, number in lines:
                _leaf(node, said, number, Branch(kind, name))

    def _all(self, node: TreeNode[Branch]) -> Iterable[TreeNode[Branch]]:
        for child in node.children:
            yield child
            yield from self._all(child)

    def _go_back(self, at: Branch | None) -> None:
        for node in self._all(self.root):
            if node.data == at and node.line >= 0:
                self.move_cursor(node)
                return
        self.cursor_line = 0

    def on_tree_node_selected(self, event: Tree.NodeSelected[Branch]) -> None:
        """Tell which branch was chosen; a heading opens and closes."""
        event.stop()
        branch = event.node.data
        if branch is None:
            return
        if branch.kind != "all" and not branch.name:
            event.node.toggle()
        else:
            self.post_message(self.Picked(branch))

    def action_unfold(self) -> None:
        """Open the line, or go into it."""
        node = self.cursor_node
        if node is not None and node.allow_expand:
            if node.is_expanded:
                self.action_cursor_down()
            else:
                node.expand()

    def action_fold(self) -> None:
        """Close the line, or go to the one it is in."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.allow_expand:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)


def _named(lines: Iterable[tuple[str, int]]) -> list[tuple[str, str, int]]:
    return [(name, name, number) for name, number in lines]


def _label(said: str, number: int) -> Text:
    return Text.assemble(shown(readable(said)), (f"  {number:,}", "dim"))


def _leaf(node: TreeNode[Branch], said: str, number: int, branch: Branch) -> None:
    node.add_leaf(_label(said, number), branch)


def _folder(node: TreeNode[Branch], folder: Folder, opened: set[Branch | None]) -> None:
    branch = Branch("folder", folder.path)
    if not folder.folders:
        _leaf(node, folder.name, folder.articles, branch)
        return
    inner = node.add(_label(folder.name, folder.articles), branch, expand=branch in opened)
    for one in folder.folders:
        _folder(inner, one, opened)
