/** What the browser keeps for this person; nothing where storage is forbidden or full. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function keep(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Then it lasts as long as the page.
  }
}
