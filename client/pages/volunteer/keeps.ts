/** Whether this browser keeps anything for pages: private windows may not. */
export function isKeeping(): boolean {
  const probe = 'tabgrad.?';
  try {
    localStorage.setItem(probe, '');
    localStorage.removeItem(probe);
    return true;
  } catch {
    return false;
  }
}
