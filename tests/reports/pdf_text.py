"""What a reader finds in a PDF."""

import pypdfium2


def pages_of(pdf: bytes) -> list[str]:
    """Gives each page's text without white space and invisible break marks."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            text_page = page.get_textpage()
            text = text_page.get_text_range()
            pages.append(
                "".join(c for c in text if not c.isspace() and c not in "\u200b\ufffe\x02")
            )
            text_page.close()
            page.close()
        return pages
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    return "".join(pages_of(pdf))
