"""`python -m selective_firing` is `selective-firing`."""

import sys

from selective_firing.cli.main import main

sys.exit(main())
