interface Dated {
  name: string
  updated_at: string
  jobs: { live: number; total: number }
}

/** The projects somebody most likely looks for: those with live jobs, then those that changed last. */
export function likelyProjects<T extends Dated>(projects: readonly T[], most: number): T[] {
  return [...projects]
    .sort((a, b) => Number(b.jobs.live > 0) - Number(a.jobs.live > 0) || b.updated_at.localeCompare(a.updated_at) || a.name.localeCompare(b.name))
    .slice(0, most)
}

/** "accuracy 0.9678  loss 0.11": a few reported values, the ones that say how good it is first. */
export function headline(properties: Record<string, unknown>, most = 3): [string, unknown][] {
  const rank = (name: string) => (/acc|score|f1|auc/i.test(name) ? 0 : /loss|error/i.test(name) ? 1 : 2)
  return Object.entries(properties)
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .slice(0, most)
}
