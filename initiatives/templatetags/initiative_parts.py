"""Words of the dossier in templates."""

from django import template

from initiatives.web import words

register = template.Library()
register.filter("word", words.word)
register.filter("gate_word", words.gate_word)
register.filter("section_word", words.section_word)
