"""Okabe and Ito's colours, which people with any kind of colour vision can tell apart."""

from __future__ import annotations

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
VERMILION, SKY, BLACK = "#D55E00", "#56B4E9", "#000000"
GREY = "#BBBBBB"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY, BLACK)
