"""The page of a run that goes on: it is watched in a browser while a program runs, and when it is gone."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

# The run waits here, so that there is time to look.
SLOW = "features.start=sleep(6000);assign.start=sleep(4000)"


def check_live(browser, program, findings, shots, listen):
    """Runs a generated shop, and looks at its page from the beginning to behind the end."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([program, "synth", folder / "shop", "--customers", "3000"], check=True, capture_output=True)
        job = folder / "shop" / "job.toml"
        process = subprocess.Popen(
            [program, "run", job, "--status", "127.0.0.1:0", "--scratch", folder / "scratch"],
            env={**os.environ, "SEGMENTER_FAILPOINT": SLOW},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        url = next(found[1] for line in process.stderr if (found := re.search(r'"url":"([^"]+)"', line)))
        name, seen = "live", []
        page = listen(browser, name, findings, "live", url)
        page.goto(url)
        while process.poll() is None:
            text = page.locator("body").text_content()
            seen += [stage for stage in ("partition", "features", "assign") if stage in text and stage not in seen]
            if shots and "fit/behaviour" in text:
                page.screenshot(path=shots / "live.png", full_page=True)
            time.sleep(0.3)
        if seen != ["partition", "features", "assign"]:
            findings.add(name, f"it never told of all stages without being loaded again: {seen}")
        # Asked once a program is gone, a browser says so on its console: that is no fault of the page.
        page.remove_listener("console", page.listens)
        page.wait_for_function("document.body.textContent.includes('does not answer any more')", timeout=20000)
        page.context.close()
        print(f"{url}: told of {', '.join(seen)}, and that it was over", flush=True)
