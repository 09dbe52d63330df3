"""The PDFs of parts made one: one tree of tags, one outline, one set of names, and what is equal kept once."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from packs.rendering.library import pdf_tool


@contextmanager
def merged(bodies: Sequence[bytes]) -> Iterator[Any]:
    """The first part with the pages of the others behind its own; metadata and files are those of the first."""
    pikepdf = pdf_tool()
    with ExitStack() as opened:
        whole, *others = (opened.enter_context(pikepdf.open(io.BytesIO(body))) for body in bodies)
        shared = Shared()
        shared.share(whole.pages[0].Resources)
        copies = [_copied(whole, other) for other in others]
        for copy in copies:
            shared.share(copy.resources)
        _join_tags(whole, [copy.tags for copy in copies])
        _join_outlines(whole, [copy.outlines for copy in copies])
        _join_names(whole, [copy.names for copy in copies])
        yield whole


@dataclass(frozen=True)
class Copy:
    """What a further part has beside its pages, as objects of the whole."""

    tags: Any
    outlines: Any
    names: Any
    resources: Any


def _copied(whole: Any, other: Any) -> Copy:
    root = other.Root
    before = len(whole.pages)
    # Pages first: what refers to them then refers to their copies.
    whole.pages.extend(other.pages)
    names = root.Names.Dests if "/Names" in root and "/Dests" in root.Names else None
    return Copy(
        tags=whole.copy_foreign(root.StructTreeRoot),
        outlines=whole.copy_foreign(root.Outlines) if "/Outlines" in root else None,
        names=None if names is None else whole.copy_foreign(other.make_indirect(names)),
        # WeasyPrint gives all pages the same.
        resources=whole.pages[before].Resources,
    )


@dataclass
class Shared:
    """Fonts and colour profiles of which the bytes are equal, kept once."""

    streams: dict[bytes, Any] = field(default_factory=dict)
    colours: Any = None

    def share(self, resources: Any) -> None:
        if self.colours is None:
            self.colours = resources.ColorSpace
        resources.ColorSpace = self.colours
        for font in resources.Font.values():
            for described in font.get("/DescendantFonts", ()):
                descriptor = described.FontDescriptor
                for key in ("/FontFile", "/FontFile2", "/FontFile3", "/CIDSet"):
                    if key in descriptor:
                        descriptor[key] = self._kept(descriptor[key])

    def _kept(self, stream: Any) -> Any:
        digest = hashlib.sha256(stream.read_raw_bytes()).digest()
        return self.streams.setdefault(digest, stream)


def _join_tags(whole: Any, trees: Sequence[Any]) -> None:
    """One document element over all; pages and annotations are numbered through, in that order, as WeasyPrint does."""
    pikepdf = pdf_tool()
    root = whole.Root.StructTreeRoot
    document = root.K[0]
    of_pages: list[Any] = []
    of_annotations: list[Any] = []
    for tree in (root, *trees):
        if tree is not root:
            for kid in tree.K[0].K:
                kid.P = document
                document.K.append(kid)
        numbers = tree.ParentTree.Nums
        for place in range(1, len(numbers), 2):
            # A page has a list of elements, an annotation one.
            (of_pages if isinstance(numbers[place], pikepdf.Array) else of_annotations).append(numbers[place])
    parents = pikepdf.Array()
    for number, parent in enumerate([*of_pages, *of_annotations]):
        parents.append(number)
        parents.append(parent)
    root.ParentTree.Nums = parents
    annotation = len(whole.pages)
    for number, page in enumerate(whole.pages):
        page.obj.StructParents = number
        tagged = [item for item in page.obj.get("/Annots", ()) if "/StructParent" in item]
        for item in sorted(tagged, key=lambda one: int(one.StructParent)):
            item.StructParent = annotation
            annotation += 1


def _join_outlines(whole: Any, outlines: Sequence[Any]) -> None:
    """The bookmarks of the highest level behind each other, each with its own below it."""
    for more in outlines:
        if more is None:
            continue
        if "/Outlines" not in whole.Root:
            whole.Root.Outlines = more
            continue
        root = whole.Root.Outlines
        for item in _siblings(more.First):
            item.Parent = root
        root.Last.Next, more.First.Prev = more.First, root.Last
        root.Last = more.Last
        root.Count = int(root.Count) + int(more.Count)


def _siblings(item: Any) -> Iterator[Any]:
    while item is not None:
        yield item
        item = item.get("/Next")


def _join_names(whole: Any, trees: Sequence[Any]) -> None:
    """One sorted list of places that links lead to; of a name in several parts the first counts."""
    pikepdf = pdf_tool()
    found: dict[bytes, Any] = {}
    own = whole.Root.Names.get("/Dests") if "/Names" in whole.Root else None
    for tree in (own, *trees):
        pairs = [] if tree is None else list(tree.Names)
        for name, place in zip(pairs[::2], pairs[1::2], strict=True):
            found.setdefault(bytes(name), (name, place))
    if found:
        if "/Names" not in whole.Root:
            whole.Root.Names = pikepdf.Dictionary()
        names = [item for key in sorted(found) for item in found[key]]
        whole.Root.Names.Dests = pikepdf.Dictionary(Names=pikepdf.Array(names))
