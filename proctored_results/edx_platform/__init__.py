"""
The one room that knows the platform: every import from ``lms``, ``common`` and ``openedx`` stands in a function here.

The imports are lazy for two reasons. The platform's models can only be imported once Django's apps are loaded. And this
package must be importable where there is no LMS at all: in Studio, or while documentation is built.
"""
