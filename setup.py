"""Packaging of proctored-results."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
REPOSITORY = "https://github.com/proctored-results/proctored-results"
VERSION = re.search(
    r'^__version__ = "([^"]+)"', (HERE / "proctored_results" / "__init__.py").read_text("utf-8"), re.MULTILINE
).group(1)


def readme() -> str:
    """Return the README for PyPI, which has no other file of the repository: its relative links become absolute."""
    text = (HERE / "README.rst").read_text("utf-8")
    text = re.sub(r"(`[^`<]*<)(?!\w+:)", rf"\1{REPOSITORY}/blob/v{VERSION}/", text)
    return re.sub(r"(image:: )(?!\w+:)", rf"\1{REPOSITORY}/raw/v{VERSION}/", text)


setup(
    name="proctored-results",
    version=VERSION,
    description="Proctored exam results for Open edX course teams and learners",
    long_description=readme(),
    long_description_content_type="text/x-rst",
    license_expression="AGPL-3.0-only",
    project_urls={
        "Documentation": f"{REPOSITORY}/blob/main/docs/index.rst",
        "Changelog": f"{REPOSITORY}/blob/main/CHANGELOG.rst",
        "Source": REPOSITORY,
        "Issues": f"{REPOSITORY}/issues",
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Django :: 4.2",
        "Framework :: Django :: 5.2",
        "Intended Audience :: Education",
        "Natural Language :: English",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["proctored_results", "proctored_results.*"]),
    include_package_data=True,
    # The folder is a symbolic link: a tool that walks the tree may find its files here or in conf/locale.
    package_data={"proctored_results": ["locale/*/LC_MESSAGES/django.*"]},
    zip_safe=False,
    python_requires=">=3.11",
    # Everything here is part of every supported LMS.
    install_requires=[
        "Django>=4.2,<6.0",
        "celery",
        "django-crum",
        "django-waffle",
        "djangorestframework",
        "drf-spectacular",
        "edx-django-utils",
        "edx-drf-extensions",
        "edx-opaque-keys[django]",
        "edx-proctoring",
        "kombu",
        "openedx-filters",
        "web-fragments",
        "XBlock",
    ],
    extras_require={
        "sandbox": ["dj-database-url", "django-cors-headers", "Mako", "PyMySQL"],
        "mysql": ["mysqlclient"],
        # Not celery[redis]: the platform installs a newer redis than that allows.
        "redis": ["redis"],
        "bench": ["django-storages[s3]", "matplotlib", "moto[s3,server]", "redis"],
        "test": [
            "axe-playwright-python",
            "build",
            "coverage>=7.10",
            "django-storages[s3]",
            "filelock",
            "hypothesis",
            "moto[s3,server]",
            "playwright",
            "pytest",
            "pytest-django",
            "pytest-xdist",
            "redis",
            "requests",
            "setuptools>=77",
            "twine",
        ],
        "quality": [
            "code-annotations",
            "import-linter>=2.17",
            "pre-commit",
            "scriv",
        ],
        "docs": ["Sphinx", "sphinx-book-theme"],
    },
    entry_points={
        "lms.djangoapp": ["proctored_results = proctored_results.apps:ProctoredResultsConfig"],
        "xblock_asides.v1": ["proctored_exam_result = proctored_results.learner.aside:ProctoredExamResultAside"],
    },
)
