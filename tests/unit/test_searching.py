"""Texts are found by any part of them, whatever width or case it is written in."""

from hypothesis import given
from hypothesis import strategies as st

from shared.searching import folded, grams, words

TITLES = st.text("村集体 增收“〔2023〕１Ａa号", max_size=12)


def test_a_texts_grams_are_its_characters_and_pairs_without_blanks():
    assert grams("点亮 街") == ("亮", "点", "点亮", "街")
    assert grams("ab", "bc") == ("a", "ab", "b", "bc", "c")
    assert grams() == ()


def test_width_and_case_do_not_count():
    assert folded("Ｅ叶〔２０２３〕") == folded("e叶〔2023〕")


def test_what_is_looked_for_is_cut_at_blanks():
    assert words(" 石牌　点亮 ") == ["石牌", "点亮"]


@given(TITLES, st.integers(0, 12), st.integers(0, 12))
def test_every_part_of_a_text_has_no_gram_that_the_text_lacks(title: str, begin: int, end: int):
    text = folded(title)
    for word in words(text[begin:end]):
        assert word in text
        assert set(grams(word)) <= set(grams(text))
