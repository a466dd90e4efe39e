"""Packaging of proctored-results."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "([^"]+)"', (HERE / "proctored_results" / "__init__.py").read_text("utf-8"), re.MULTILINE
).group(1)

setup(
    name="proctored-results",
    version=VERSION,
    description="Proctored exam results for Open edX course teams and learners",
    long_description=(HERE / "README.rst").read_text("utf-8"),
    long_description_content_type="text/x-rst",
    license="AGPL-3.0",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Django :: 4.2",
        "Framework :: Django :: 5.2",
        "Intended Audience :: Education",
        "License :: OSI Approved :: GNU Affero General Public License v3",
        "Natural Language :: English",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
    ],
    packages=find_packages(include=["proctored_results", "proctored_results.*"]),
    include_package_data=True,
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
            "setuptools>=68",
        ],
        "quality": [
            "code-annotations",
            "import-linter",
            "mypy",
            "ruff",
            "twine",
        ],
        "docs": ["Sphinx"],
    },
    entry_points={
        "lms.djangoapp": ["proctored_results = proctored_results.apps:ProctoredResultsConfig"],
        "xblock_asides.v1": ["proctored_exam_result = proctored_results.learner.aside:ProctoredExamResultAside"],
    },
)
