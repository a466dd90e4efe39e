"""A report store on the local disk that can be told to wait."""

import time
from pathlib import Path
from typing import Any

from proctored_results.storage import PrivateReportStorage

#: Far longer than any test; a test that fails leaves nothing that waits for ever.
PATIENCE_SECONDS = 600


class WaitingStorage(PrivateReportStorage):
    """Takes no file for as long as there is a file `hold` beside its folder."""

    def _save(self, name: str, content: Any) -> str:
        hold = Path(self.location).parent / "hold"
        end = time.monotonic() + PATIENCE_SECONDS
        while hold.exists() and time.monotonic() < end:
            time.sleep(0.05)
        return super()._save(name, content)
