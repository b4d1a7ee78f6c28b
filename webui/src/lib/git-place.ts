/** What the address of a folder in a browser says of a git source. */
export interface GitPlace {
  repository: string
  /** Empty: the remote's HEAD, which an address with "master" means too. */
  revision: string
  /** "REPOSITORY/FOLDER", as a git source has it; empty: all of it. */
  sub_path: string
}

/** "https://host.example/team/repo.git" as "repo". */
export function repositoryName(url: string): string {
  const path = url.trim().replace(/[?#].*$/, '').replace(/\/+$/, '')
  return (path.split(/[/:]/).at(-1) ?? '').replace(/\.git$/, '')
}

function placeOf(base: string, parts: string[], end: number, revision: number): GitPlace {
  const repository = base + parts.slice(0, end).join('/')
  const named = parts[revision] ?? ''
  const folder = parts.slice(revision + 1).join('/')
  return { repository, revision: named === 'master' ? '' : named, sub_path: folder === '' ? '' : `${repositoryName(repository)}/${folder}` }
}

/**
 * Takes the addresses apart that GitHub, GitLab, Bitbucket and Gitea show of a folder, and what follows ".git/", as the
 * server does with what it is given. Null for what is a repository as it stands.
 */
export function takeApart(typed: string): GitPlace | null {
  const url = typed.trim()
  if (url.startsWith('/') || url.startsWith('file://')) return null
  const behind = /^(.*?[^/]\.git)\/+(.*?)\/*$/.exec(url)
  if (behind?.[1] !== undefined && behind[2] !== undefined) {
    return { repository: behind[1], revision: '', sub_path: behind[2] === '' ? '' : `${repositoryName(behind[1])}/${behind[2]}` }
  }
  const web = /^(https?:\/\/([^/]+)\/)([^?#]*)/.exec(url)
  if (web?.[1] === undefined || web[2] === undefined || web[3] === undefined) return null
  const [, base, host] = web
  const parts = web[3].replace(/\/+$/, '').split('/')
  const dash = parts.findIndex((part, index) => index > 0 && index + 2 < parts.length && part === '-' && parts[index + 1] === 'tree')
  if (dash > 0) return placeOf(base, parts, dash, dash + 2)
  if (parts.length < 4) return null
  if (parts[2] === 'tree') return placeOf(base, parts, 2, 3)
  if (parts[2] !== 'src') return null
  if (['branch', 'tag', 'commit'].includes(parts[3] ?? '') && parts.length > 4) return placeOf(base, parts, 2, 4)
  return host.includes('bitbucket') ? placeOf(base, parts, 2, 3) : null
}
