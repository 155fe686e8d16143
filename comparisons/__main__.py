"""`python -m comparisons` is `selective-firing-compare`."""

import sys

from comparisons.cli import main

sys.exit(main())
