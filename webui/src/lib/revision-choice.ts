interface Named {
  name: string
}

/** What a repository offers as revisions, as the server tells it. */
export interface Offered {
  head: string | null
  branches: readonly Named[]
  tags: readonly Named[]
  cut: boolean
}

/** What can be chosen, by kind. A tag that is named like a branch is not reached by its name. */
export function revisionGroups(offered: Offered): { group: string; items: string[] }[] {
  const branches = offered.branches.map((each) => each.name)
  const tags = offered.tags.map((each) => each.name).filter((name) => !branches.includes(name))
  return [
    { group: 'Branches', items: branches },
    { group: 'Tags', items: tags },
  ].filter((each) => each.items.length > 0)
}

function counted(count: number, word: string, plural: string): string {
  return count === 0 ? `no ${plural}` : count === 1 ? `1 ${word}` : `${count} ${plural}`
}

/** "HEAD is main · 3 branches · 1 tag" */
export function revisionsText(offered: Offered): string {
  const head = offered.head === null ? 'HEAD is no branch' : `HEAD is ${offered.head}`
  const counts = `${counted(offered.branches.length, 'branch', 'branches')} · ${counted(offered.tags.length, 'tag', 'tags')}`
  return `${head} · ${counts}${offered.cut ? ', and more' : ''}`
}
