"""HTML to PDF: the one door to WeasyPrint. It fetches nothing but the pack's own fonts and sheets, from bytes.

Built to PDF/UA-1 and PDF/A-3a: the a-3a variant writes tags and associated files; the claim of UA-1 is added after.
The same HTML and attachments always give the same bytes: dates and identifiers come from what is rendered, and whether
it is laid out whole or in parts side by side depends on nothing but its length.
"""

from packs.rendering.copies import Named, named_in, stamp_copy
from packs.rendering.cutting import MOST_PARTS, PAYS
from packs.rendering.library import FONTS, SHEETS, Attached, CannotRender, NoLibrary, own_files
from packs.rendering.progress import Progress, silent
from packs.rendering.rendered import Rendered, needs_other_scripts, render_pdf

__all__ = [
    "FONTS",
    "MOST_PARTS",
    "PAYS",
    "SHEETS",
    "Attached",
    "CannotRender",
    "Named",
    "NoLibrary",
    "Progress",
    "Rendered",
    "named_in",
    "needs_other_scripts",
    "own_files",
    "render_pdf",
    "silent",
    "stamp_copy",
]
