"""
The only package that imports from the platform (``lms``, ``common``, ``openedx``), always inside a function.

The imports are lazy for two reasons. The platform's models can only be imported after Django's apps are loaded. And
this package must be importable without an LMS: in Studio, or while documentation is built.
"""
