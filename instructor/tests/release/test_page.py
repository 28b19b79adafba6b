"""The handout's page: what it holds, and how it looks in a browser."""

import html
import io
import re
from base64 import b64decode, b64encode

import nbformat
import pytest
from PIL import Image

from grading.kit import KIT
from instructor.release.alternative_texts import ALTERNATIVE_TEXTS
from instructor.release.formulas import as_mathml, split_at_equals
from instructor.release.page import STILL, notebook_page

NOTEBOOK = KIT / "mp_notebook.ipynb"
PHONE = 390  # pixels
LARGEST = 700_000  # bytes: it goes into the student's zip beside the notebook


@pytest.fixture(scope="module")
def text() -> str:
    return notebook_page(NOTEBOOK).decode()


@pytest.fixture
def page_of(tmp_path):
    """Make the page of a notebook with these cells."""

    def make(*cells: nbformat.NotebookNode) -> str:
        title = nbformat.v4.new_markdown_cell("# A title")
        path = tmp_path / "notebook.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[title, *cells]), path)
        return notebook_page(path).decode()

    return make


def images(page: str) -> list[str]:
    return re.findall(r'<img [^>]*alt="([^"]*)"', page)


def test_title_and_language(text):
    assert "<title>Policy gradients, up to PPO</title>" in text
    assert '<html lang="en">' in text
    assert text.count("<h1") == 1


def test_the_contents_list_every_heading(text):
    (contents,) = re.findall(r"<nav.*?</nav>", text, re.DOTALL)
    linked = re.findall(r'href="#([^"]+)"', contents)
    assert linked == re.findall(r'<h[23] id="([^"]+)"', text)
    assert len(set(linked)) == len(linked) > 20


def test_every_picture_is_told_in_words(text):
    assert len(images(text)) == text.count("<img ")
    assert min(map(len, images(text))) >= 30
    told = [html.escape(line) for lines in ALTERNATIVE_TEXTS.values() for line in lines]
    assert set(told) <= set(images(text)), "a picture of this cell is no longer there"


def test_it_is_small_and_fetches_nothing(text):
    assert len(text.encode()) < LARGEST
    assert not re.search(r'(?:src|href)="(?!#|data:|https://)', text)
    assert not re.search(r'<(?:link|script|img)[^>]*"http', text)


def test_a_formula_needs_no_letter_of_a_maths_font(text):
    formulas = re.findall(r"<math.*?</math>", text, re.DOTALL)
    assert len(formulas) > 50
    assert max(map(ord, "".join(formulas))) < 0x10000
    assert not re.search(r"\\[a-z]+|~", "".join(formulas))


def test_large_signs_have_their_size_written_in():
    formula = as_mathml(r"\Big(\sum_{i=1}^N r_i\Big)", displayed=True)
    assert formula.count("font-size: 1.623em") == 2
    assert formula.count("font-size: 1.5em") == 1
    assert "minsize" not in formula


def test_a_long_formula_in_the_text_may_break_behind_an_equals_sign():
    assert split_at_equals(r"a_{i=1} = b = c") == [r"a_{i=1} =", " b =", " c"]
    assert as_mathml("a = " * 20 + "b", displayed=False).count("<math") == 21
    assert as_mathml("a = b", displayed=False).count("<math") == 1


def test_code_keeps_its_dollars_and_a_formula_its_backslashes(page_of):
    page = page_of(nbformat.v4.new_markdown_cell(r"`$a$` is $\alpha_1 * b * c$, and $$x$$ follows"))
    assert "<code>$a$</code>" in page
    assert "<em>" not in page
    assert page.count("<math") == 2


def test_what_a_terminal_would_have_cleared_is_not_shown(page_of):
    waiting = "\x1b[?25l\r\x1b[2K\x1b[32m⠋\x1b[0m Testing ...\r\n\x1b[?25h\r\x1b[1A\x1b[2K"
    said = f"{waiting}\x1b[1mPart\x1b[0m\r\n"
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text=said)])
    page = page_of(cell)
    assert "Testing" not in page
    assert '<pre tabindex="0"><span class="ansi-bold">Part</span></pre>' in page


def test_of_an_animation_the_last_frame_is_shown(page_of):
    file = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    output = nbformat.v4.new_output(
        "display_data",
        {"image/gif": b64encode(file.getvalue()).decode()},
        metadata={"image/gif": {"alt": "red, <then> blue"}},
    )
    page = page_of(nbformat.v4.new_code_cell("1", outputs=[output]))
    assert images(page) == ["red, &lt;then&gt; blue"]
    (data,) = re.findall(r"base64,([^\"]+)", page)
    shown = Image.open(io.BytesIO(b64decode(data))).convert("RGB").getpixel((4, 4))
    assert shown == (0, 0, 255)
    assert STILL in page


# -- In a browser --


@pytest.fixture(scope="module")
def address(text, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, PHONE, 800, 1280, 1500])
def test_the_page_never_scrolls_sideways(browser, address, width):
    browser.complaints.clear()
    browser.requests.clear()
    browser.size(width, 900)
    browser.visit(address)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith(("data:", "about:"))] == [address]


@pytest.mark.slow
def test_wide_code_scrolls_by_itself_on_a_phone(browser, address):
    browser.size(PHONE, 900)
    browser.visit(address)
    wide = (
        "[...document.querySelectorAll('pre')].filter((pre) => pre.scrollWidth > pre.clientWidth)"
    )
    assert browser.run(f"{wide}.length") > 10
    assert browser.run(f"{wide}.every((pre) => getComputedStyle(pre).overflowX === 'auto')")


@pytest.mark.slow
def test_lines_are_of_readable_length(browser, address):
    browser.size(1920, 1000)
    browser.visit(address)
    # In this font a letter is about half as wide as it is high.
    size = browser.run("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    width = browser.run("document.querySelector('main > p').getBoundingClientRect().width")
    assert 60 < width / (size / 2) < 90


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_contrast(browser, address, dark):
    """Every colour of text stands out from its ground by 4.5 to 1, in both themes."""
    browser.size(1280, 1000, dark)
    browser.visit(address)
    assert browser.run(
        f"matchMedia('(prefers-color-scheme: dark)').matches === {str(dark).lower()}"
    )
    pairs = browser.run("""[...new Set([...document.querySelectorAll('body *')].map((element) => {
        let ground = element, colour;
        do { colour = getComputedStyle(ground).backgroundColor; ground = ground.parentElement; }
        while (colour === 'rgba(0, 0, 0, 0)' && ground);
        return getComputedStyle(element).color + ' on ' + colour; }))]""")
    assert len(pairs) > 8
    faint = [pair for pair in pairs if contrast(*pair.split(" on ")) < 4.5]
    assert faint == []


def contrast(*colours: str) -> float:
    """How much lighter one colour is than the other, as WCAG defines it."""
    lights = []
    for colour in colours:
        parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)
