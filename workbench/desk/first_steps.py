"""What is still missing before one can work: a model, articles."""

from dataclasses import dataclass

from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tasks.session import choose_model


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Whether there is a model and how it is called, or in one line why not; how many articles."""

    model: str
    problem: str
    articles: int

    @property
    def done(self) -> bool:
        """Say whether nothing is missing."""
        return not self.problem and self.articles > 0


def first_steps(library: Library, settings: Settings) -> FirstSteps:
    """Look what is missing; reads the headers of models, so it is no work for a face's thread.

    LibraryError where the library cannot be read.
    """
    from workbench.engine.openai.address import names_server

    articles = library.count()
    if names_server(settings.model):
        return FirstSteps(settings.model, "", articles)
    try:
        model, _reason = choose_model(settings)
    except WorkbenchError as error:
        return FirstSteps("", str(error), articles)
    return FirstSteps(model.name, "", articles)
