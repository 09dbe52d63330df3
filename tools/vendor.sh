#!/bin/sh
# Fetches the front-end files that ship with the portal into static/vendor/, once; the results are committed.
# Needs npm and the project's .venv (for the font subsets). Nothing of this is needed to run the portal.
set -eu

BOOTSTRAP=5.3.9
HTMX=2.0.11
SANS=3.52.0
SERIF=4.5.1
TABLER=3.51.0
ARABIC=5.3.0
HEBREW=5.3.0
EMOJI=5.3.2

root=$(cd "$(dirname "$0")/.." && pwd)
vendor="$root/static/vendor"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # fetch PACKAGE VERSION FOLDER
    mkdir -p "$work/$3"
    archive=$(cd "$work" && npm pack --silent "$1@$2")
    tar -xzf "$work/$archive" -C "$work/$3" --strip-components=1
}

fetch bootstrap "$BOOTSTRAP" bootstrap
fetch htmx.org "$HTMX" htmx
fetch source-sans "$SANS" sans
fetch source-serif "$SERIF" serif
fetch @tabler/icons "$TABLER" tabler
fetch @fontsource/noto-sans-arabic "$ARABIC" arabic
fetch @fontsource/noto-sans-hebrew "$HEBREW" hebrew
fetch @fontsource/noto-emoji "$EMOJI" emoji

rm -rf "$vendor"
mkdir -p "$vendor/bootstrap" "$vendor/htmx" "$vendor/fonts" "$vendor/tabler"

# Source maps are not shipped, so their pointers go too.
sed '/sourceMappingURL/d' "$work/bootstrap/dist/css/bootstrap-reboot.min.css" > "$vendor/bootstrap/reboot.min.css"
cp "$work/bootstrap/LICENSE" "$vendor/bootstrap/LICENSE"
sed '/sourceMappingURL/d' "$work/htmx/dist/htmx.min.js" > "$vendor/htmx/htmx.min.js"
cp "$work/htmx/LICENSE" "$vendor/htmx/LICENSE"

"$root/.venv/bin/python" "$root/tools/vendor_fonts.py" "$work" "$vendor/fonts"
cp "$work/sans/LICENSE.md" "$vendor/fonts/LICENSE-sans.md"
cp "$work/serif/LICENSE.md" "$vendor/fonts/LICENSE-serif.md"
# Scripts that the two families lack: read only into packs whose text needs them.
for script in arabic hebrew; do
    cp "$work/$script/files/noto-sans-$script-$script-400-normal.woff2" "$vendor/fonts/$script-400.woff2"
    cp "$work/$script/LICENSE" "$vendor/fonts/LICENSE-$script.txt"
done
cp "$work/emoji/files/noto-emoji-emoji-400-normal.woff2" "$vendor/fonts/emoji-400.woff2"
cp "$work/emoji/LICENSE" "$vendor/fonts/LICENSE-emoji.txt"

while read -r style name; do
    suffix=""
    [ "$style" = filled ] && suffix="-filled"
    tr '\n' ' ' < "$work/tabler/icons/$style/$name.svg" | sed 's/  */ /g; s/ *$//' > "$vendor/tabler/$name$suffix.svg"
done < "$root/tools/vendor_icons.txt"
cp "$work/tabler/LICENSE" "$vendor/tabler/LICENSE"

{
    echo "# Files from elsewhere. Made by tools/vendor.sh; do not edit by hand."
    echo "# bootstrap (reboot sheet only) $BOOTSTRAP, MIT"
    echo "# htmx $HTMX, Zero-Clause BSD"
    echo "# Source Sans $SANS and Source Serif $SERIF, SIL OFL 1.1: subsets, renamed as the licence asks"
    echo "# Noto Sans Arabic $ARABIC, Noto Sans Hebrew $HEBREW and Noto Emoji $EMOJI, SIL OFL 1.1"
    echo "# Tabler icons $TABLER, MIT"
    (cd "$vendor" && find . -type f ! -name MANIFEST | LC_ALL=C sort | xargs sha256sum)
} > "$work/MANIFEST"
mv "$work/MANIFEST" "$vendor/MANIFEST"
