"""The whole corpus, each case with a name of its own."""

from tests.proofs.hostile import corpus_er7, corpus_files, corpus_words, corpus_xml
from tests.proofs.hostile.cases import Case

PARTS = (corpus_xml, corpus_er7, corpus_files, corpus_words)


def corpus() -> list[Case]:
    return [case for part in PARTS for case in part.corpus()]
