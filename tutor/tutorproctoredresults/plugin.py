"""
The Tutor plugin: the package in the image, its settings, its init task, and the result in the learning MFE.

What is rendered into Tutor's files is in the folder of this module: a file for each patch, the init task, the widget.
"""

from importlib.resources import files

from tutor import hooks
from tutor.types import Config

from tutorproctoredresults import __version__

try:
    from tutormfe.hooks import PLUGIN_SLOTS
except ImportError:  # A site without tutor-mfe has no learning MFE either.
    PLUGIN_SLOTS = None

HERE = files("tutorproctoredresults")

#: Name -> default. README.rst says what each does.
DEFAULTS = {
    "PROCTORED_RESULTS_VERSION": __version__,
    "PROCTORED_RESULTS_PACKAGE": "proctored-results=={{ PROCTORED_RESULTS_VERSION }}",
    "PROCTORED_RESULTS_ASIDES": True,
    "PROCTORED_RESULTS_LEARNING_MFE": True,
    "PROCTORED_RESULTS_PRIVATE_REPORTS": True,
    "PROCTORED_RESULTS_REJECTED_EXAMS_SCORE_ZERO": False,
}

LEARNING_SLOT = (
    "learning",
    "org.openedx.frontend.learning.course_breadcrumbs.v1",
    """{
      op: PLUGIN_OPERATIONS.Insert,
      widget: {
        id: 'proctored_exam_result',
        type: DIRECT_PLUGIN,
        priority: 10,
        RenderWidget: ProctoredExamResult,
      },
    }""",
)

hooks.Filters.CONFIG_DEFAULTS.add_items(list(DEFAULTS.items()))

hooks.Filters.CLI_DO_INIT_TASKS.add_item(("lms", (HERE / "tasks" / "lms.sh").read_text("utf-8")))

# Our patches come first, so the site's own plugins can override them. Those in patches_last come last, because they
# check whether another plugin has set up a report store.
for folder, priority in (("patches", hooks.priorities.HIGH), ("patches_last", hooks.priorities.LOW)):
    hooks.Filters.ENV_PATCHES.add_items(
        [(patch.name, patch.read_text("utf-8")) for patch in (HERE / folder).iterdir()], priority=priority
    )

if PLUGIN_SLOTS is not None:
    _shown = {"learning": True}

    @hooks.Actions.CONFIG_LOADED.add()
    def _read_config(config: Config) -> None:
        """Remember the site's setting, because the filter of slots does not get the configuration."""
        _shown["learning"] = bool(config.get("PROCTORED_RESULTS_LEARNING_MFE", True))

    @PLUGIN_SLOTS.add()
    def _add_slot(slots: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Put the widget into the learning MFE, if the site wants it."""
        return [*slots, LEARNING_SLOT] if _shown["learning"] else slots

    hooks.Filters.ENV_PATCHES.add_item(
        (
            "mfe-env-config-runtime-definitions-learning",
            "{% if PROCTORED_RESULTS_LEARNING_MFE %}\n"
            + (HERE / "ProctoredExamResult.jsx").read_text("utf-8")
            + "{% endif %}",
        )
    )
