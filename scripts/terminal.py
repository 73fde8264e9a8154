"""Text of strangers on a terminal."""

from rich.markup import escape


def plain(text: object, *, lines: bool = False) -> str:
    """The text as rich prints it unchanged: no markup, nothing that moves the cursor.

    Control and direction characters become U+FFFD, so that a bundle or document can not repaint
    a verdict; line breaks too unless `lines`.
    """
    shown = (c if c.isprintable() or (lines and c == "\n") else "\ufffd" for c in str(text))
    return escape("".join(shown))
