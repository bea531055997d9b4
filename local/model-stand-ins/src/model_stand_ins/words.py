"""Words: those of a text, and those that stand for a picture."""

import re
from collections import Counter
from hashlib import sha256

_MARKUP = re.compile(r"</?\w[^<>]*>")
_WORD = re.compile(r"\w+")

LONG_WORD = 5
"""Words with so many letters are taken to tell what a text is about."""

_NOUNS = """
    acid algebra alloy amber anchor angle apple arch arrow atlas atom aurora autumn axis bamboo barley basalt
    beacon beetle bell birch bridge bronze brook cactus camera canal candle canyon carbon castle cedar cell
    cello chalk circle citrus cliff clock cloud clover cobalt comet compass copper coral cotton crane crater
    crystal cube current cycle dahlia delta desert diagram diamond dolphin dome dragon drum dune eagle echo
    eclipse elbow ember engine enzyme equator falcon feather fern ferry fiddle flame flint flute forest fossil
    fountain fox fraction galaxy garden gear geyser ginger glacier globe granite graph grass gravity guitar
    harbor harp hazel helium heron hexagon honey horizon ink iris iron island ivory jasmine jungle jupiter kelp
    kettle kite ladder lagoon lake lantern laurel lava leaf lemon lens lever lilac lily linen lotus lynx magnet
    maple marble matrix meadow melody mercury meteor mill mineral mirror moon mosaic moss mountain nebula needle
    neuron nickel night oak oasis oat ocean olive onyx opal orbit orchid otter owl oxygen oyster palm paper
    parabola pearl pebble pepper piano pigeon pine planet plum polygon pond poppy prism pulley pyramid quartz
    quill rain raven reef ribbon river robin rocket root rose ruby rye saddle saffron sail salt sand sapphire
    satin saturn sequoia shadow shell silk silver slate snow solar spark sphere spiral spring square star statue
    steam stone storm straw summer swan tangent temple thistle thunder tide timber topaz torch tower tulip
    tundra turbine valley vector velvet vertex violet violin volcano walnut water wave wheat willow wind winter
    wolf yarrow zebra zenith zinc
"""


def words_of(text: str) -> list[str]:
    """The words of a text in its order, without markup around them."""
    return _WORD.findall(_MARKUP.sub(" ", text))


def key_words(words: list[str], count: int) -> list[str]:
    """The most frequent words in lower case, long ones if there are any; equally frequent ones in their order."""
    lowered = [word.lower() for word in words]
    telling = [word for word in lowered if len(word) >= LONG_WORD] or lowered
    return [word for word, _ in Counter(telling).most_common(count)]


def words_for(picture: bytes, count: int) -> list[str]:
    """Different words that the picture's bytes choose."""
    number = int.from_bytes(sha256(picture).digest(), "big")
    left = _NOUNS.split()
    chosen = []
    for _ in range(count):
        number, index = divmod(number, len(left))
        chosen.append(left.pop(index))
    return chosen
