"""The words of the page, in the language of the interface."""

from workbench.i18n import _


def texts() -> dict[str, str]:
    """Return every text of the page that is not a result's."""
    return {
        "results": _("results"),
        "with_wrong": _("with wrong facts"),
        "wrong_facts": _("wrong facts"),
        "failed": _("failed"),
        "flagged": _("Wrong facts"),
        "flagged_about": _("Facts that the article does not hold, or holds otherwise."),
        "none_wrong": _("Every fact that was found was found in its article."),
        "failures": _("Failures"),
        "charts": _("Lengths, speeds, support"),
        "articles": _("Articles"),
        "search": _("Search in titles and results, in either script"),
        "all": _("all"),
        "only_wrong": _("wrong facts"),
        "only_weak": _("weakly supported"),
        "show": _("Show"),
        "nothing": _("Nothing matches."),
        "title": _("title"),
        "source": _("source"),
        "date": _("date"),
        "way": _("model / template"),
        "points": _("points"),
        "wrong": _("wrong"),
        "support": _("support"),
        "length": _("characters"),
        "seconds": _("seconds"),
        "fact": _("fact"),
        "what": _("what is wrong"),
        "where": _("stated in"),
        "article": _("article"),
        "reason": _("reason"),
        "evidence": _("evidence"),
        "no_evidence": _("nothing in the article was found for this"),
        "subject": _("subject"),
        "timeline": _("Timeline"),
        "details": _("Results"),
        "page": _("Page"),
        "footer": _(
            "Facts are found by rules: what the rules do not see is neither right nor wrong here."
        ),
        "top": _("to the top"),
    }
