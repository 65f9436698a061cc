"use strict";
(() => {
  const every = 2000;
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.className = "note";
  document.querySelector("header").after(told);
  let missed = 0;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(10000) });
        if (!answer.ok) { throw new Error(String(answer.status)); }
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        const opened = new Set([...document.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
        document.title = next.title;
        for (const part of ["header", "nav", "main", "footer"]) {
          document.querySelector(part).replaceChildren(...next.querySelector(part).childNodes);
        }
        for (const one of document.querySelectorAll("details > summary")) {
          if (opened.has(one.textContent)) { one.parentElement.open = true; }
        }
        missed = 0;
        told.textContent = "";
      } catch {
        missed += 1;
        told.textContent = "The program does not answer any more: the run is over or was interrupted. What is shown is how it was last.";
      }
    }
    setTimeout(look, every * Math.min(1 + missed, 15));
  };
  setTimeout(look, every);
})();
