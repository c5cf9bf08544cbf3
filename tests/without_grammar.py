"""Keeps nbformat's import from compiling a grammar of web addresses: more than a second of it.

No notebook needs it, and where the package is missing, jsonschema does without.
"""

import sys

sys.modules["rfc3987_syntax"] = None
