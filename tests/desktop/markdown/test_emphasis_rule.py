"""Emphasis in scripts without blanks."""

from __future__ import annotations

import pytest

from desktop.pages.html_text import rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**价格：**100元", "<strong>价格：</strong>100元"),
        (
            "注意：**这是“重点”**内容。**「引用」**的",
            "注意：<strong>这是“重点”</strong>内容。<strong>「引用」</strong>的",
        ),
        ("これは*「強調」*と", "これは<em>「強調」</em>と"),
        ("**한국어(Korean)**는", "<strong>한국어(Korean)</strong>는"),
        ("**Note:**this", "**Note:**this"),
    ],
)
def test_asterisks_open_and_close_between_letters_and_marks(text: str, html: str) -> None:
    assert rendered(text).strip() == f'<p dir="auto">{html}</p>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("0.99*0.01/(0.99*0.01 + 0.05*.5)", "0.99*0.01/(0.99*0.01 + 0.05*.5)"),
        ("2*3*4 and (a+b)*(c+d)*2", "2*3*4 and (a+b)*(c+d)*2"),
        ("2**10 + 2**12", "2**10 + 2**12"),
        ("*2*3 is 6*", "<em>2*3 is 6</em>"),
        ("**bold** a*b*c *5* **5**", "<strong>bold</strong> a<em>b</em>c <em>5</em> <strong>5</strong>"),
        ("**5 m (x)*(y)** 2", "<strong>5 m (x)*(y)</strong> 2"),
        ("**x** 2**10 + 2**(12)", "<strong>x</strong> 2**10 + 2**(12)"),
        ("**So 2**10 + 2**12 = 5120** now", "<strong>So 2**10 + 2**12 = 5120</strong> now"),
        ("**GPT 4**5 and **x**", "<strong>GPT 4</strong>5 and <strong>x</strong>"),
        ("The *F1*(x) at *p < 0.05*(two-sided)", "The <em>F1</em>(x) at <em>p &lt; 0.05</em>(two-sided)"),
        ("**Q1**2024 and **Q2**2025", "<strong>Q1</strong>2024 and <strong>Q2</strong>2025"),
        ("y = 2 *x1*(z) and 5 *(3+2)*(4)", "y = 2 *x1*(z) and 5 *(3+2)*(4)"),
        ("*Journal*, *12*(3), 45 and *12*(3–4)", "<em>Journal</em>, <em>12</em>(3), 45 and <em>12</em>(3–4)"),
        ("*2024*(estimated) *PNAS* *99*(12):7", "<em>2024</em>(estimated) <em>PNAS</em> <em>99</em>(12):7"),
        ("5 *12*(3) and x *12*(3) and *2*(3+4)", "5 *12*(3) and x *12*(3) and *2*(3+4)"),
        ("*sum: 2*3 is 6*", "<em>sum: 2*3 is 6</em>"),
        ("**Step 1**, **2**", "<strong>Step 1</strong>, <strong>2</strong>"),
    ],
)
def test_asterisks_between_numbers_and_brackets_multiply(text: str, html: str) -> None:
    assert rendered(text).strip() == f'<p dir="auto">{html}</p>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "**GPT-4**(OpenAI)和**Claude 3**(Anthropic)",
            "<strong>GPT-4</strong>(OpenAI)和<strong>Claude 3</strong>(Anthropic)",
        ),
        ("Take **vitamin B12**(weekly).", "Take <strong>vitamin B12</strong>(weekly)."),
        ("**Aspirin (75 mg)**(once)", "<strong>Aspirin (75 mg)</strong>(once)"),
        ("First **(1)**(2)", "First <strong>(1)</strong>(2)"),
        ("*Python 3*(new)", "<em>Python 3</em>(new)"),
    ],
)
def test_asterisks_that_end_bold_words_are_no_product_before_a_bracket(text: str, html: str) -> None:
    assert rendered(text).strip() == f'<p dir="auto">{html}</p>'
