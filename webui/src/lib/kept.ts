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

/** What a tab keeps over a reload, and no other tab sees. */
export function readForTab(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

export function keepForTab(key: string, value: string | null) {
  try {
    if (value === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, value)
  } catch {
    // Then it lasts as long as the page.
  }
}

/** Where a tab keeps what somebody filled into a project's form. */
export function keyOfFilled(user: string, project: string): string {
  return `pintle.form.${user}.${project}`
}

/** Which of a project's two front pages somebody chose here last. */
export function rememberedTab(project: string): string | null {
  return readKept(`pintle.tab.${project}`)
}

export function rememberTab(project: string, tab: 'summary' | 'form') {
  // Nothing is kept for those who never chose.
  if (tab === 'summary' || rememberedTab(project) !== null) keep(`pintle.tab.${project}`, tab)
}
