/* Before anything is drawn: the theme that was chosen here, so that no wrong one is seen first. */
(() => {
  try {
    const theme = localStorage.getItem('theme');
    if (theme) document.documentElement.dataset.theme = theme;
  } catch { /* a browser that keeps nothing follows the device */ }
})();
