"""A report store on the local disk that tests can make wait."""

import time
from pathlib import Path
from typing import Any

from proctored_results.storage import PrivateReportStorage

#: Far longer than any test takes. After a failed test, nothing waits for ever.
PATIENCE_SECONDS = 600


class WaitingStorage(PrivateReportStorage):
    """Stores no file while a file `hold` exists next to its folder."""

    def _save(self, name: str, content: Any) -> str:
        hold = Path(self.location).parent / "hold"
        end = time.monotonic() + PATIENCE_SECONDS
        while hold.exists() and time.monotonic() < end:
            time.sleep(0.05)
        return super()._save(name, content)
