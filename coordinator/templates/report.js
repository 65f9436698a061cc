"use strict";
(() => {
  const all = () => [...document.querySelectorAll("details")];
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all().filter((one) => !one.open);
    opened.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const within = target && target.closest("details");
    if (within) { within.open = true; }
  };
  addEventListener("hashchange", open);
  open();
})();
