// Before anything is painted, so that a dark screen never flashes white.
(() => {
  let kept = null
  try {
    kept = localStorage.getItem('pintle.theme')
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
